//! Which resolution communities are seen at is decided by the evidence, not by a setting.
//!
//! One resolution does not fit all rings: at a low one, rings that touch run together; at a high one, a
//! loosely linked ring falls apart. So communities are found at several resolutions, and every one is
//! refined. Where the sets of two resolutions have accounts in common, the side with more evidence in
//! all stays. Evidence pays for every set that it picks, so two halves of a ring lose against the
//! whole, and two rings run together lose against the two.
//!
//! Cost: the refinement of all communities at every resolution.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::entities::EntityGraph;
use crate::rings::case::Case;
use crate::rings::exhibits::Exhibits;
use crate::rings::population::Population;
use crate::rings::refine::refine;
use crate::rings::seeded::Seeded;
use crate::sparse::partition::Partition;
use crate::sparse::union_find::UnionFind;

/// A set that stood up, and its evidence in nats.
struct Standing {
    set: Exhibits,
    nats: f64,
}

/// What judging a set takes.
pub struct Selector<'a> {
    /// The platform.
    pub entities: &'a EntityGraph<'a>,
    /// Its yardsticks.
    pub population: &'a Population,
    /// The seeds among them.
    pub seeded: &'a Seeded<'a>,
    /// Members a ring has at least.
    pub least: usize,
}

impl Selector<'_> {
    /// Sets without a common account, from the communities of all `partitions`.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn select(
        &self,
        partitions: &[Partition],
        run: &Run<'_>,
    ) -> Result<Vec<Exhibits>, Interrupted> {
        let mut best: Vec<Standing> = Vec::new();
        for partition in partitions {
            let found = self.refine_all(partition, run)?;
            best = self.better(best, found);
        }
        Ok(best.into_iter().map(|standing| standing.set).collect())
    }

    /// All sets that stand up in the communities of `partition`.
    fn refine_all(
        &self,
        partition: &Partition,
        run: &Run<'_>,
    ) -> Result<Vec<Standing>, Interrupted> {
        let groups = partition.groups();
        run.progress.start("rings", groups.len() as u64);
        let found: Vec<Vec<Standing>> = (0..groups.len())
            .into_par_iter()
            .with_max_len(64)
            .map(|community| {
                run.progress.advance(1);
                let accounts = groups.get(community);
                if accounts.len() < self.least {
                    return Ok(Vec::new());
                }
                let sets = refine(
                    self.entities,
                    self.population,
                    self.seeded,
                    accounts,
                    self.least,
                    run,
                )?;
                Ok(sets.into_iter().map(|set| self.weigh(set)).collect())
            })
            .collect::<Result<_, Interrupted>>()?;
        run.progress.finish();
        Ok(found.into_iter().flatten().collect())
    }

    fn weigh(&self, set: Exhibits) -> Standing {
        let nats = Case::new(&set, &set.by_member(), self.population).evidence()
            + self.seeded.tally(set.accounts.iter().copied()).nats();
        Standing { set, nats }
    }

    /// Of two lists of disjoint sets one: cluster by cluster of overlapping sets, the side that has more
    /// nats in all; of equals the first.
    fn better(&self, first: Vec<Standing>, second: Vec<Standing>) -> Vec<Standing> {
        let sets = first.len();
        let overlaps = UnionFind::new(sets + second.len());
        let mut set_of = vec![u32::MAX; self.entities.log.accounts.len()];
        for (number, standing) in first.iter().enumerate() {
            for &account in &standing.set.accounts {
                set_of[account as usize] = number as u32;
            }
        }
        for (number, standing) in second.iter().enumerate() {
            for &account in &standing.set.accounts {
                if set_of[account as usize] != u32::MAX {
                    overlaps.link((sets + number) as u32, set_of[account as usize]);
                }
            }
        }
        let cluster = overlaps.into_labels();
        // What the first side has more than the second, by cluster.
        let mut lead = vec![0.0; cluster.len()];
        for (number, standing) in first.iter().chain(&second).enumerate() {
            let sign = if number < sets { 1.0 } else { -1.0 };
            lead[cluster[number] as usize] += sign * standing.nats;
        }
        first
            .into_iter()
            .chain(second)
            .enumerate()
            .filter(|&(number, _)| (lead[cluster[number] as usize] >= 0.0) == (number < sets))
            .map(|(_, standing)| standing)
            .collect()
    }
}
