//! `Pairs`: what a projection comes to, row by row.

use crate::kernels::accumulator::{PackedRow, Tally, unpack};

/// Finished rows of consecutive nodes.
///
/// Layout: entry `i` says that `node[i] < other[i]` are linked; sorted by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    /// The smaller node.
    pub node: Vec<u32>,
    /// The larger node.
    pub other: Vec<u32>,
    /// Weight in micro-units.
    pub weight: Vec<u64>,
    /// Distinct things (timed: windows) that both have.
    pub shared: Vec<u32>,
    /// Pairs of their actions inside a window; 0 for untimed sources.
    pub co_actions: Vec<u32>,
    /// Bit `s` is set when source `s` links the two.
    pub sources: Vec<u32>,
}

impl Pairs {
    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.node.len()
    }

    /// True when there is no pair.
    pub fn is_empty(&self) -> bool {
        self.node.is_empty()
    }

    /// Forgets all pairs and keeps their room.
    pub(super) fn clear(&mut self) {
        self.node.clear();
        self.other.clear();
        self.weight.clear();
        self.shared.clear();
        self.co_actions.clear();
        self.sources.clear();
    }

    #[inline]
    pub(super) fn push(&mut self, node: u32, other: u32, tally: &Tally) {
        self.node.push(node);
        self.other.push(other);
        self.weight.push(tally.weight);
        self.shared.push(tally.shared);
        self.co_actions.push(tally.co_actions);
        self.sources.push(tally.sources);
    }

    /// Appends the row of `node` by the only source there is, column by column.
    #[inline]
    pub(super) fn push_packed(&mut self, node: u32, row: &mut PackedRow, least: u32) {
        let first = self.len();
        row.drain(least, &mut self.other, &mut self.weight);
        let sums = &mut self.weight[first..];
        self.shared.extend(sums.iter().map(|&sum| unpack(sum).0));
        for sum in sums {
            *sum = unpack(*sum).1;
        }
        let length = self.other.len();
        self.node.resize(length, node);
        self.co_actions.resize(length, 0);
        self.sources.resize(length, 1);
    }

    pub(super) fn extend_where(&mut self, from: &Pairs, keep: impl Fn(u32) -> bool) {
        for i in (0..from.len()).filter(|&i| keep(from.other[i])) {
            self.node.push(from.node[i]);
            self.other.push(from.other[i]);
            self.weight.push(from.weight[i]);
            self.shared.push(from.shared[i]);
            self.co_actions.push(from.co_actions[i]);
            self.sources.push(from.sources[i]);
        }
    }
}
