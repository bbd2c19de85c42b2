//! Togetherness: how far a group lives on devices and addresses of its own.
//!
//! Families share an address and a tablet, colleagues an address, guests a café's machine for an hour; a
//! farm does all it does on handsets of its own, a pool comes from dozens of addresses of its own. What tells
//! them apart is *exclusivity* (how much of what a member does runs through what is the group's own),
//! *repetition* (over how many such things) and *size*. So each member counts
//!
//! ```text
//! x² (r − 1)
//! ```
//!
//! with `x` the share of its events that run through the group's own things (by the type of which that is
//! most) and `r` the number of them that it uses: the chance that two of its events are both inside, times
//! the things that repeat the first. An entity is the group's *own* when at least half of all
//! accounts that have it are members; a carrier's gateway or a campus never is.
//!
//! What is usual is for the platform itself to say: see [`crate::rings::nulls::Usual`].

use crate::entities::EntityGraph;
use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::subjects::Subjects;
use crate::rings::turns::places_in_turn;
use crate::sparse::ahead::{TOGETHER, read_ahead};
use crate::sparse::union_find::UnionFind;

/// How far a group lives on things of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Togetherness {
    /// Sum over the members, see above.
    pub strength: f64,
    /// Share of what the median member does that runs through the group's own things, by the type of
    /// infrastructure of which that is most: a farm does all it does there, a café's guest a tenth.
    pub inside: f64,
    /// What the median member counts, see above, things that took turns ([`turns`](crate::rings::turns)) being one.
    pub typical: f64,
    /// Share of what the mean member does that runs through the group's own things, by the type of
    /// infrastructure of which that is least: a family has an address, but not one handset for all.
    pub exclusivity: f64,
    /// Share of the members that hang together by the group's own things, the most that do: one family after the other is no
    /// group.
    pub connected: f64,
    /// Things of the group's own that the mean pair of members has in common.
    pub in_common: f64,
}

/// Measures the group `accounts` (ascending) with the infrastructure in its `evidence`. Cost: the members'
/// events, twice per type.
pub fn togetherness(
    entities: &EntityGraph<'_>,
    subjects: &Subjects<'_>,
    accounts: &[u32],
    evidence: &[Evidence],
) -> Togetherness {
    let mut own: Vec<Vec<u32>> = vec![Vec::new(); entities.types.len()];
    let parts = UnionFind::new(accounts.len());
    let pairs = |members: usize| (members * members.saturating_sub(1)) as f64 / 2.0;
    let mut in_common = 0.0;
    for one in evidence {
        let (entity_type, entity) = subjects.of(one);
        if entities.types[entity_type].plan.kind == Kind::Infrastructure && one.is_own() {
            own[entity_type].push(entity);
            in_common += pairs(one.members.len());
            parts.link_all(&one.places(accounts).collect::<Vec<u32>>());
        }
    }
    let mut lives = vec![Life::default(); accounts.len()];
    let mut exclusivity: Option<f64> = None;
    for (number, own) in own.iter_mut().enumerate() {
        if !subjects.is_home_of(number, Kind::Infrastructure) {
            continue;
        }
        own.sort_unstable();
        own.dedup();
        let places = places_in_turn(entities, number, own, accounts);
        let mut shares = 0.0;
        let mut touched = Vec::new();
        let keys = entities.types[number].keys.rows();
        for (lives, some) in lives.chunks_mut(TOGETHER).zip(accounts.chunks(TOGETHER)) {
            if !own.is_empty() {
                let starts = some.iter().map(|&one| entities.log.rows_of(one).start);
                read_ahead(starts.map(|row| keys.get(row).copied()));
            }
            for (life, &account) in lives.iter_mut().zip(some) {
                let (share, things, at_a_time) =
                    inside(entities, number, (own, &places), account, &mut touched);
                shares += share;
                life.share = life.share.max(share);
                life.things += things;
                life.at_a_time += at_a_time;
            }
        }
        let mean = shares / accounts.len().max(1) as f64;
        exclusivity = Some(exclusivity.map_or(mean, |least| least.min(mean)));
    }
    let median = |mut of: Vec<f64>| {
        of.sort_unstable_by(f64::total_cmp);
        of.get(of.len() / 2).copied().unwrap_or(0.0)
    };
    Togetherness {
        strength: lives.iter().map(|life| life.counts(life.things)).sum(),
        inside: median(lives.iter().map(|life| life.share).collect()),
        typical: median(
            lives
                .iter()
                .map(|life| life.counts(life.at_a_time))
                .collect(),
        ),
        exclusivity: exclusivity.unwrap_or(0.0),
        connected: largest(&parts.into_labels()) as f64 / accounts.len().max(1) as f64,
        in_common: in_common / pairs(accounts.len()).max(1.0),
    }
}

/// How often the most frequent of `labels` is there.
fn largest(labels: &[u32]) -> usize {
    let mut sizes = vec![0; labels.len()];
    for &label in labels {
        sizes[label as usize] += 1;
    }
    sizes.into_iter().max().unwrap_or(0)
}

/// How one member lives on things of the group's own, over all types.
#[derive(Debug, Clone, Copy, Default)]
struct Life {
    /// Share of its events, by the type of which that is most.
    share: f64,
    /// Things that it uses.
    things: usize,
    /// The same, those that took turns being one.
    at_a_time: usize,
}

impl Life {
    /// What it counts for on so many `things`.
    fn counts(&self, things: usize) -> f64 {
        self.share * self.share * things.saturating_sub(1) as f64
    }
}

/// Share of the events of `account` that touch one of `own` (ascending), how many of `own` they touch, and how many of their
/// `places`. `touched` is room to count in.
fn inside(
    entities: &EntityGraph<'_>,
    number: usize,
    (own, places): (&[u32], &[u32]),
    account: u32,
    touched: &mut Vec<(u32, u32)>,
) -> (f64, usize, usize) {
    if own.is_empty() {
        return (0.0, 0, 0);
    }
    let keys = entities.types[number].keys.rows();
    let rows = entities.log.rows_of(account);
    let events = rows.len().max(1);
    touched.clear();
    let inside = rows.filter_map(|row| own.binary_search(&keys[row]).ok());
    touched.extend(inside.map(|at| (places[at], at as u32)));
    let share = touched.len() as f64 / events as f64;
    touched.sort_unstable();
    touched.dedup();
    let at_a_time = touched.chunk_by(|a, b| a.0 == b.0).count();
    (share, touched.len(), at_a_time)
}
