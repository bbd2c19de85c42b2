//! `WorkedOut`: contributions that need not be worked out again.
//!
//! Of plain exhibits many are had by as many accounts and as many members, and what such contribute is the same as long
//! as nobody comes or goes. What a window contributes depends on the members in it and the actions on its key alone: it
//! stays when others leave, and what it would have without one member is what it has when that one has left.

use std::cell::Cell;

use crate::rings::exhibits::Exhibits;

/// Slots for plain exhibits at most: what is in the nearest cache.
const MOST_SLOTS: usize = 256;
const FEWEST_SLOTS: usize = 8;

/// What exhibits of one case contribute, as far as it was asked before.
#[derive(Debug, Clone)]
pub(super) struct WorkedOut {
    /// How often somebody came or went.
    state: u32,
    /// By hash, a power of two of them.
    plain: Vec<Cell<Plain>>,
    /// By exhibit, for an even and an odd number of members; empty where there are no windows.
    timed: Vec<[Cell<Timed>; 2]>,
}

/// What plain exhibits of the same counts contribute in one state.
#[derive(Debug, Clone, Copy, Default)]
struct Plain {
    /// Type, accounts, members; members are never none.
    counts: [u32; 3],
    state: u32,
    nats: f64,
}

/// What a window contributes with so many members in it and so many actions on its key; members are never none.
#[derive(Debug, Clone, Copy, Default)]
struct Timed {
    counts: [u32; 2],
    nats: f64,
}

impl WorkedOut {
    /// Nothing yet.
    pub(super) fn new(exhibits: &Exhibits) -> Self {
        let list = &exhibits.list;
        let slots = (2 * list.len()).next_power_of_two();
        let windows = if exhibits.keys.is_empty() {
            0
        } else {
            list.len()
        };
        WorkedOut {
            state: 0,
            plain: vec![Cell::default(); slots.clamp(FEWEST_SLOTS, MOST_SLOTS)],
            timed: vec![Default::default(); windows],
        }
    }

    /// Somebody came or went.
    pub(super) fn shift(&mut self) {
        self.state += 1;
    }

    /// How often somebody came or went.
    pub(super) fn state(&self) -> u32 {
        self.state
    }

    /// What plain exhibits of these `counts` (type, accounts, members) contribute now.
    #[inline]
    pub(super) fn plain(&self, counts: [u32; 3], work: impl FnOnce() -> f64) -> f64 {
        let [entity_type, accounts, sharing] = counts;
        let mixed =
            (accounts ^ sharing.rotate_left(16) ^ entity_type << 28).wrapping_mul(0x9E37_79B1);
        let slot = &self.plain[(mixed >> 16) as usize & (self.plain.len() - 1)];
        let known = slot.get();
        if known.counts == counts && known.state == self.state {
            return known.nats;
        }
        let nats = work();
        slot.set(Plain {
            counts,
            state: self.state,
            nats,
        });
        nats
    }

    /// What the window of exhibit `number` contributes with these `counts` (members in it, actions on its key).
    #[inline]
    pub(super) fn timed(&self, number: usize, counts: [u32; 2], work: impl FnOnce() -> f64) -> f64 {
        let slot = &self.timed[number][counts[0] as usize & 1];
        let known = slot.get();
        if known.counts == counts {
            return known.nats;
        }
        let nats = work();
        slot.set(Timed { counts, nats });
        nats
    }
}
