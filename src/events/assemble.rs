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
    let mut places = places(&piles, &interners, wanted);
    if options.min_participation > 1 {
        keep_active(&mut piles, &places[0], options.min_participation);
    }
    let rows: usize = piles.iter().map(Pile::rows).sum();
    if rows >= u32::MAX as usize {
        return Err(Error::TooManyRows);
    }
    for pile in &mut piles {
        let there = (0..wanted.keys.len()).filter(|column| found[1 + column]);
        there.for_each(|column| pile.fill(column));
    }
    let used = (rows < rows_before).then(|| mark_used(&piles, &places, wanted));
    run.check()?;
    let (own_places, own_used) = (places.remove(0), used.as_ref().map(|used| &*used[0]));
    let keys_used = used.as_ref().map(|used| &used[1..]);
    let account = take(&mut piles, |pile| &mut pile.account);
    // To rank keys is to wait for one column of them; meanwhile there are rows to bring where they belong.
    let (who, ranked) = rayon::join(
        || Who::of(account, interners.accounts, own_places, own_used),
        || rank(interners.keys, places, keys_used),
    );
    let (mut who, ranked) = (who?, ranked?);
    run.check()?;
    let mut keys = Vec::new();
    let columns = wanted.keys.iter().zip(ranked).enumerate();
    for (column, (key, (dictionary, ranks))) in columns {
        let ranks = if key.accounts { &who.ranks } else { &ranks };
        let parts = take(&mut piles, |pile| &mut pile.keys[column]);
        if found[1 + column] {
            let spare = std::mem::take(&mut who.spare);
            keys.push(KeyColumn {
                name: key.name.clone(),
                accounts: key.accounts,
                dictionary,
                ids: who
                    .buckets
                    .gather(&parts, |number| ranks.rank(number), spare),
            });
            who.spare = largest(parts);
        }
    }
    let Who {
        accounts,
        account,
        buckets,
        ranks,
        spare,
    } = who;
    drop((ranks, spare));
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

/// The accounts, and where their rows go.
struct Who {
    accounts: Dictionary,
    ranks: Renumbering,
    buckets: Buckets,
    /// By row, in their buckets.
    account: Vec<u32>,
    /// Memory that is not needed any more.
    spare: Vec<u32>,
}

impl Who {
    /// `account` is by pile and row.
    fn of(
        mut account: Vec<Vec<u32>>,
        interner: Interner,
        places: Places,
        used: Option<&[AtomicBool]>,
    ) -> Result<Self, Full> {
        let (accounts, ranks) = interner.finish(places, keep(used))?;
        for numbers in &mut account {
            numbers
                .par_iter_mut()
                .for_each(|number| *number = ranks.rank(*number));
        }
        let buckets = Buckets::of(&account, accounts.len());
        let gathered = buckets.gather(&account, |rank| rank, Vec::new());
        Ok(Who {
            accounts,
            ranks,
            buckets,
            account: gathered,
            spare: largest(account),
        })
    }
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

/// How the numbers of all columns lie in dense arrays: accounts first, then every key column.
fn places(piles: &[Pile], interners: &Interners, wanted: &Wanted) -> Vec<Places> {
    let mut numbers: Vec<Vec<&[u32]>> = vec![Vec::new(); 1 + wanted.keys.len()];
    for pile in piles {
        numbers[0].push(&pile.account);
        for (column, (own, key)) in pile.keys.iter().zip(&wanted.keys).enumerate() {
            numbers[if key.accounts { 0 } else { 1 + column }].push(own);
        }
    }
    let interners: Vec<&Interner> = std::iter::once(&interners.accounts)
        .chain(&interners.keys)
        .collect();
    let columns = interners.into_par_iter().zip(numbers);
    columns
        .map(|(interner, numbers)| interner.places(&numbers))
        .collect()
}

/// Which keys the rows that are left still use: accounts first, then every key column, by place.
fn mark_used(piles: &[Pile], places: &[Places], wanted: &Wanted) -> Vec<Vec<AtomicBool>> {
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

/// Whether a key is kept, by its place: if it is used, where that was asked.
fn keep(used: Option<&[AtomicBool]>) -> impl Fn(usize) -> bool + Sync {
    move |place| used.is_none_or(|used| used[place].load(Ordering::Relaxed))
}

/// Dictionaries and ranks of all key columns.
fn rank(
    interners: Vec<Interner>,
    places: Vec<Places>,
    used: Option<&[Vec<AtomicBool>]>,
) -> Result<Vec<(Dictionary, Renumbering)>, Full> {
    let columns = interners.into_par_iter().zip(places).enumerate();
    columns
        .map(|(column, (interner, places))| {
            let used = used.map(|used| used[column].as_slice());
            interner.finish(places, keep(used))
        })
        .collect()
}
