//! How many links a sweep will keep, told by a sample of accounts before they are made.
//!
//! # Definition
//! The accounts, in the order of their numbers, are cut into `SAMPLE` runs of equal length, and one account of each is drawn by
//! lot. Their rows are projected and thinned as all will be. With mean `m` and variance `v` of what is kept of a row, `N`
//! accounts and `n` of them drawn, the answer is `N (m + 4 √(v (1 − n/N) / n))`: four standard errors more than the sample
//! says, so that it is hardly ever too low, and exact where everybody is drawn.
//!
//! # Cost
//! `n / N` of the projection.
//!
//! # Reference
//! Cochran, *Sampling Techniques*, 3rd edition, 1977, chapters 2 and 5. One by run is at least as good as `n` of all where
//! neighbours are alike, and what is known of `v` is then rather too much.

use crate::base::chance::{below, draw};

/// Accounts that are drawn, at most.
const SAMPLE: usize = 8192;

/// Standard errors between what is expected and what is told.
const ERRORS: f64 = 4.0;

/// What the lots are drawn from.
const LOT: u64 = 0x6578_7065;

/// Links that will be kept, at most, as far as can be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// All of them.
    pub links: u64,
    /// Those over infrastructure alone, where they are kept apart.
    pub homes: u64,
}

impl Expected {
    /// The lower of two answers.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Expected {
            links: self.links.min(other.links),
            homes: self.homes.min(other.homes),
        }
    }
}

/// The accounts that are looked at, ascending.
pub(super) fn chosen(accounts: usize) -> Vec<u32> {
    let run = accounts.div_ceil(SAMPLE).max(1);
    let firsts = (0..accounts).step_by(run);
    let one = |first: usize| {
        let length = run.min(accounts - first);
        first as u32 + below(draw(LOT, 0, first as u64), length as u64) as u32
    };
    firsts.map(one).collect()
}

/// What was kept of the rows that were looked at: number, sums and sums of squares.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    rows: u64,
    links: Moments,
    homes: Moments,
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    sum: u64,
    squares: u64,
}

impl Sample {
    /// One more row.
    pub(super) fn add(&mut self, links: u64, homes: u64) {
        self.rows += 1;
        self.links.add(links);
        self.homes.add(homes);
    }

    /// All of `samples` together.
    pub(super) fn of(samples: &[Sample]) -> Self {
        let mut all = Sample::default();
        for sample in samples {
            all.rows += sample.rows;
            for (sum, more) in [
                (&mut all.links, sample.links),
                (&mut all.homes, sample.homes),
            ] {
                sum.sum += more.sum;
                sum.squares += more.squares;
            }
        }
        all
    }

    /// What that says of so many `accounts`.
    pub(super) fn expected(&self, accounts: usize) -> Expected {
        Expected {
            links: self.links.at_most(self.rows, accounts),
            homes: self.homes.at_most(self.rows, accounts),
        }
    }
}

impl Moments {
    fn add(&mut self, kept: u64) {
        self.sum += kept;
        self.squares += kept * kept;
    }

    fn at_most(self, rows: u64, accounts: usize) -> u64 {
        let (n, all) = (rows as f64, accounts as f64);
        if rows == 0 {
            return 0;
        }
        let mean = self.sum as f64 / n;
        let variance = (self.squares as f64 / n - mean * mean).max(0.0);
        let error = (variance * (1.0 - n / all).max(0.0) / n).sqrt();
        (all * (mean + ERRORS * error)).ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(accounts: usize, kept: impl Fn(u32) -> u64) -> Expected {
        let mut sample = Sample::default();
        for account in chosen(accounts) {
            sample.add(kept(account), 1);
        }
        Sample::of(&[sample]).expected(accounts)
    }

    #[test]
    fn everybody_is_counted_where_there_are_few() {
        let kept = |account: u32| u64::from(account % 7);
        let sum = (0..5_000).map(kept).sum();
        assert_eq!(
            told(5_000, kept),
            Expected {
                links: sum,
                homes: 5_000
            }
        );
        assert_eq!(told(0, kept), Expected::default());
    }

    /// Rows of very different lengths: never less than there are, and not many more.
    #[test]
    fn a_sample_tells_of_many() {
        for lot in 0..20 {
            let kept = |account: u32| {
                let bits = draw(lot, 5, u64::from(account));
                24 + if bits.is_multiple_of(50) {
                    bits >> 54
                } else {
                    0
                }
            };
            let accounts = 300_000;
            let sum: u64 = (0..accounts as u32).map(kept).sum();
            let links = told(accounts, kept).links;
            assert!(sum <= links && links < sum + sum / 5, "{sum} {links}");
        }
    }
}
