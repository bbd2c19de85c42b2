//! From blocks of provisional numbers to the log: leave out accounts with too few rows, number every
//! key by content, sort the rows.
//!
//! Every step works on one column at a time and drops what it replaces, so at the peak there is the
//! log, one more column and four bytes a row for the way to its bucket.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rayon::prelude::*;

use crate::base::run::Run;
use crate::events::error::Error;
use crate::events::log::{EventLog, KeyColumn, NONE, TimeColumn};
use crate::events::order::{Buckets, settle};
use crate::events::request::{ReadOptions, Wanted};
use crate::sparse::dictionary::Dictionary;
use crate::sparse::interner::{Full, Interner, Places, Renumbering};

/// The rows of one chunk, keys as provisional numbers.
#[derive(Default)]
pub(super) struct Block {
    pub(super) account: Vec<u32>,
    /// By key column.
    pub(super) keys: Vec<Vec<u32>>,
    /// By time column.
    pub(super) times: Vec<Vec<i64>>,
}

/// The interners of all columns.
pub(super) struct Interners {
    pub(super) accounts: Interner,
    /// By key column; unused for relations, whose values are accounts.
    pub(super) keys: Vec<Interner>,
}

/// The log of all blocks and the number of rows that participation filtered. `found` says which
/// columns are there, by slot.
pub(super) fn assemble(
    mut blocks: Vec<Block>,
    interners: Interners,
    wanted: &Wanted,
    found: &[bool],
    options: &ReadOptions,
    run: &Run,
) -> Result<(EventLog, u64), Error> {
    let rows_before: usize = blocks.iter().map(|block| block.account.len()).sum();
    if options.min_participation > 1 {
        let places = interners.accounts.places();
        keep_active(&mut blocks, &places, options.min_participation);
    }
    let rows: usize = blocks.iter().map(|block| block.account.len()).sum();
    if rows >= u32::MAX as usize {
        return Err(Error::TooManyRows);
    }
    let used = (rows < rows_before).then(|| mark_used(&blocks, &interners, wanted));
    run.check()?;
    let mut finished = finish(interners, used.as_deref())?;
    run.check()?;

    let (accounts, account_ranks) = finished.remove(0);
    let mut account = take(&mut blocks, |block| &mut block.account);
    account.par_iter_mut().for_each(|numbers| {
        for number in numbers {
            *number = account_ranks.rank(*number);
        }
    });
    let buckets = Buckets::of(&account, accounts.len());
    let account = buckets.gather(account, |rank| rank);
    let mut keys = Vec::new();
    for (column, (key, (dictionary, ranks))) in wanted.keys.iter().zip(finished).enumerate() {
        let ranks = if key.accounts { &account_ranks } else { &ranks };
        let parts = take(&mut blocks, |block| &mut block.keys[column]);
        if found[1 + column] {
            keys.push(KeyColumn {
                name: key.name.clone(),
                accounts: key.accounts,
                dictionary,
                ids: buckets.gather(parts, |number| ranks.rank(number)),
            });
        }
    }
    drop(account_ranks);
    let mut times = Vec::new();
    for (column, name) in wanted.times.iter().enumerate() {
        let parts = take(&mut blocks, |block| &mut block.times[column]);
        if found[1 + wanted.keys.len() + column] {
            times.push(TimeColumn {
                name: name.clone(),
                micros: buckets.gather(parts, |time| time),
            });
        }
    }
    drop(blocks);
    run.check()?;

    let mut log = EventLog {
        accounts,
        account,
        first_row: Vec::new(),
        keys,
        times,
    };
    settle(&mut log, &buckets);
    Ok((log, (rows_before - rows) as u64))
}

/// One column of all blocks, which have it no more.
fn take<T>(blocks: &mut [Block], column: impl Fn(&mut Block) -> &mut Vec<T>) -> Vec<Vec<T>> {
    let parts = blocks.iter_mut().map(|block| std::mem::take(column(block)));
    parts.collect()
}

/// Leaves out the rows of accounts that have fewer than `least`.
fn keep_active(blocks: &mut [Block], places: &Places, least: u32) {
    let counts: Vec<AtomicU32> = (0..places.len()).map(|_| AtomicU32::new(0)).collect();
    blocks.par_iter().for_each(|block| {
        for &account in &block.account {
            counts[places.dense(account)].fetch_add(1, Ordering::Relaxed);
        }
    });
    let active = |account: u32| counts[places.dense(account)].load(Ordering::Relaxed) >= least;
    blocks.par_iter_mut().for_each(|block| {
        let keep: Vec<bool> = block
            .account
            .iter()
            .map(|&account| active(account))
            .collect();
        retain(&mut block.account, &keep);
        block
            .keys
            .iter_mut()
            .for_each(|column| retain(column, &keep));
        block
            .times
            .iter_mut()
            .for_each(|column| retain(column, &keep));
    });
}

fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    column.retain(|_| keep.next().is_none_or(|&keep| keep));
}

/// Which keys the rows that are left still use: accounts first, then every key column, by place.
fn mark_used(blocks: &[Block], interners: &Interners, wanted: &Wanted) -> Vec<Vec<AtomicBool>> {
    let places: Vec<Places> = std::iter::once(&interners.accounts)
        .chain(&interners.keys)
        .map(Interner::places)
        .collect();
    let used: Vec<Vec<AtomicBool>> = places
        .iter()
        .map(|places| (0..places.len()).map(|_| AtomicBool::new(false)).collect())
        .collect();
    let mark = |column: usize, numbers: &[u32]| {
        for &number in numbers.iter().filter(|&&number| number != NONE) {
            used[column][places[column].dense(number)].store(true, Ordering::Relaxed);
        }
    };
    blocks.par_iter().for_each(|block| {
        mark(0, &block.account);
        for (column, numbers) in block.keys.iter().enumerate() {
            mark(
                if wanted.keys[column].accounts {
                    0
                } else {
                    1 + column
                },
                numbers,
            );
        }
    });
    used
}

/// Dictionaries and ranks: accounts first, then every key column.
fn finish(
    interners: Interners,
    used: Option<&[Vec<AtomicBool>]>,
) -> Result<Vec<(Dictionary, Renumbering)>, Full> {
    let mut all = vec![interners.accounts];
    all.extend(interners.keys);
    all.into_par_iter()
        .enumerate()
        .map(|(column, interner)| {
            interner
                .finish(|place| used.is_none_or(|used| used[column][place].load(Ordering::Relaxed)))
        })
        .collect()
}
