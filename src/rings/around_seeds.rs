//! Rings that communities missed, looked for around bad seeds.
//!
//! A ring inside a large group of people with one taste may be lost with it: the group has more evidence in
//! all, wins, and turns out to be taste. So the neighbourhoods of seeds are searched by themselves, and what
//! stands up there as a ring takes its place beside the others. Where two have accounts in common, the one with
//! more evidence stays, unless its tier is the worse.

use crate::base::run::Interrupted;
use crate::rings::from_communities::Ring;
use crate::seeds::SeedScores;
use crate::sparse::node_set::NodeSet;
use crate::sparse::partition::Partition;

/// Adds to `rings` (no two with a common account) what `stand_up` finds in the neighbourhoods of `seeds`, reach
/// by reach; order is lost.
///
/// # Errors
/// [`Interrupted`].
pub(super) fn add_around_seeds(
    rings: &mut Vec<Ring>,
    seeds: &SeedScores,
    mut stand_up: impl FnMut(&[Partition]) -> Result<Vec<Ring>, Interrupted>,
) -> Result<(), Interrupted> {
    for neighbourhood in seeds.neighbourhoods() {
        for ring in stand_up(&[neighbourhood])? {
            add(rings, ring);
        }
    }
    Ok(())
}

/// Puts `ring` in the place of those that it overlaps, if it has more nats than all of them together and its tier
/// is none the worse: a part of a ring does not take the place of the whole.
fn add(rings: &mut Vec<Ring>, ring: Ring) {
    let members: NodeSet = ring.members.iter().map(|member| member.account).collect();
    let overlaps = |other: &Ring| {
        let accounts = other.members.iter().map(|member| member.account);
        accounts
            .into_iter()
            .any(|account| members.contains(account))
    };
    let others = || rings.iter().filter(|other| overlaps(other));
    let nats: f64 = others().map(|other| other.nats).sum();
    if ring.nats > nats && others().all(|other| ring.tier <= other.tier) {
        rings.retain(|other| !overlaps(other));
        rings.push(ring);
    }
}
