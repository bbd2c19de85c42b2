//! Candidate sets around bad seeds: a ring that communities blur is looked for where somebody was caught.
//!
//! Each bad seed gathers the accounts it says most about, and seeds that are near each other gather
//! together. How many accounts a ring has is not known, so it is done for several reaches, each twice the
//! one before; refinement peels off whoever does not belong, and the evidence of what is left decides, as for
//! communities. An account goes to those seeds that say most about it.

use std::collections::BTreeMap;

use crate::seeds::scores::SeedScores;
use crate::sparse::partition::Partition;
use crate::sparse::union_find::UnionFind;

/// Accounts gathered by each seed.
const REACHES: [usize; 5] = [16, 32, 64, 128, 256];

impl SeedScores {
    /// One partition of all accounts per reach; accounts that no bad seed gathers are on their own. None where
    /// there is no bad seed.
    pub fn neighbourhoods(&self) -> Vec<Partition> {
        if self.seeds.iter().all(|seed| !seed.bad) {
            return Vec::new();
        }
        REACHES.iter().map(|&reach| self.within(reach)).collect()
    }

    fn within(&self, reach: usize) -> Partition {
        let gathered = |seed: usize| self.nearest[seed].iter().take(reach);
        let groups = UnionFind::new(self.seeds.len());
        for seed in 0..self.seeds.len() {
            for &(account, _) in gathered(seed) {
                let other = self
                    .seeds
                    .binary_search_by_key(&account, |seed| seed.account);
                if let Ok(other) = other
                    && self.seeds[other].bad
                {
                    groups.link(seed as u32, other as u32);
                }
            }
        }
        let group_of = groups.into_labels();
        let mut shares: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for (seed, &group) in group_of.iter().enumerate() {
            for &(account, share) in gathered(seed) {
                *shares.entry((account, group)).or_default() += share;
            }
        }
        // A group goes by the account of one of its seeds. No account that is on its own has that label: nobody
        // says more about a seed than it does itself, so every bad seed is gathered.
        let mut labels: Vec<u32> = (0..self.bad.len() as u32).collect();
        let mut most: BTreeMap<u32, u64> = BTreeMap::new();
        // Of equals the first group stays.
        for (&(account, group), &share) in &shares {
            if share > most.get(&account).copied().unwrap_or(0) {
                most.insert(account, share);
                labels[account as usize] = self.seeds[group as usize].account;
            }
        }
        Partition::from_labels(labels)
    }
}
