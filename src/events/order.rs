//! The order of the log: by account, then by times, then by keys.
//!
//! Accounts are cut into ranges of about equally many rows. A task goes through the account column,
//! drops the rows of its range into the places of their accounts (a counting sort), and sorts each
//! account's few rows. A row travels with its first time, which decides nearly every comparison, so
//! that the sort stays within memory it has just written; only ties look at the columns. Equal rows
//! are equal in every column, so an unstable sort leaves no trace of the order they came in.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use crate::events::log::EventLog;

/// Rows of a range of accounts, about. Every range costs a walk along the account column...
const ROWS_PER_RANGE: usize = 1 << 20;
/// ...so there are no more than this.
const MOST_RANGES: usize = 16;

/// A row on its way to its place.
#[derive(Clone, Copy, Default)]
struct Placed {
    time: i64,
    row: u32,
}

/// Sorts the rows of a log whose columns are as they were read, and fills `first_row`.
///
/// Cost: linear but for the sort within accounts; four bytes a row for the order, and 16 for the
/// rows of the ranges that are being sorted.
pub(super) fn bring_into_order(log: &mut EventLog) {
    log.first_row = first_rows(&log.account, log.accounts.len());
    let order = order_of(log);
    for column in &mut log.times {
        column.micros = gather(&column.micros, &order);
    }
    for column in &mut log.keys {
        column.ids = gather(&column.ids, &order);
    }
    drop(order);
    fill_accounts(&mut log.account, &log.first_row);
}

fn first_rows(account: &[u32], accounts: usize) -> Vec<u64> {
    let mut first_row = vec![0; accounts + 1];
    for &account in account {
        first_row[account as usize + 1] += 1;
    }
    for account in 0..accounts {
        first_row[account + 1] += first_row[account];
    }
    first_row
}

fn gather<T: Copy + Send + Sync>(column: &[T], order: &[u32]) -> Vec<T> {
    order.par_iter().map(|&row| column[row as usize]).collect()
}

/// For each row of the result, the row it comes from.
fn order_of(log: &EventLog) -> Vec<u32> {
    let mut order = vec![0; log.len()];
    let mut rest = order.as_mut_slice();
    let mut tasks = Vec::new();
    for accounts in ranges(&log.first_row) {
        let rows = log.first_row[accounts.end] - log.first_row[accounts.start];
        let (target, after) = rest.split_at_mut(rows as usize);
        tasks.push((accounts, target));
        rest = after;
    }
    tasks.into_par_iter().for_each(|(accounts, target)| {
        let mut placed = place(log, accounts.clone(), target.len());
        sort_within_accounts(log, accounts, &mut placed);
        for (target, placed) in target.iter_mut().zip(placed) {
            *target = placed.row;
        }
    });
    order
}

/// Consecutive ranges of accounts that cover all.
fn ranges(first_row: &[u64]) -> Vec<Range<usize>> {
    let accounts = first_row.len() - 1;
    let rows = first_row[accounts] as usize;
    let wanted_rows = ROWS_PER_RANGE.max(rows.div_ceil(MOST_RANGES)) as u64;
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < accounts {
        let border = first_row[start] + wanted_rows;
        let end = first_row.partition_point(|&row| row < border);
        let end = end.clamp(start + 1, accounts);
        ranges.push(start..end);
        start = end;
    }
    ranges
}

/// The rows of a range of accounts: those of the first as they came, then those of the next, and so
/// on.
fn place(log: &EventLog, accounts: Range<usize>, rows: usize) -> Vec<Placed> {
    let first = log.first_row[accounts.start];
    let mut next: Vec<u32> = log.first_row[accounts.clone()]
        .iter()
        .map(|&row| (row - first) as u32)
        .collect();
    let times = log.times.first().map(|column| &column.micros[..]);
    let mut placed = vec![Placed::default(); rows];
    for (row, &account) in log.account.iter().enumerate() {
        let local = (account as usize).wrapping_sub(accounts.start);
        if let Some(slot) = next.get_mut(local) {
            let time = times.map_or(0, |micros| micros[row]);
            let row = row as u32;
            placed[*slot as usize] = Placed { time, row };
            *slot += 1;
        }
    }
    placed
}

fn sort_within_accounts(log: &EventLog, accounts: Range<usize>, placed: &mut [Placed]) {
    let compare = |a: &Placed, b: &Placed| {
        a.time
            .cmp(&b.time)
            .then_with(|| compare_columns(log, a.row as usize, b.row as usize))
    };
    let mut rest = placed;
    for account in accounts {
        let (own, after) = rest.split_at_mut(log.rows_of(account as u32).len());
        own.sort_unstable_by(compare);
        rest = after;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_all_accounts_once() {
        let wide = ROWS_PER_RANGE as u64;
        for first_row in [
            vec![0],
            vec![0, 0, 0],
            vec![0, 3, 3, 3 * wide, 3 * wide, 4 * wide],
            (0..100).map(|account| account * wide).collect(),
        ] {
            let ranges = ranges(&first_row);
            let covered: Vec<usize> = ranges.iter().cloned().flatten().collect();
            assert_eq!(covered, (0..first_row.len() - 1).collect::<Vec<_>>());
            assert!(ranges.len() <= MOST_RANGES + 1);
        }
    }
}
