//! Co-action: pairs of actions on one key, at most a window apart, exactly and without bins.
//!
//! Two actions on a key co-occur iff `|t₁ − t₂| ≤ within` (closed). `co_actions` counts the pairs of
//! actions. `shared` counts *moments*: per pair of nodes and key, greedily disjoint windows, so that a
//! burst of ten clicks by each side is one moment, not a hundred. Where contents are given, a co-action
//! needs two different contents, neither of which is the key itself (`CooRTweet`, Righetti & Balluff 2025).
//!
//! Departure from sliding-window tables: no bins (`⌊t / W⌋` loses pairs across borders, `CooRnet`), no
//! materialised pairs; the row of a node is computed from its own actions by looking around each.

use crate::kernels::accumulator::Accumulator;
use crate::sparse::grouping::{Groups, group};
use crate::sparse::postings::Postings;

/// Timed sharing.
pub struct Coactions<'a> {
    /// Who acted on what, when.
    pub postings: &'a Postings,
    /// The actions of each node that can make pairs.
    pub of_node: &'a Groups<Own>,
    /// What a moment adds when at most `d` nodes were there: `weight[d]`, for `d ≤ cap`, micro-units.
    pub weight: Vec<u64>,
    /// Whether `weight` is added per co-action instead of per moment.
    pub per_co_action: bool,
    /// Actions whose window holds more nodes make no pairs.
    pub cap: u32,
    /// Pairs with fewer co-actions are dropped from this source.
    pub min_co_actions: u32,
    /// Contents that must differ.
    pub contents: Option<Differing<'a>>,
}

/// The rule of different contents.
pub struct Differing<'a> {
    /// Content by input row; `u32::MAX` if empty.
    pub of_row: &'a [u32],
    /// For each content the key that is the same text, or `u32::MAX`.
    pub as_key: &'a [u32],
    /// Keep a pair of nodes only if either of the two is marked here.
    pub takes_part: Option<&'a [bool]>,
}

impl Differing<'_> {
    /// Whether the actions of rows `x` and `y` on `key` count together.
    #[inline]
    fn allows(&self, key: u32, x: u32, y: u32) -> bool {
        let (x, y) = (self.of_row[x as usize], self.of_row[y as usize]);
        let is_key = |content: u32| content != u32::MAX && self.as_key[content as usize] == key;
        x != y && !is_key(x) && !is_key(y)
    }
}

/// One of a node's own actions: its posting, and the key that the posting is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Own {
    posting: u32,
    key: u32,
}

/// The actions of each node that have company and no crowd above `cap`, by key and time. Cost: `O(postings)`.
pub fn by_node(postings: &Postings, nodes: usize, cap: u32) -> Groups<Own> {
    let mut key_of = vec![0; postings.len()];
    for key in 0..postings.keys() as u32 {
        key_of[postings.of(key)].fill(key);
    }
    group(postings.len(), nodes, |posting| {
        let own = Own {
            posting: posting as u32,
            key: key_of[posting],
        };
        (2..=cap)
            .contains(&postings.crowd[posting])
            .then(|| (postings.nodes[posting], own))
    })
}

/// Calls `found(key, posting, other posting)` for every co-action of `node` with a node above it.
#[inline]
pub(crate) fn for_each_coaction(
    node: u32,
    source: &Coactions<'_>,
    mut found: impl FnMut(u32, usize, usize),
) {
    let postings = source.postings;
    let (times, nodes, crowd) = (&postings.times, &postings.nodes, &postings.crowd);
    for &Own { posting, key } in source.of_node.of(node) {
        let own = posting as usize;
        let earliest = times[own].saturating_sub(postings.within);
        let latest = times[own].saturating_add(postings.within);
        let range = postings.of(key);
        let before = times[range.start..own].iter().rev();
        let first = own - before.take_while(|&&time| time >= earliest).count();
        for (other, &time) in (first..).zip(&times[first..range.end]) {
            if time > latest {
                break;
            }
            let neighbour = nodes[other];
            if neighbour <= node || crowd[other] > source.cap {
                continue;
            }
            let allowed = source.contents.as_ref().is_none_or(|contents| {
                contents.allows(key, postings.rows[own], postings.rows[other])
                    && contents.takes_part.is_none_or(|takes_part| {
                        takes_part[node as usize] || takes_part[neighbour as usize]
                    })
            });
            if allowed {
                found(key, own, other);
            }
        }
    }
}

/// Adds all co-actions of `node` with nodes above it.
pub(crate) fn add_coactions(node: u32, source: &Coactions<'_>, part: &mut Accumulator) {
    let postings = source.postings;
    for_each_coaction(node, source, |key, own, other| {
        let tally = part.entry(postings.nodes[other]);
        let (from, to) = (
            postings.times[own].min(postings.times[other]),
            postings.times[own].max(postings.times[other]),
        );
        let crowd = postings.crowd[own].max(postings.crowd[other]) as usize;
        let new_moment = tally.shared == 0 || tally.last.0 != key || from > tally.last.1;
        tally.co_actions += 1;
        tally.shared += u32::from(new_moment);
        if new_moment {
            tally.last = (key, to);
        }
        if new_moment || source.per_co_action {
            tally.weight += source.weight[crowd];
        }
    });
}
