//! From piles of provisional numbers to the log: leave out accounts with too few rows, number every
//! key by content, sort the rows.
//!
//! Every step works on one column at a time and drops what it replaces, so at the peak there is the
//! log, one more column and two bytes a row for the way to its bucket.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rayon::prelude::*;

use crate::base::run::Run;
use crate::events::error::Error;
use crate::events::log::{EventLog, KeyColumn, NONE, TimeColumn};
use crate::events::order::{Buckets, settle};
use crate::events::pile::Pile;
use crate::events::request::{ReadOptions, Wanted};
use crate::sparse::dictionary::Dictionary;
use crate::sparse::interner::{Full, Interner, Places, Renumbering};

/// The interners of all columns.
pub(super) struct Interners {
    pub(super) accounts: Interner,
    /// By key column; unused for relations, whose values are accounts.
    pub(super) keys: Vec<Interner>,
}

/// The log of all piles and the number of rows that participation filtered. `found` says which
/// columns are there, by slot.
pub(super) fn assemble(
    mut piles: Vec<Pile>,
    interners: Interners,
    wanted: &Wanted,
    found: &[bool],
    options: &ReadOptions,
    run: &Run,
) -> Result<(EventLog, u64), Error> {
    let rows_before: usize = piles.iter().map(Pile::rows).sum();
    if options.min_participation > 1 {
        let places = interners.accounts.places();
        keep_active(&mut piles, &places, options.min_participation);
    }
    let rows: usize = piles.iter().map(Pile::rows).sum();
    if rows >= u32::MAX as usize {
        return Err(Error::TooManyRows);
    }
    let used = (rows < rows_before).then(|| mark_used(&piles, &interners, wanted));
    run.check()?;
    let mut finished = finish(interners, used.as_deref())?;
    run.check()?;

    let (accounts, account_ranks) = finished.remove(0);
    let mut account = take(&mut piles, |pile| &mut pile.account);
    for numbers in &mut account {
        numbers
            .par_iter_mut()
            .for_each(|number| *number = account_ranks.rank(*number));
    }
    let buckets = Buckets::of(&account, accounts.len());
    let (mut spare, account) = {
        let column = buckets.gather(&account, |rank| rank, Vec::new());
        (largest(account), column)
    };
    let mut keys = Vec::new();
    for (column, (key, (dictionary, ranks))) in wanted.keys.iter().zip(finished).enumerate() {
        let ranks = if key.accounts { &account_ranks } else { &ranks };
        let parts = take(&mut piles, |pile| &mut pile.keys[column]);
        if found[1 + column] {
            keys.push(KeyColumn {
                name: key.name.clone(),
                accounts: key.accounts,
                dictionary,
                ids: buckets.gather(&parts, |number| ranks.rank(number), spare),
            });
            spare = largest(parts);
        }
    }
    drop((account_ranks, spare));
    let mut times = Vec::new();
    for (column, name) in wanted.times.iter().enumerate() {
        let parts = take(&mut piles, |pile| &mut pile.times[column]);
        if found[1 + wanted.keys.len() + column] {
            times.push(TimeColumn {
                name: name.clone(),
                micros: buckets.gather(&parts, |time| time, Vec::new()),
            });
        }
    }
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

/// One column of all piles, which have it no more.
fn take<T>(piles: &mut [Pile], column: impl Fn(&mut Pile) -> &mut Vec<T>) -> Vec<Vec<T>> {
    let parts = piles.iter_mut().map(|pile| std::mem::take(column(pile)));
    parts.collect()
}

/// The part with most room.
fn largest(parts: Vec<Vec<u32>>) -> Vec<u32> {
    parts
        .into_iter()
        .max_by_key(Vec::capacity)
        .unwrap_or_default()
}

/// Leaves out the rows of accounts that have fewer than `least`.
fn keep_active(piles: &mut [Pile], places: &Places, least: u32) {
    let counts: Vec<AtomicU32> = (0..places.len()).map(|_| AtomicU32::new(0)).collect();
    for pile in &*piles {
        pile.account.par_iter().for_each(|&account| {
            counts[places.dense(account)].fetch_add(1, Ordering::Relaxed);
        });
    }
    for pile in piles {
        pile.retain(|account| counts[places.dense(account)].load(Ordering::Relaxed) >= least);
    }
}

/// Which keys the rows that are left still use: accounts first, then every key column, by place.
fn mark_used(piles: &[Pile], interners: &Interners, wanted: &Wanted) -> Vec<Vec<AtomicBool>> {
    let places: Vec<Places> = std::iter::once(&interners.accounts)
        .chain(&interners.keys)
        .map(Interner::places)
        .collect();
    let used: Vec<Vec<AtomicBool>> = places
        .iter()
        .map(|places| (0..places.len()).map(|_| AtomicBool::new(false)).collect())
        .collect();
    let mark = |column: usize, numbers: &[u32]| {
        let numbers = numbers.par_iter().filter(|&&number| number != NONE);
        numbers.for_each(|&number| {
            used[column][places[column].dense(number)].store(true, Ordering::Relaxed);
        });
    };
    for pile in piles {
        mark(0, &pile.account);
        for (column, (numbers, key)) in pile.keys.iter().zip(&wanted.keys).enumerate() {
            mark(if key.accounts { 0 } else { 1 + column }, numbers);
        }
    }
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
