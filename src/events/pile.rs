//! `Pile`: rows of many chunks, keys as provisional numbers, in the order in which one thread after the other
//! brought them.
//!
//! A chunk's own columns live for as long as it is being read; what lasts until the log is put together is
//! appended here. So it lies in few large columns, which go back to the system when they are freed, as
//! thousands of small ones would not. A pile is lent to one task at a time, so there are as many as threads, and
//! the order of rows in them means nothing: the log is sorted by content.

use rayon::prelude::*;

use crate::sparse::interner::ABSENT;

/// Rows that are looked at together: their numbers within the block fit 16 bits.
pub(super) const BLOCK_ROWS: usize = 1 << 16;

/// From so many rows on a column is given room for [`ROOM_ROWS`] at once: growing step by step, it would leave
/// as much behind as it holds. Room that is not used costs nothing.
const MANY_ROWS: usize = 1 << 17;
/// A column of so many is as large as what allocators ask the system for by itself.
const ROOM_ROWS: usize = 1 << 23;

/// Rows in columns of equal length.
#[derive(Default)]
pub(super) struct Pile {
    pub(super) account: Vec<u32>,
    /// By key column. One is as long as it need be: behind its end nobody has a key.
    pub(super) keys: Vec<Vec<u32>>,
    /// By time column.
    pub(super) times: Vec<Vec<i64>>,
}

impl Pile {
    /// Without rows.
    pub(super) fn new(keys: usize, times: usize) -> Self {
        Pile {
            account: Vec::new(),
            keys: vec![Vec::new(); keys],
            times: vec![Vec::new(); times],
        }
    }

    /// Appends rows; a key column that is empty has a key in none of them.
    pub(super) fn append(&mut self, account: &[u32], keys: &[Vec<u32>], times: &[Vec<i64>]) {
        let before = self.rows();
        for (column, more) in self.keys.iter_mut().zip(keys) {
            if !more.is_empty() {
                column.resize(before, ABSENT);
                extend(column, more);
            }
        }
        extend(&mut self.account, account);
        for (column, more) in self.times.iter_mut().zip(times) {
            extend(column, more);
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.account.len()
    }

    /// Makes a key column as long as there are rows.
    pub(super) fn fill(&mut self, column: usize) {
        let rows = self.rows();
        self.keys[column].resize(rows, ABSENT);
    }

    /// Leaves out the rows that `keep` refuses by their account.
    pub(super) fn retain(&mut self, keep: impl Fn(u32) -> bool + Sync) {
        let kept: Vec<bool> = self
            .account
            .par_iter()
            .map(|&account| keep(account))
            .collect();
        retain(&mut self.account, &kept);
        let columns = self.keys.par_iter_mut();
        columns.for_each(|column| retain(column, &kept));
        let columns = self.times.par_iter_mut();
        columns.for_each(|column| retain(column, &kept));
    }
}

fn extend<T: Copy>(column: &mut Vec<T>, more: &[T]) {
    if column.len() > MANY_ROWS && column.capacity() < ROOM_ROWS {
        column.reserve_exact(ROOM_ROWS - column.len());
    }
    column.extend_from_slice(more);
}

/// Leaves out the values of rows that are not to be kept.
pub(super) fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    column.retain(|_| keep.next().is_none_or(|&keep| keep));
}

/// One column of all piles, block by block, about in the order in which the rows came: piles grow side by side. What
/// comes ordered by time is then nearly so, and soon sorted.
pub(super) fn blocks<T>(columns: &[Vec<T>]) -> impl Iterator<Item = &[T]> {
    let mut blocks: Vec<(f64, &[T])> = columns
        .iter()
        .flat_map(|column| {
            let count = column.len().div_ceil(BLOCK_ROWS) as f64;
            let places = (0..).map(move |block| f64::from(block) / count);
            places.zip(column.chunks(BLOCK_ROWS))
        })
        .collect();
    blocks.sort_by(|a, b| a.0.total_cmp(&b.0));
    blocks.into_iter().map(|(_, block)| block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_nobody_has_takes_no_room_until_somebody_has_it() {
        let mut pile = Pile::new(2, 0);
        pile.append(&[1, 2], &[vec![], vec![]], &[]);
        pile.append(&[3], &[vec![7], vec![]], &[]);
        pile.append(&[4, 5], &[vec![], vec![]], &[]);
        assert_eq!(pile.keys, [vec![ABSENT, ABSENT, 7], vec![]]);
        pile.retain(|account| account != 1);
        pile.fill(0);
        assert_eq!(pile.keys[0], [ABSENT, 7, ABSENT, ABSENT]);
    }

    #[test]
    fn columns_stay_beside_each_other() {
        let mut pile = Pile::new(1, 1);
        let rows = MANY_ROWS as u32 / 2 + 1;
        for chunk in 0..3 {
            let account: Vec<u32> = (chunk * rows..(chunk + 1) * rows).collect();
            let key = account.iter().map(|row| row * 2).collect();
            let time = account.iter().map(|&row| i64::from(row) * 3).collect();
            pile.append(&account, &[key], &[time]);
        }
        assert_eq!(pile.rows(), 3 * rows as usize);
        pile.retain(|account| account % 5 != 0);
        assert_eq!(
            pile.rows(),
            3 * rows as usize - (3 * rows as usize).div_ceil(5)
        );
        for row in 0..pile.rows() {
            let account = pile.account[row];
            assert_ne!(account % 5, 0);
            assert_eq!(pile.keys[0][row], account * 2);
            assert_eq!(pile.times[0][row], i64::from(account) * 3);
        }
        let lengths: Vec<usize> = blocks(&pile.keys).map(<[u32]>::len).collect();
        assert_eq!(lengths.iter().sum::<usize>(), pile.rows());
        assert!(lengths.iter().all(|&length| length <= BLOCK_ROWS));
    }
}
