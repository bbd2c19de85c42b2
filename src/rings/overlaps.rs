//! Overlaps: where two disjoint lists of sets have accounts in common, which of them stay.

use crate::base::run::{Interrupted, Run};
use crate::rings::select::Selector;
use crate::rings::weigh::{Weighed, free, taken};
use crate::sparse::union_find::UnionFind;

impl Selector<'_> {
    /// Of two lists of disjoint sets one: cluster by cluster of overlapping sets, the side that has more
    /// nats in all; of equals the first. A set of the other side that loses less than half of its accounts by that is
    /// refined again and stays: a large set that meets two rings by an account each is no reason against them.
    pub(super) fn stronger(
        &self,
        first: Vec<Weighed>,
        second: Vec<Weighed>,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let sets = first.len();
        let overlaps = UnionFind::new(sets + second.len());
        let set_of = set_of(&first, self.scales.entities.log.accounts.len());
        for (number, weighed) in second.iter().enumerate() {
            for &account in &weighed.set.accounts {
                if set_of[account as usize] != NOBODY {
                    overlaps.link((sets + number) as u32, set_of[account as usize]);
                }
            }
        }
        let cluster = overlaps.into_labels();
        // What the first side has more than the second, by cluster.
        let mut lead = vec![0.0; cluster.len()];
        for (number, weighed) in first.iter().chain(&second).enumerate() {
            let sign = if number < sets { 1.0 } else { -1.0 };
            lead[cluster[number] as usize] += sign * weighed.nats;
        }
        let numbered = first.into_iter().chain(second).enumerate();
        let (chosen, others): (Vec<_>, Vec<_>) = numbered
            .partition(|&(number, _)| (lead[cluster[number] as usize] >= 0.0) == (number < sets));
        let unnumbered = |sets: Vec<(usize, Weighed)>| sets.into_iter().map(|(_, set)| set);
        let mut chosen: Vec<Weighed> = unnumbered(chosen).collect();
        let taken = taken(&chosen, self.scales.entities.log.accounts.len());
        for set in unnumbered(others) {
            let free = free(&set, &taken);
            if free.len() * 2 > set.size() {
                chosen.extend(self.left(set, &free, |_| true, run)?);
            }
        }
        Ok(chosen)
    }

    /// `first` and those of `added` (disjoint each) that fit: an added set takes nobody from a set whose deeds speak. From others it
    /// takes somebody where its own do, and most members only where it has more evidence.
    pub(super) fn beside(
        &self,
        first: Vec<Weighed>,
        mut added: Vec<Weighed>,
        judged: usize,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let set_of = set_of(&first, self.scales.entities.log.accounts.len());
        let acts: Vec<bool> = first.iter().map(|set| self.acts(set, judged)).collect();
        added.retain(|set| {
            let numbers = set.set.accounts.iter().map(|&a| set_of[a as usize]);
            let mut met: Vec<u32> = numbers.filter(|&number| number != NOBODY).collect();
            met.sort_unstable();
            let mut met = met.chunk_by(|a, b| a == b).peekable();
            let takes = |lost: &[u32]| {
                let other = &first[lost[0] as usize];
                !acts[lost[0] as usize] && (lost.len() * 2 < other.size() || set.nats > other.nats)
            };
            met.peek().is_none() || self.acts(set, judged) && met.all(takes)
        });
        let rest = self.without(first, &added, run)?;
        Ok(added.into_iter().chain(rest).collect())
    }
}

/// In no set.
const NOBODY: u32 = u32::MAX;

/// The number of the set among disjoint `sets` that each of `accounts` is in, or [`NOBODY`].
pub(super) fn set_of(sets: &[Weighed], accounts: usize) -> Vec<u32> {
    let mut set_of = vec![NOBODY; accounts];
    for (number, weighed) in sets.iter().enumerate() {
        for &account in &weighed.set.accounts {
            set_of[account as usize] = number as u32;
        }
    }
    set_of
}

/// Whether at least half of `accounts` were in one set.
pub(super) fn was_found(accounts: &[u32], set_of: &[u32]) -> bool {
    let mut sets: Vec<u32> = accounts.iter().map(|&a| set_of[a as usize]).collect();
    sets.retain(|&set| set != NOBODY);
    sets.sort_unstable();
    let most = sets.chunk_by(|a, b| a == b).map(<[u32]>::len).max();
    most.unwrap_or(0) * 2 >= accounts.len()
}
