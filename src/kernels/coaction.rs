//! Co-action: pairs of actions on one key, at most a window apart, exactly and without bins.
//!
//! Two actions on a key co-occur iff `|t₁ − t₂| ≤ within` (closed). `co_actions` counts the pairs of
//! actions. `shared` counts *moments*: per pair of nodes and key, greedily disjoint windows, so that a
//! burst of ten clicks by each side is one moment, not a hundred. Where contents are given, a co-action
//! needs two different contents, neither of which is the key itself (`CooRTweet`, Righetti & Balluff 2025).
//!
//! Departure from sliding-window tables: no bins (`⌊t / W⌋` loses pairs across borders, `CooRnet`), no
//! materialised pairs; the row of a node is computed from its own actions by looking around each.

use crate::kernels::projection::Accumulator;
use crate::sparse::postings::Postings;

/// Timed sharing.
pub struct Coactions<'a> {
    /// Who acted on what, when.
    pub postings: &'a Postings,
    /// The postings of node `v` are `of_node[first_of_node[v] .. first_of_node[v + 1]]`, by key and time.
    pub of_node: &'a [u32],
    /// See `of_node`.
    pub first_of_node: &'a [u64],
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

/// Calls `found(posting, other posting)` for every co-action of `node` with a node above it.
pub(crate) fn for_each_coaction(
    node: u32,
    source: &Coactions<'_>,
    mut found: impl FnMut(u32, usize, usize),
) {
    let range = source.first_of_node[node as usize] as usize
        ..source.first_of_node[node as usize + 1] as usize;
    let postings = source.postings;
    let mut key = 0u32;
    for &own in &source.of_node[range] {
        let own = own as usize;
        while postings.offsets[key as usize + 1] <= own as u64 {
            // Postings of a node ascend, so the key is found by walking or jumping ahead.
            key = postings
                .offsets
                .partition_point(|&offset| offset <= own as u64) as u32
                - 1;
        }
        if postings.crowd[own] < 2 || postings.crowd[own] > source.cap {
            continue;
        }
        let time = postings.times[own];
        let (earliest, latest) = (
            time.saturating_sub(postings.within),
            time.saturating_add(postings.within),
        );
        let keys = postings.of(key);
        let mut first = own;
        while first > keys.start && postings.times[first - 1] >= earliest {
            first -= 1;
        }
        for other in first..keys.end {
            if postings.times[other] > latest {
                break;
            }
            let neighbour = postings.nodes[other];
            if neighbour <= node || postings.crowd[other] > source.cap {
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
        tally.co_actions += 1;
        let new_moment = tally.shared == 0 || tally.last.0 != key || from > tally.last.1;
        if new_moment {
            tally.shared += 1;
            tally.last = (key, to);
        }
        if new_moment || source.per_co_action {
            tally.weight += source.weight[crowd];
        }
    });
}

/// Lists the postings of each node: `(first_of_node, of_node)`, each node's ascending.
pub fn by_node(postings: &Postings, nodes: usize) -> (Vec<u64>, Vec<u32>) {
    let mut first = vec![0u64; nodes + 1];
    for &node in &postings.nodes {
        first[node as usize + 1] += 1;
    }
    for node in 0..nodes {
        first[node + 1] += first[node];
    }
    let mut next = first.clone();
    let mut of_node = vec![0; postings.len()];
    for (p, &node) in postings.nodes.iter().enumerate() {
        let slot = &mut next[node as usize];
        of_node[*slot as usize] = p as u32;
        *slot += 1;
    }
    (first, of_node)
}
