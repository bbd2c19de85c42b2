//! Residents: a household that lends a ring its address is no part of the ring.
//!
//! A proxy pool comes from dozens of addresses, half of which are somebody's home. The people who live there share the
//! address with whoever comes through it, and stand with the pool's members in every list; they stay longer than those, and
//! they have a tablet together. What gives them away is *what* they share: a ring lives on one type of thing (a pool on
//! addresses), and what is of a type that few members share is those few's own. So members who share such things are a
//! household, and what a household has in common is no sign of belonging to the ring. What else do they share, each is asked, and
//! so is whoever shares nothing but what one household has in common: mates from one office work for the ring through
//! other things as well, a family does not ([`parts`](crate::rings::parts)).
//!
//! Where most members are at home with others, that is how the ring works, and nobody is excused.

use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::weigh::{Scales, Weighed};
use crate::sparse::ascending::in_both;
use crate::sparse::union_find::UnionFind;

/// What half of a household has is the household's; a type that half of a ring share is the ring's; and where half of a ring are
/// at home, it is the ring's home.
const HALF: usize = 2;

/// For each member of `weighed`, the numbers of the evidence (ascending) that it shares as one of a household; nothing
/// for most. Cost: the incidences of the evidence, times the households.
pub fn at_home(scales: &Scales<'_>, weighed: &Weighed) -> Vec<Vec<u32>> {
    let size = weighed.size();
    let things = things(scales, weighed);
    let mut has = vec![Vec::new(); size];
    for thing in &things {
        for &member in &thing.members {
            has[member as usize].push(thing.number);
        }
    }
    let mut at_home = vec![Vec::new(); size];
    for household in households(&things, scales.population.types.len(), size) {
        let own: Vec<u32> = things
            .iter()
            .filter(|thing| {
                let theirs = in_both(&thing.members, &household);
                theirs > 1 && theirs * HALF >= household.len()
            })
            .map(|thing| thing.number)
            .collect();
        let is_own = |number: &u32| own.binary_search(number).is_ok();
        for member in 0..size {
            let lives_there = household.binary_search(&(member as u32)).is_ok();
            if lives_there || has[member].iter().all(is_own) {
                at_home[member].clone_from(&own);
            }
        }
    }
    let excused = at_home.iter().filter(|own| !own.is_empty()).count();
    if excused * HALF > size {
        return vec![Vec::new(); size];
    }
    at_home
}

/// A piece of infrastructure and who has it.
struct Thing {
    /// Number of the evidence.
    number: u32,
    entity_type: usize,
    /// Members, ascending.
    members: Vec<u32>,
}

/// What the members of `weighed` live on, in the order of its evidence.
fn things(scales: &Scales<'_>, weighed: &Weighed) -> Vec<Thing> {
    let lives_on = |one: &Evidence| {
        let facts = &scales.population.types[one.entity_type];
        facts.kind == Kind::Infrastructure && one.window.is_none()
    };
    (0..)
        .zip(weighed.evidence.iter())
        .filter(|(_, one)| lives_on(one))
        .map(|(number, one)| Thing {
            number,
            entity_type: one.entity_type,
            members: one.places(&weighed.set.accounts).collect(),
        })
        .collect()
}

/// Members (each household ascending) who share things of a type that less than half of all `size` members share.
fn households(things: &[Thing], types: usize, size: usize) -> Vec<Vec<u32>> {
    let mut shares = vec![vec![false; size]; types];
    for thing in things {
        for &member in &thing.members {
            shares[thing.entity_type][member as usize] = true;
        }
    }
    let few: Vec<bool> = shares
        .iter()
        .map(|shares| shares.iter().filter(|&&shares| shares).count() * HALF < size)
        .collect();
    let sets = UnionFind::new(size);
    for thing in things.iter().filter(|thing| few[thing.entity_type]) {
        sets.link_all(&thing.members);
    }
    sets.into_parts()
}
