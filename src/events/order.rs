//! The order of the log: by account, then by times, then by keys.
//!
//! Rows are grouped by account (a counting sort), and each account's few rows are sorted. A row is compared
//! by its first time, which decides nearly always; only ties look at the other columns. Equal rows are equal
//! in every column, so an unstable sort leaves no trace of the order they came in.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::events::log::EventLog;
use crate::sparse::chunks;
use crate::sparse::grouping::{Groups, group};

/// Rows sorted by one task, about.
const WORK: u64 = 1 << 16;

/// Sorts the rows of a log whose columns are as they were read, and fills `first_row`.
///
/// Cost: linear but for the sort within accounts; twelve bytes a row while the order is made.
pub(super) fn bring_into_order(log: &mut EventLog) {
    let Groups {
        offsets,
        items: mut order,
    } = group(log.len(), log.accounts.len(), |row| {
        Some((log.account[row], row as u32))
    });
    sort_within_accounts(log, &offsets, &mut order);
    for column in &mut log.times {
        column.micros = gather(&column.micros, &order);
    }
    for column in &mut log.keys {
        column.ids = gather(&column.ids, &order);
    }
    drop(order);
    fill_accounts(&mut log.account, &offsets);
    log.first_row = offsets;
}

fn gather<T: Copy + Send + Sync>(column: &[T], order: &[u32]) -> Vec<T> {
    order.par_iter().map(|&row| column[row as usize]).collect()
}

fn sort_within_accounts(log: &EventLog, offsets: &[u64], order: &mut [u32]) {
    let mut rest = order;
    let mut tasks = Vec::new();
    for accounts in chunks::by_work(offsets, WORK) {
        let length = offsets[accounts.end] - offsets[accounts.start];
        let (rows, after) = rest.split_at_mut(length as usize);
        tasks.push((&offsets[accounts.start..=accounts.end], rows));
        rest = after;
    }
    let no_times = Vec::new();
    let first_times = log.times.first().map_or(&no_times, |column| &column.micros);
    tasks.into_par_iter().for_each(|(offsets, mut rest)| {
        let mut placed: Vec<(i64, u32)> = Vec::new();
        for ends in offsets.windows(2) {
            let (rows, after) = rest.split_at_mut((ends[1] - ends[0]) as usize);
            rest = after;
            let time = |row: u32| first_times.get(row as usize).copied().unwrap_or_default();
            placed.clear();
            placed.extend(rows.iter().map(|&row| (time(row), row)));
            placed.sort_unstable_by(|a, b| {
                let ties = || compare_columns(log, a.1 as usize, b.1 as usize);
                a.0.cmp(&b.0).then_with(ties)
            });
            for (row, placed) in rows.iter_mut().zip(&placed) {
                *row = placed.1;
            }
        }
    });
}

/// Two rows by the times after the first, then by keys.
fn compare_columns(log: &EventLog, a: usize, b: usize) -> Ordering {
    let times = log.times.iter().skip(1);
    let times = times.map(|column| column.micros[a].cmp(&column.micros[b]));
    let keys = log.keys.iter();
    let keys = keys.map(|column| column.ids[a].cmp(&column.ids[b]));
    times
        .chain(keys)
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Writes the account of each row, which its place says.
fn fill_accounts(account: &mut [u32], first_row: &[u64]) {
    let mut rest = account;
    for (id, ends) in first_row.windows(2).enumerate() {
        let (own, after) = rest.split_at_mut((ends[1] - ends[0]) as usize);
        own.fill(id as u32);
        rest = after;
    }
}
