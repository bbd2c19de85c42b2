//! `SmallRow`: the tallies of a row that meets few nodes, in a table that stays in the nearest cache.
//!
//! An entry a node, as [`Accumulator`](crate::kernels::accumulator::Accumulator) has it, lies anywhere in some
//! megabytes. Most rows add some hundred times at most, and what they touch fits the nearest cache if it is a table
//! of twice as many slots. Tallies stand side by side in the order they are met, so what comes out depends on
//! what was added alone.

use crate::kernels::accumulator::{Row, Tally};

/// Tallies by node, empty between rows.
#[derive(Debug, Default)]
pub(crate) struct SmallRow {
    /// Open addressing; a power of two, at least twice as many as may be met.
    slots: Vec<Slot>,
    /// Slots of this row are `hash >> shift`, and following ones up to `mask` around.
    shift: u32,
    mask: usize,
    tallies: Vec<Tally>,
    /// Beside the tallies: whose they are.
    nodes: Vec<u32>,
    /// Node and place of what is handed out.
    order: Vec<u64>,
}

/// One more than where the node's tally is, or 0 where the slot is free.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    node: u32,
    place: u32,
}

/// A row that adds at most so often is small: table and tallies together are then at most as large as the
/// second nearest cache.
pub(crate) const FEW: usize = 2048;
/// Slots at least.
const LEAST_BITS: u32 = 6;

impl Row for SmallRow {
    #[inline]
    fn entry(&mut self, node: u32) -> &mut Tally {
        let mask = self.mask;
        let slots = &mut self.slots[..=mask];
        let mut at = (node.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        while slots[at & mask].place != 0 && slots[at & mask].node != node {
            at += 1;
        }
        let slot = &mut slots[at & mask];
        if slot.place == 0 {
            self.tallies.push(Tally::default());
            self.nodes.push(node);
            *slot = Slot {
                node,
                place: self.tallies.len() as u32,
            };
        }
        &mut self.tallies[slot.place as usize - 1]
    }
}

impl SmallRow {
    /// Makes room for a row that meets at most `adds` nodes. The row must be empty.
    #[inline]
    pub(crate) fn begin(&mut self, adds: usize) {
        debug_assert!(self.tallies.is_empty());
        let bits = (2 * adds + 1).next_power_of_two().ilog2().max(LEAST_BITS);
        self.shift = u32::BITS - bits;
        self.mask = (1 << bits) - 1;
        if self.slots.len() <= self.mask {
            // All slots are free, so none needs to move.
            self.slots.resize(self.mask + 1, Slot::default());
        }
    }

    /// Hands out the tallies that `wanted` wants, by node, ascending, and leaves none.
    #[inline]
    pub(crate) fn drain(
        &mut self,
        wanted: impl Fn(&Tally) -> bool,
        visit: impl FnMut(u32, &Tally),
    ) {
        self.show(wanted, visit);
        self.clear();
    }

    /// Shows the tallies that `wanted` wants, by node, ascending, and leaves all.
    #[inline]
    pub(crate) fn show(
        &mut self,
        wanted: impl Fn(&Tally) -> bool,
        mut visit: impl FnMut(u32, &Tally),
    ) {
        let tallies = self.nodes.iter().zip(0u64..).zip(&self.tallies);
        let wanted = tallies.filter(|(_, tally)| wanted(tally));
        self.order.clear();
        self.order
            .extend(wanted.map(|((&node, place), _)| u64::from(node) << 32 | place));
        self.order.sort_unstable();
        for &next in &self.order {
            visit((next >> 32) as u32, &self.tallies[next as u32 as usize]);
        }
    }

    /// Hands out the tallies that `wanted` wants in the order they were met, and leaves none.
    #[inline]
    pub(crate) fn drain_as_met(
        &mut self,
        wanted: impl Fn(&Tally) -> bool,
        visit: impl FnMut(u32, &Tally),
    ) {
        self.show_as_met(wanted, visit);
        self.clear();
    }

    /// Shows the tallies that `wanted` wants in the order they were met, and leaves all.
    #[inline]
    pub(crate) fn show_as_met(
        &self,
        wanted: impl Fn(&Tally) -> bool,
        mut visit: impl FnMut(u32, &Tally),
    ) {
        for (&node, tally) in self.nodes.iter().zip(&self.tallies) {
            if wanted(tally) {
                visit(node, tally);
            }
        }
    }

    fn clear(&mut self) {
        self.slots[..=self.mask].fill(Slot::default());
        self.tallies.clear();
        self.nodes.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_add_up_and_leave_nothing(
            rows in prop::collection::vec((prop::collection::vec(0u32..600, 0..400), any::<bool>()), 1..5)
        ) {
            let mut row = SmallRow::default();
            for (nodes, spread) in rows {
                // Neighbours in number, and nodes that are far apart.
                let node = |node: u32| if spread { node.wrapping_mul(7_000_003) } else { node };
                row.begin(nodes.len());
                let mut expected: BTreeMap<u32, u32> = BTreeMap::new();
                for &number in &nodes {
                    row.entry(node(number)).shared += 1;
                    *expected.entry(node(number)).or_default() += 1;
                }
                expected.retain(|_, count| *count > 1);
                let mut found = Vec::new();
                if spread {
                    row.drain(|tally| tally.shared > 1, |node, tally| found.push((node, tally.shared)));
                } else {
                    row.drain_as_met(|tally| tally.shared > 1, |node, tally| found.push((node, tally.shared)));
                    found.sort_unstable();
                }
                prop_assert!(found.into_iter().eq(expected));
            }
        }
    }
}
