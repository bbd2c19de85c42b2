//! The order of the log: by account, then by times, then by keys.
//!
//! First every row goes to its *bucket*, a run of accounts whose rows fit a near cache, column by column and
//! block by block, so that nothing is fetched from afar one value at a time. Then every bucket is put in order
//! where it lies: a counting sort by account, and a sort of each account's few rows. A row is compared by its
//! first time, which decides nearly always; only ties look at the other columns. Equal rows are equal in every
//! column, so an unstable sort leaves no trace of the order they came in.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use crate::events::log::EventLog;
use crate::events::pile::blocks;
use crate::sparse::chunks;

/// Rows of a bucket, about: some 24 bytes each, a third of a second-level cache.
const BUCKET_ROWS: usize = 1 << 14;
/// Buckets at the most: as many streams can be written side by side.
const BUCKETS: usize = 512;

/// Which rows of which block go to which bucket.
pub(super) struct Buckets {
    /// Accounts of a bucket: two to this power.
    shift: u32,
    count: usize,
    /// Block by block, bucket by bucket: numbers of rows within their block, in the order they came.
    rows: Vec<u16>,
    /// By block: where in its rows each bucket begins, and where the last one ends.
    blocks: Vec<Vec<u32>>,
}

impl Buckets {
    /// Buckets for rows that were done by accounts `0..accounts`.
    pub(super) fn of(account: &[Vec<u32>], accounts: usize) -> Self {
        let count: usize = account.iter().map(Vec::len).sum();
        let wanted = count.div_ceil(BUCKET_ROWS).clamp(1, BUCKETS);
        let width = accounts.div_ceil(wanted).next_power_of_two();
        let shift = width.ilog2();
        let mut rows = vec![0; count];
        let mut rest = rows.as_mut_slice();
        let count = accounts.div_ceil(width);
        let tasks: Vec<(&[u32], &mut [u16])> = blocks(account)
            .map(|account| {
                let own = rest.split_off_mut(..account.len());
                (account, own.unwrap_or_default())
            })
            .collect();
        let blocks = tasks
            .into_par_iter()
            .map(|(account, rows)| part(account, shift, count, rows))
            .collect();
        Buckets {
            shift,
            count,
            rows,
            blocks,
        }
    }

    /// One column out of its parts, as many as there were of accounts; `change` is applied to every value. The column
    /// takes the place of `spare`, whatever is in it, if that is large enough: memory that was used before need not be
    /// asked of the system page by page.
    pub(super) fn gather<T: Copy + Default + Send + Sync>(
        &self,
        parts: &[Vec<T>],
        change: impl Fn(T) -> T + Sync,
        spare: Vec<T>,
    ) -> Vec<T> {
        let mut column = if spare.capacity() < self.rows.len() {
            vec![T::default(); self.rows.len()]
        } else {
            spare
        };
        column.resize(self.rows.len(), T::default());
        let mut targets: Vec<Vec<&mut [T]>> = self
            .blocks
            .iter()
            .map(|_| Vec::with_capacity(self.count))
            .collect();
        let mut rest = column.as_mut_slice();
        for bucket in 0..self.count {
            for (targets, starts) in targets.iter_mut().zip(&self.blocks) {
                let target = rest.split_off_mut(..range(starts, bucket).len());
                targets.push(target.unwrap_or_default());
            }
        }
        let mut rows = self.rows.as_slice();
        let tasks: Vec<_> = blocks(parts)
            .zip(&self.blocks)
            .zip(targets)
            .map(|((part, starts), targets)| {
                let own = rows.split_off(..part.len()).unwrap_or_default();
                (part, starts, own, targets)
            })
            .collect();
        tasks
            .into_par_iter()
            .for_each(|(part, starts, rows, targets)| {
                for (bucket, target) in targets.into_iter().enumerate() {
                    let rows = &rows[range(starts, bucket)];
                    for (target, &row) in target.iter_mut().zip(rows) {
                        *target = change(part[row as usize]);
                    }
                }
            });
        column
    }

    /// The accounts of every bucket.
    fn accounts(&self, accounts: usize) -> Vec<Range<usize>> {
        (0..self.count)
            .map(|bucket| bucket << self.shift..((bucket + 1) << self.shift).min(accounts))
            .collect()
    }

    /// The number of rows of every bucket.
    fn lengths(&self) -> Vec<usize> {
        let of_bucket = |bucket| {
            let ranges = self.blocks.iter().map(|starts| range(starts, bucket));
            ranges.map(|range| range.len()).sum()
        };
        (0..self.count).map(of_bucket).collect()
    }
}

/// Sorts the rows of a block by bucket, in the order they came: those of bucket `b` are
/// `rows[starts[b] .. starts[b + 1]]`, where `starts` is what comes back.
fn part(account: &[u32], shift: u32, count: usize, rows: &mut [u16]) -> Vec<u32> {
    let mut starts = vec![0; count + 1];
    for &account in account {
        starts[(account >> shift) as usize + 1] += 1;
    }
    for bucket in 0..count {
        starts[bucket + 1] += starts[bucket];
    }
    let mut next = starts.clone();
    for (row, &account) in account.iter().enumerate() {
        let slot = &mut next[(account >> shift) as usize];
        rows[*slot as usize] = row as u16;
        *slot += 1;
    }
    starts
}

#[inline]
fn range(starts: &[u32], bucket: usize) -> Range<usize> {
    starts[bucket] as usize..starts[bucket + 1] as usize
}

/// Puts a log in order whose rows lie in their buckets, and fills `first_row`.
///
/// Cost: linear but for the sort within accounts; a bucket's rows twice for each thread.
pub(super) fn settle(log: &mut EventLog, buckets: &Buckets) {
    settle_pieces(
        log,
        &buckets.accounts(log.accounts.len()),
        &buckets.lengths(),
    );
}

/// Puts a log in order whose rows are grouped by account already, and fills `first_row`.
pub(super) fn settle_grouped(log: &mut EventLog) {
    let mut ends = vec![0u64; log.accounts.len() + 1];
    for &account in &log.account {
        ends[account as usize + 1] += 1;
    }
    for account in 0..log.accounts.len() {
        ends[account + 1] += ends[account];
    }
    let pieces = chunks::by_work(&ends, BUCKET_ROWS as u64);
    let lengths: Vec<usize> = pieces
        .iter()
        .map(|accounts| (ends[accounts.end] - ends[accounts.start]) as usize)
        .collect();
    settle_pieces(log, &pieces, &lengths);
}

fn settle_pieces(log: &mut EventLog, pieces: &[Range<usize>], lengths: &[usize]) {
    let mut first_row = vec![0; log.accounts.len() + 1];
    let mut ends = &mut first_row[1..];
    let mut account = log.account.as_mut_slice();
    let mut keys: Vec<&mut [u32]> = log
        .keys
        .iter_mut()
        .map(|key| key.ids.as_mut_slice())
        .collect();
    let mut times: Vec<&mut [i64]> = log
        .times
        .iter_mut()
        .map(|time| time.micros.as_mut_slice())
        .collect();
    let mut tasks = Vec::with_capacity(pieces.len());
    let mut first = 0;
    for (accounts, &length) in pieces.iter().zip(lengths) {
        tasks.push(Piece {
            first_account: accounts.start as u32,
            first_row: first,
            ends: ends.split_off_mut(..accounts.len()).unwrap_or_default(),
            account: account.split_off_mut(..length).unwrap_or_default(),
            keys: take_each(&mut keys, length),
            times: take_each(&mut times, length),
        });
        first += length as u64;
    }
    tasks
        .into_par_iter()
        .for_each_init(Buffers::default, |buffers, piece| piece.settle(buffers));
    log.first_row = first_row;
}

fn take_each<'a, T>(columns: &mut [&'a mut [T]], length: usize) -> Vec<&'a mut [T]> {
    columns
        .iter_mut()
        .map(|column| column.split_off_mut(..length).unwrap_or_default())
        .collect()
}

/// Some accounts and their rows, which nobody else has.
struct Piece<'a> {
    first_account: u32,
    first_row: u64,
    /// Where the rows of each account are to end.
    ends: &'a mut [u64],
    account: &'a mut [u32],
    keys: Vec<&'a mut [u32]>,
    times: Vec<&'a mut [i64]>,
}

/// What a thread reuses from piece to piece.
#[derive(Default)]
struct Buffers {
    /// Time and row, account by account.
    order: Vec<(i64, u32)>,
    words: Vec<u32>,
    micros: Vec<i64>,
}

impl Piece<'_> {
    fn settle(mut self, buffers: &mut Buffers) {
        let order = &mut buffers.order;
        self.group(order);
        let mut start = 0;
        for &end in self.ends.iter() {
            let rows = &mut order[start..(end - self.first_row) as usize];
            start += rows.len();
            rows.sort_unstable_by(|a, b| {
                let ties = || self.compare(a.1 as usize, b.1 as usize);
                a.0.cmp(&b.0).then_with(ties)
            });
        }
        if order
            .iter()
            .enumerate()
            .any(|(place, &(_, row))| place != row as usize)
        {
            for column in &mut self.keys {
                bring(column, order, &mut buffers.words);
            }
            for column in &mut self.times {
                bring(column, order, &mut buffers.micros);
            }
        }
        let mut rest = &mut *self.account;
        let mut start = self.first_row;
        for (account, end) in (self.first_account..).zip(self.ends.iter()) {
            let own = rest.split_off_mut(..(end - start) as usize);
            own.unwrap_or_default().fill(account);
            start = *end;
        }
    }

    /// Fills `ends` and brings the rows into the order of their accounts.
    fn group(&mut self, order: &mut Vec<(i64, u32)>) {
        for &account in self.account.iter() {
            self.ends[(account - self.first_account) as usize] += 1;
        }
        let mut start = 0;
        for end in self.ends.iter_mut() {
            start += std::mem::replace(end, start);
        }
        order.clear();
        order.resize(self.account.len(), (0, 0));
        let no_times: &[i64] = &[];
        let times = self.times.first().map_or(no_times, |times| times);
        for (row, &account) in self.account.iter().enumerate() {
            let slot = &mut self.ends[(account - self.first_account) as usize];
            let time = times.get(row).copied().unwrap_or_default();
            order[*slot as usize] = (time, row as u32);
            *slot += 1;
        }
        for end in self.ends.iter_mut() {
            *end += self.first_row;
        }
    }

    /// Two rows by the times after the first, then by keys.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let times = self.times.iter().skip(1);
        let times = times.map(|column| column[a].cmp(&column[b]));
        let keys = self.keys.iter().map(|column| column[a].cmp(&column[b]));
        times
            .chain(keys)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// Brings the values of a column into `order`.
fn bring<T: Copy>(column: &mut [T], order: &[(i64, u32)], buffer: &mut Vec<T>) {
    buffer.clear();
    buffer.extend_from_slice(column);
    for (target, &(_, row)) in column.iter_mut().zip(order) {
        *target = buffer[row as usize];
    }
}
