//! Co-sharing: pairs of accounts that act together at least so often, and what they connect.
//!
//! The rule of the coordination-network tools: link two accounts with m or more co-actions, report the
//! components. Where a definition has nothing with a window, shared entities are counted instead.

use super::{Material, Offer, ScoredSet, Setting};
use crate::base::run::{Interrupted, Run};
use crate::entities::Sharing;
use crate::sparse::partition::Partition;
use crate::sparse::union_find::UnionFind;

/// Co-actions that make a link.
const CO_ACTIONS: [u32; 9] = [2, 3, 4, 6, 8, 12, 16, 24, 32];

/// Smallest components that count.
const SIZE_FROM: [usize; 4] = [2, 3, 6, 12];

pub(super) fn by_co_actions(
    material: &Material<'_>,
    run: &Run<'_>,
    offer: &mut Offer<'_>,
) -> Result<(), Interrupted> {
    let types = &material.entities.types;
    let timed = types
        .iter()
        .any(|of| matches!(of.sharing, Sharing::Windowed { .. }));
    let what = if timed {
        "co-actions"
    } else {
        "shared entities"
    };
    let pairs = frequent_pairs(material, timed, run)?;
    for least in CO_ACTIONS {
        run.check()?;
        let sets = UnionFind::new(material.links.graph.nodes());
        for &(u, v, _) in pairs.iter().filter(|pair| pair.2 >= least) {
            sets.link(u, v);
        }
        let partition = Partition::from_labels(sets.into_labels());
        let groups = partition.groups();
        for size_from in SIZE_FROM {
            let large = groups.iter().filter(|group| group.len() >= size_from);
            offer(Setting {
                text: format!("{least} {what} or more; {size_from} accounts or more"),
                sets: large
                    .map(|group| ScoredSet {
                        members: group.to_vec(),
                        score: group.len() as f64,
                    })
                    .collect(),
            });
        }
    }
    Ok(())
}

/// Pairs of accounts with at least the smallest number of co-actions, and how many they have.
fn frequent_pairs(
    material: &Material<'_>,
    timed: bool,
    run: &Run<'_>,
) -> Result<Vec<(u32, u32, u32)>, Interrupted> {
    let mut frequent = Vec::new();
    material.projector.project(
        run,
        |pairs| {
            let count = if timed {
                &pairs.co_actions
            } else {
                &pairs.shared
            };
            (0..pairs.len())
                .map(|i| (pairs.node[i], pairs.other[i], count[i]))
                .filter(|pair| pair.2 >= CO_ACTIONS[0])
                .collect::<Vec<_>>()
        },
        |more| {
            frequent.extend(more);
            Ok::<_, Interrupted>(())
        },
    )?;
    Ok(frequent)
}
