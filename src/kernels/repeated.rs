//! `Repeated`: what a row shares with those with whom it may share enough, found before anything is added up.
//!
//! Where a pair must share two things, most of those whom a row meets are met once, the more so the larger the platform
//! is. An entry a node lies anywhere in some megabytes, so each of them would be a wait for memory, and nothing comes of it. So
//! nodes are first noted thing by thing and counted in bytes that stay in the nearest caches, as co-actions are
//! ([`returning`](crate::kernels::returning)); the few that are kept by chance are told apart when they are added up.

use crate::kernels::accumulator::Row;
use crate::kernels::returning::MetBytes;
use crate::kernels::sources::Shared;

/// Room for a row.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    /// The nodes met, thing by thing.
    who: Vec<u32>,
    /// Where each thing ends in `who`, and what sharing it adds.
    things: Vec<(usize, u64)>,
    met: MetBytes,
}

impl Repeated {
    /// Notes with whom `node` shares what, nodes above it alone; those with whom it shares less than `source` asks for may be missing. How
    /// many are noted.
    pub(crate) fn note(&mut self, node: u32, source: &Shared<'_>) -> usize {
        let Repeated { who, things, met } = self;
        who.clear();
        things.clear();
        source.for_each(node, |others, weight| {
            who.extend_from_slice(others);
            things.push((who.len(), weight));
        });
        if things.len() < source.min_shared as usize {
            who.clear();
            things.clear();
            return 0;
        }
        let repeats = met.count(who, |node| node, source.min_shared);
        let (mut kept, mut start) = (0, 0);
        for (end, _) in things {
            for at in start..*end {
                // Written in any case and counted if it is kept: whether it is cannot be predicted.
                let other = who[at];
                who[kept] = other;
                kept += usize::from(repeats(other));
            }
            (start, *end) = (*end, kept);
        }
        who.truncate(kept);
        kept
    }

    /// Calls `found(nodes, weight)` for each thing that was noted.
    #[inline]
    pub(crate) fn for_each(&self, mut found: impl FnMut(&[u32], u64)) {
        let mut start = 0;
        for &(end, weight) in &self.things {
            found(&self.who[start..end], weight);
            start = end;
        }
    }

    /// Adds what was noted to `row`.
    #[inline]
    pub(crate) fn add(&self, row: &mut impl Row) {
        self.for_each(|others, weight| {
            for &other in others {
                row.entry(other).share(weight, 0);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::base::chance::{below, draw};
    use crate::sparse::rows::Rows;

    #[test]
    fn who_shares_enough_is_noted_with_everything_shared_and_few_others_are() {
        let nodes = 3_000;
        let of_node = Rows::build(nodes, |node, row| {
            row.extend((0..12).map(|i| below(draw(1, u64::from(node), i), 500) as u32));
        });
        let of_thing = of_node.transpose(500);
        let mut repeated = Repeated::default();
        let (mut noted, mut met, mut wanted) = (0, 0, 0);
        for least in [2, 3, 9] {
            let shared = Shared {
                of_node: &of_node,
                of_thing: &of_thing,
                weight: (0..=nodes as u64).rev().collect(),
                cap: 80,
                min_shared: least,
            };
            for node in (0..nodes as u32).step_by(7) {
                let mut all: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
                shared.for_each(node, |others, weight| {
                    met += others.len();
                    for &other in others {
                        all.entry(other).or_default().push(weight);
                    }
                });
                let mut found: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
                noted += repeated.note(node, &shared);
                repeated.for_each(|others, weight| {
                    for &other in others {
                        assert!(other > node);
                        found.entry(other).or_default().push(weight);
                    }
                });
                for (other, weights) in &all {
                    let enough = weights.len() >= least as usize;
                    wanted += if enough { weights.len() } else { 0 };
                    assert!(found.get(other).map_or(!enough, |found| found == weights));
                }
                assert!(found.keys().all(|other| all.contains_key(other)));
            }
        }
        assert!(wanted > 1_000 && noted < met / 2 && noted < 3 * wanted);
    }
}
