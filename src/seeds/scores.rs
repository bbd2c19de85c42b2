//! `SeedScores`: how much of each account's surroundings is known to be bad or good, and by which seed.

use crate::kernels::absorption::ONE;
use crate::lists::Seed;

/// Parts kept by name for each account; the sums are over all.
const NAMED_PARTS: usize = 3;

/// Accounts kept for each bad seed: those it says most about.
const NEAREST: usize = 256;

/// What one seed contributes to an account's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The seed's account.
    pub seed: u32,
    /// The seed is known to be bad; known to be good otherwise.
    pub bad: bool,
    /// In units of 1 / 2³².
    pub share: u64,
}

/// Shares of all accounts.
///
/// Layout: `bad[a]` and `good[a]` are the shares of account `a` in units of 1 / 2³², exact sums over
/// seeds, together at most 2³². `parts[a]` are the largest parts of both, largest first, of equals the smaller
/// account first. `seeds` ascend by account; `nearest[s]` are the accounts that the bad seed
/// `seeds[s]` says most about, most first, with its share of each (none for a good seed).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeedScores {
    pub(super) seeds: Vec<Seed>,
    pub(super) bad: Vec<u64>,
    pub(super) good: Vec<u64>,
    pub(super) parts: Vec<Vec<Part>>,
    pub(super) nearest: Vec<Vec<(u32, u64)>>,
}

impl SeedScores {
    /// The seeds, ascending by account.
    pub fn seeds(&self) -> &[Seed] {
        &self.seeds
    }

    /// The seed that `account` is.
    pub fn seed_of(&self, account: u32) -> Option<Seed> {
        let at = self
            .seeds
            .binary_search_by_key(&account, |seed| seed.account);
        at.ok().map(|at| self.seeds[at])
    }

    /// The share of `account` that ends at bad seeds, 0 to 1.
    pub fn bad(&self, account: u32) -> f64 {
        share(self.bad[account as usize])
    }

    /// The share of `account` that ends at good seeds, 0 to 1.
    pub fn good(&self, account: u32) -> f64 {
        share(self.good[account as usize])
    }

    /// The largest parts of both, largest first.
    pub fn parts(&self, account: u32) -> &[Part] {
        &self.parts[account as usize]
    }

    /// The `count` accounts with the largest bad share among those that `wanted` lets through and that have
    /// any; largest first, of equals the smaller account first.
    pub fn most_suspicious(&self, count: usize, wanted: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut accounts: Vec<u32> = (0..self.bad.len() as u32)
            .filter(|&account| self.bad[account as usize] > 0 && wanted(account))
            .collect();
        accounts.sort_unstable_by_key(|&account| {
            (std::cmp::Reverse(self.bad[account as usize]), account)
        });
        accounts.truncate(count);
        accounts
    }
}

/// A share as a number from 0 to 1.
fn share(units: u64) -> f64 {
    units as f64 / ONE as f64
}

impl Part {
    /// As a number from 0 to 1.
    pub fn share(&self) -> f64 {
        share(self.share)
    }
}

/// Takes the shares of one seed after the other; their order makes no difference.
pub(super) struct Collector {
    bad: Vec<u64>,
    good: Vec<u64>,
    parts: Vec<Vec<Part>>,
    nearest: Vec<Vec<(u32, u64)>>,
}

impl Collector {
    pub(super) fn new(accounts: usize) -> Self {
        Collector {
            bad: vec![0; accounts],
            good: vec![0; accounts],
            parts: vec![Vec::new(); accounts],
            nearest: Vec::new(),
        }
    }

    /// Takes the shares of the next seed, ascending by account.
    pub(super) fn add(&mut self, seed: Seed, shares: &[(u32, u64)]) {
        for &(account, share) in shares {
            let sums = if seed.bad {
                &mut self.bad
            } else {
                &mut self.good
            };
            sums[account as usize] += share;
            let parts = &mut self.parts[account as usize];
            let at = parts.partition_point(|part| {
                part.share > share || (part.share == share && part.seed < seed.account)
            });
            if at < NAMED_PARTS {
                parts.truncate(NAMED_PARTS - 1);
                parts.insert(
                    at,
                    Part {
                        seed: seed.account,
                        bad: seed.bad,
                        share,
                    },
                );
            }
        }
        let mut nearest = if seed.bad {
            shares.to_vec()
        } else {
            Vec::new()
        };
        nearest.sort_unstable_by_key(|&(account, share)| (std::cmp::Reverse(share), account));
        nearest.truncate(NEAREST);
        nearest.shrink_to_fit();
        self.nearest.push(nearest);
    }

    /// `seeds` in the order in which they were added.
    pub(super) fn finish(self, seeds: &[Seed]) -> SeedScores {
        SeedScores {
            seeds: seeds.to_vec(),
            bad: self.bad,
            good: self.good,
            parts: self.parts,
            nearest: self.nearest,
        }
    }
}
