//! Co-action: pairs of actions on one key, at most a window apart, exactly and without bins.
//!
//! Two actions on a key co-occur iff `|t₁ − t₂| ≤ within` (closed). `co_actions` counts the pairs of
//! actions. `shared` counts *moments*: per pair of nodes and key, greedily disjoint windows, so that a
//! burst of ten clicks by each side is one moment, not a hundred. Where contents are given, a co-action
//! needs two different contents, neither of which is the key itself (`CooRTweet`, Righetti & Balluff 2025).
//!
//! Departure from sliding-window tables: no bins (`⌊t / W⌋` loses pairs across borders, `CooRnet`), no
//! materialised pairs; the row of a node is computed from its own actions by looking around each.

use crate::kernels::accumulator::{Row, Tally};
use crate::kernels::company::Company;
use crate::sparse::postings::Postings;

/// Timed sharing.
pub struct Coactions<'a> {
    /// Who acted near whom.
    pub company: &'a Company,
    /// What a moment adds.
    pub weight: Weight,
    /// Pairs with fewer co-actions are dropped from this source.
    pub min_co_actions: u32,
    /// Keep a pair of nodes only if either of the two is marked here.
    pub takes_part: Option<&'a [bool]>,
}

/// What co-actions add to the weight of a pair, in micro-units.
pub enum Weight {
    /// So much each.
    PerCoAction(u64),
    /// Each moment `weight[d]`, where at most `d` nodes were there, for `d ≤ cap`.
    PerMoment(Vec<u64>),
}

/// Second ids of actions, which must differ between the two of a co-action.
pub struct Contents<'a> {
    /// Content by input row; `u32::MAX` if empty.
    pub of_row: &'a [u32],
    /// For each content the key that is the same text, or `u32::MAX`.
    pub as_key: &'a [u32],
}

/// The actions of `postings` that can make pairs: with company, and no crowd above `cap`. Where moments are weighed, `crowds`
/// are asked for.
pub fn company(
    postings: &Postings,
    nodes: usize,
    (cap, crowds): (u32, bool),
    contents: Option<&Contents<'_>>,
) -> Company {
    let content = contents.map(|contents| {
        |key: u32, posting: usize| {
            let content = contents.of_row[postings.rows[posting] as usize];
            let is_key = content != u32::MAX && contents.as_key[content as usize] == key;
            (!is_key).then_some(content)
        }
    });
    Company::new(postings, nodes, (cap, crowds), content.as_ref())
}

/// Neighbours that are looked at before the first is visited.
const LOOK: usize = 64;
/// Windows that are called into the cache together.
pub(crate) const TOGETHER: usize = 32;

/// Calls `found(action, other actions)` for the co-actions of `node` with nodes above it, some at a time.
#[inline]
pub(crate) fn for_each_coaction(
    node: u32,
    source: &Coactions<'_>,
    mut found: impl FnMut(usize, &[u32]),
) {
    let company = source.company;
    let mut above = [0; LOOK];
    for place in company.places(node) {
        if place % TOGETHER == 0 {
            company.call(place..place + TOGETHER);
        }
        let own = company.own(place);
        let window = company.window(own);
        let near = company.within(&window).chunks(LOOK);
        for (part, first) in near.zip((window.start..).step_by(LOOK)) {
            // Whether a neighbour is above cannot be predicted, so it is noted without asking.
            let mut count = 0;
            for (&who, other) in part.iter().zip(first..) {
                above[count % LOOK] = other;
                count += usize::from(who > node);
            }
            let mut others = &mut above[..count];
            if source.asks_more() {
                let kept = keep(others, |other| source.allows(node, own.at, other));
                others = &mut others[..kept];
            }
            found(own.at as usize, others);
        }
    }
}

impl Coactions<'_> {
    /// The nodes that the row of `node` meets, at most.
    #[inline]
    pub(crate) fn adds(&self, node: u32) -> usize {
        let company = self.company;
        let own = company.places(node).map(|place| company.own(place));
        own.map(|own| company.window(own).len() - 1).sum()
    }

    /// Whether being near is not enough for two actions.
    #[inline]
    pub(super) fn asks_more(&self) -> bool {
        !self.company.content.is_empty() || self.takes_part.is_some()
    }

    /// Whether an action of `node` and another's count together, if they are near.
    pub(super) fn allows(&self, node: u32, own: u32, other: u32) -> bool {
        let Company { who, content, .. } = self.company;
        let (own, other) = (own as usize, other as usize);
        (content.is_empty() || content[own] != content[other])
            && self.takes_part.is_none_or(|takes_part| {
                takes_part[node as usize] || takes_part[who[other] as usize]
            })
    }
}

/// Moves what `wanted` wants to the front, in its order; how many there are.
fn keep(items: &mut [u32], wanted: impl Fn(u32) -> bool) -> usize {
    let mut kept = 0;
    for at in 0..items.len() {
        items[kept] = items[at];
        kept += usize::from(wanted(items[at]));
    }
    kept
}

/// Adds all co-actions of `node` with nodes above it, by a source whose bit is `bit`.
pub(crate) fn add_coactions(node: u32, source: &Coactions<'_>, bit: u32, row: &mut impl Row) {
    let who = &source.company.who;
    for_each_coaction(node, source, |own, others| {
        row.call(others.iter().map(|&other| who[other as usize]));
        let own = (own, source.company.moments.of(own as u32));
        for &other in others {
            let tally = row.entry(who[other as usize]);
            source.add_to(tally, bit, own, other);
        }
    });
}

impl Coactions<'_> {
    /// Adds one co-action, by a source whose bit is `bit`, to what is known of its pair; with the moment of the own action.
    #[inline]
    pub(super) fn add_to(
        &self,
        tally: &mut Tally,
        bit: u32,
        (own, own_moment): (usize, u32),
        other: u32,
    ) {
        let Company { moments, crowd, .. } = self.company;
        let other_moment = moments.of(other);
        let new_moment = own_moment.min(other_moment) > tally.until;
        tally.sources |= bit;
        tally.co_actions += 1;
        if new_moment {
            tally.shared += 1;
            tally.until = own_moment.max(other_moment);
        }
        tally.weight += match &self.weight {
            Weight::PerCoAction(weight) => *weight,
            Weight::PerMoment(weight) if new_moment => {
                weight[crowd[own].max(crowd[other as usize]) as usize]
            }
            Weight::PerMoment(_) => 0,
        };
    }
}
