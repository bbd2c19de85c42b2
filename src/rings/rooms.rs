//! Rooms: what people do together because they are in one place.
//!
//! A class works through a lesson, colleagues order lunch, guests of a fair vote for its winner: all within hours, and all from one address.
//! That they came together is a fact of the place, and the place is no second witness of it. A ring that works for a
//! customer from one address does the same, and does so again and again.

use std::collections::BTreeMap;

use crate::entities::EntityGraph;
use crate::events::{NONE, UNKNOWN_TIME};
use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::meetings::{SITTING, different};
use crate::rings::weigh::{Scales, Weighed};
use crate::rings::witnesses::RESIDENT;

/// Addresses that one place has at most. Who comes from more of them is nowhere.
const DOORS: usize = 3;

/// What a set does in one room.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Room {
    /// Of all that members have in common with others, the share that most of those concerned did from one place in one sitting.
    pub share: f64,
    /// Nats of the members' own places in it, and of what they use there more than elsewhere: a school's tablets.
    pub own_nats: f64,
    /// Of the nats of those moments, the share of such in which most of whoever has a part was at one place: behind one address,
    /// however many others are, or on one machine.
    pub side_by_side: f64,
}

/// How far what the members of `weighed` do is what happens in one room: at a place where most of them are found. Cost: the members'
/// events, once per type, times the logarithm of those that speak for them.
pub fn room(scales: &Scales<'_>, weighed: &Weighed) -> Room {
    let entities = scales.entities;
    let kind = |one: &Evidence| entities.types[one.entity_type].plan.kind;
    let is_place = |one: &&Evidence| {
        let most = one.members.len() * 2 >= weighed.size();
        kind(one) == Kind::Infrastructure && one.window.is_none() && most
    };
    let is_deed = |one: &&Evidence| kind(one).is_deed() && one.is_repetition();
    let nowhere = Room {
        side_by_side: side_by_side(entities, weighed),
        ..Room::default()
    };
    let there = weighed.evidence.iter().filter(is_place).count();
    let Some(times) = entities.log.times.first() else {
        return nowhere;
    };
    if there == 0 || there > DOORS {
        return nowhere;
    }
    let places = listed(entities, weighed.evidence.iter().filter(is_place));
    let deeds = listed(entities, weighed.evidence.iter().filter(is_deed));
    // Subject, time, member, and whether it was there.
    let mut done: Vec<((usize, u32), i64, usize, bool)> = Vec::new();
    // Other things of their own, and how often they were used, and there.
    let visits = weighed.together.typical < RESIDENT;
    let is_thing = |one: &&Evidence| {
        visits
            && kind(one) == Kind::Infrastructure
            && one.window.is_none()
            && one.is_own()
            && !is_place(one)
    };
    let things = listed(entities, weighed.evidence.iter().filter(is_thing));
    let mut uses: BTreeMap<(usize, u32), (usize, usize)> = BTreeMap::new();
    for (member, &account) in weighed.set.accounts.iter().enumerate() {
        for row in entities.log.rows_of(account) {
            let there = touched(entities, &places, row).next().is_some();
            for thing in touched(entities, &things, row) {
                let used = uses.entry(thing).or_default();
                *used = (used.0 + 1, used.1 + usize::from(there));
            }
            done.extend(
                touched(entities, &deeds, row).map(|s| (s, times.micros[row], member, there)),
            );
        }
    }
    done.sort_unstable();
    let (mut meetings, mut sat) = (0, 0);
    for subject in done.chunk_by(|a, b| a.0 == b.0) {
        let mut concerned: Vec<usize> = subject.iter().map(|one| one.2).collect();
        concerned.sort_unstable();
        concerned.dedup();
        meetings += concerned.len();
        let together = sitting(subject.iter().filter(|one| one.3).map(|one| (one.1, one.2)));
        if together * 2 >= concerned.len() {
            sat += together;
        }
    }
    let belongs_there = |one: &&Evidence| {
        let used = uses.get(&(one.entity_type, one.entity));
        is_place(one) && one.is_own()
            || is_thing(one) && used.is_some_and(|used| used.1 * 2 >= used.0)
    };
    let own = weighed.evidence.iter().filter(belongs_there);
    Room {
        share: f64::from(sat as u32) / f64::from(meetings.max(1) as u32),
        own_nats: own.map(|one| one.nats).sum(),
        ..nowhere
    }
}

/// Of the nats of the moments that speak for `weighed`, the share of such in which most of whoever has a part was at one place.
fn side_by_side(entities: &EntityGraph<'_>, weighed: &Weighed) -> f64 {
    let (mut nats, mut together) = (0.0, 0.0);
    for one in weighed.evidence.iter().filter(|one| one.nats > 0.0) {
        let Some(moment) = one.window else { continue };
        nats += one.nats;
        if are_at_one_place(entities, one, moment) {
            together += one.nats;
        }
    }
    if nats > 0.0 { together / nats } else { 0.0 }
}

/// Whether most of the members of `one`, a moment from and to, were at one place in it.
fn are_at_one_place(entities: &EntityGraph<'_>, one: &Evidence, (from, to): (i64, i64)) -> bool {
    let moments = &entities.types[one.entity_type];
    let time = moments.plan.time.as_ref();
    let Some(times) = time.and_then(|name| entities.log.time(name)) else {
        return false;
    };
    // Type, entity, member.
    let mut places: Vec<(usize, u32, u32)> = Vec::new();
    for &member in &one.members {
        let rows = entities.log.rows_of(member);
        let there = rows.filter(|&row| {
            moments.keys.rows()[row] == one.entity && (from..=to).contains(&times.micros[row])
        });
        for row in there {
            let homes = entities.types.iter().enumerate();
            let homes = homes
                .filter(|(_, of)| of.plan.kind == Kind::Infrastructure && of.plan.time.is_none());
            let touched = homes.map(|(number, of)| (number, of.keys.rows()[row], member));
            places.extend(touched.filter(|place| place.1 != NONE));
        }
    }
    places.sort_unstable();
    places.dedup();
    let same = places.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let most = same.map(<[_]>::len).max().unwrap_or(0);
    most > 1 && most * 2 > one.members.len()
}

/// The most members that are there in one sitting, of `(time, member)` by time.
fn sitting(there: impl Iterator<Item = (i64, usize)>) -> usize {
    let there: Vec<(i64, usize)> = there.filter(|one| one.0 != UNKNOWN_TIME).collect();
    let mut most = 0;
    let mut first = 0;
    for last in 0..there.len() {
        while there[last].0.saturating_sub(there[first].0) > SITTING {
            first += 1;
        }
        if last + 1 - first > most {
            most = most.max(different(there[first..=last].iter().map(|one| one.1)));
        }
    }
    most
}

/// The entities in `lists` that `row` touches.
pub(super) fn touched<'a>(
    entities: &'a EntityGraph<'_>,
    lists: &'a [Vec<u32>],
    row: usize,
) -> impl Iterator<Item = (usize, u32)> + 'a {
    let types = entities.types.iter().zip(lists).enumerate();
    types.filter_map(move |(number, (of, list))| {
        let entity = (!list.is_empty()).then(|| of.keys.rows()[row])?;
        list.binary_search(&entity).ok().map(|_| (number, entity))
    })
}

/// By type, the entities of `evidence`, ascending.
pub(super) fn listed<'e>(
    entities: &EntityGraph<'_>,
    evidence: impl Iterator<Item = &'e Evidence>,
) -> Vec<Vec<u32>> {
    let mut lists = vec![Vec::new(); entities.types.len()];
    for one in evidence {
        lists[one.entity_type].push(one.entity);
    }
    for list in &mut lists {
        list.sort_unstable();
        list.dedup();
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::sitting;
    use crate::rings::meetings::SITTING;

    #[test]
    fn members_who_are_there_together_are_counted_once() {
        let hour = SITTING / 3;
        let there = [
            (0, 1),
            (hour, 1),
            (2 * hour, 2),
            (3 * hour, 3),
            (9 * hour, 4),
            (9 * hour, 5),
        ];
        assert_eq!(sitting(there.into_iter()), 3);
        assert_eq!(sitting([(0, 1), (5 * hour, 2)].into_iter()), 1);
    }
}
