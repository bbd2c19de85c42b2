//! Sources: the ways in which nodes can share something, as a projection walks through them.

use crate::kernels::accumulator::{COUNT_SHIFT, Row, Tally};
use crate::kernels::coaction::{self, Coactions};
use crate::kernels::direct::Direct;
use crate::sparse::rows::Rows;

/// One way in which nodes can share something.
pub enum Source<'a> {
    /// Things that a node has or has not.
    Shared(Shared<'a>),
    /// Nodes that name nodes: linked directly, and by naming the same third.
    Related(Shared<'a>, &'a Direct),
    /// Keys on which nodes act at moments.
    Timed(Coactions<'a>),
}

/// Untimed sharing.
pub struct Shared<'a> {
    /// Things of each node.
    pub of_node: &'a Rows,
    /// Nodes of each thing: the transpose.
    pub of_thing: &'a Rows,
    /// What sharing a thing of degree `d` adds, in micro-units: `weight[d]`, for `d ≤ cap`.
    pub weight: Vec<u64>,
    /// Things with more nodes make no pairs.
    pub cap: u32,
    /// Pairs that share fewer things of this source are dropped from it.
    pub min_shared: u32,
}

impl Shared<'_> {
    /// Whether no pair of `node` can outgrow a packed sum.
    pub(super) fn fits_packed(&self, node: u32) -> bool {
        // Weights fall with the degree, so the first shared degree has the largest.
        let largest = self.weight.get(2).copied().unwrap_or(0).max(1);
        u64::from(self.of_node.degree(node)).saturating_mul(largest) < 1 << COUNT_SHIFT
    }

    /// Calls `found(nodes, weight)` for each thing of `node` below the cap with the nodes above `node` that
    /// have it too.
    #[inline]
    pub(super) fn for_each(&self, node: u32, mut found: impl FnMut(&[u32], u64)) {
        for &thing in self.of_node.get(node) {
            let others = self.of_thing.get(thing);
            if others.len() <= self.cap as usize {
                let after = others.partition_point(|&other| other <= node);
                found(&others[after..], self.weight[others.len()]);
            }
        }
    }

    /// The nodes that the row of `node` meets, at most. What it has in common with others is brought near on the
    /// way, all at once, since waiting for one after the other is most of a short row's time.
    #[inline]
    pub(super) fn adds(&self, node: u32) -> usize {
        let (mut adds, mut called) = (0, 0);
        for &thing in self.of_node.get(node) {
            let others = self.of_thing.get(thing);
            if others.len() <= self.cap as usize {
                adds += others.len();
                called ^= others[others.len() / 2];
            }
        }
        std::hint::black_box(called);
        adds
    }
}

impl Source<'_> {
    /// The nodes that the row of `node` meets, at most.
    #[inline]
    pub(super) fn adds(&self, node: u32) -> usize {
        match self {
            Source::Shared(shared) => shared.adds(node),
            Source::Related(thirds, direct) => thirds.adds(node) + direct.of(node).count(),
            Source::Timed(timed) => timed.adds(node),
        }
    }

    /// Whether so much is enough for a pair to be linked.
    #[inline]
    pub(super) fn wants(&self, tally: &Tally) -> bool {
        match self {
            Source::Shared(shared) | Source::Related(shared, _) => {
                tally.shared >= shared.min_shared
            }
            Source::Timed(timed) => tally.co_actions >= timed.min_co_actions,
        }
    }

    /// Untimed sharing of which a pair needs more than one thing.
    #[inline]
    pub(super) fn repeated(&self) -> Option<&Shared<'_>> {
        match self {
            Source::Shared(shared) | Source::Related(shared, _) => {
                (shared.min_shared > 1).then_some(shared)
            }
            Source::Timed(_) => None,
        }
    }

    /// Whether whatever it finds is enough.
    #[inline]
    pub(super) fn wants_all(&self) -> bool {
        match self {
            Source::Shared(shared) | Source::Related(shared, _) => shared.min_shared <= 1,
            Source::Timed(timed) => timed.min_co_actions <= 1,
        }
    }

    /// Adds what this source, whose bit is `bit`, says of the row of `node` beside direct links.
    #[inline]
    pub(super) fn add(&self, node: u32, bit: u32, row: &mut impl Row) {
        match self {
            Source::Shared(shared) | Source::Related(shared, _) => {
                shared.for_each(node, |others, weight| {
                    for &other in others {
                        row.entry(other).share(weight, bit);
                    }
                });
            }
            Source::Timed(timed) => coaction::add_coactions(node, timed, bit, row),
        }
    }
}
