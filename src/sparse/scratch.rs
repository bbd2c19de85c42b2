//! Scratch pads: tables from label to weight that are cheap to clear.
//!
//! Adding up the weights by neighbouring label is the inner loop of every community kernel. Few
//! labels go into a small open-addressed table that stays in the first-level cache; many go into a
//! dense array indexed by label. Both list what was touched, so that clearing costs what was used,
//! and both note a label without asking whether it is new, because that branch cannot be predicted.
//!
//! Sums and the order of first appearance depend on what was added alone, never on the table.

use std::sync::Mutex;

/// Weights by label. Clean between uses; filled by [`Pad::tally`].
///
/// Layout: a slot's weight is zero unless the slot is among the first `used` of `touched`, each of which
/// is there once. In the dense table the slot is the label.
#[derive(Debug)]
pub struct Pad {
    labels: usize,
    used: usize,
    /// Slots of the small table in use are `0 ..= mask`; none when the dense one is.
    mask: usize,
    few: bool,
    small: Box<Small>,
    weights: Vec<u64>,
    /// One more than can be touched: the place behind the last is written before it is counted.
    touched: Vec<u32>,
}

#[derive(Debug)]
struct Small {
    slots: [Slot; 2 * FEW],
    /// One more than can be touched, as above.
    touched: [u16; FEW + 1],
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    label: u32,
    weight: u64,
}

impl Slot {
    /// Whether the slot is another label's. Morally `weight != 0 && self.label != label`, but as one
    /// question, whose answer is nearly always no: that a slot is taken by another label can be predicted,
    /// that a label is new cannot.
    #[inline]
    fn refuses(self, label: u32) -> bool {
        let empty = self.weight.wrapping_sub(1) >> 63;
        let same = u64::from(self.label ^ label).wrapping_sub(1) >> 63;
        empty | same == 0
    }
}

/// At most so many labels go into the small table, which is then at most half full.
const FEW: usize = 512;

impl Pad {
    /// A clean pad for labels below `labels`.
    pub fn new(labels: usize) -> Self {
        Pad {
            labels,
            used: 0,
            mask: 0,
            few: true,
            small: Box::new(Small {
                slots: [Slot::default(); 2 * FEW],
                touched: [0; FEW + 1],
            }),
            weights: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// Sums the weights (positive) of at most `adds` labels. The pad must be clean.
    #[inline]
    pub fn tally(&mut self, adds: usize, labelled: impl Iterator<Item = (u32, u64)>) {
        debug_assert_eq!(self.used, 0);
        self.few = adds <= FEW;
        let mut used = 0;
        if self.few {
            self.mask = (4 * adds).next_power_of_two().clamp(FEW / 2, 2 * FEW) - 1;
            let Small { slots, touched } = &mut *self.small;
            for (label, weight) in labelled {
                let at = find(slots, self.mask, label);
                let slot = &mut slots[at];
                touched[used] = at as u16;
                used += usize::from(slot.weight == 0);
                slot.label = label;
                slot.weight += weight;
            }
        } else {
            if self.weights.is_empty() {
                self.weights = vec![0; self.labels];
                self.touched = vec![0; self.labels + 1];
            }
            for (label, weight) in labelled {
                let sum = &mut self.weights[label as usize];
                self.touched[used] = label;
                used += usize::from(*sum == 0);
                *sum += weight;
            }
        }
        self.used = used;
    }

    /// What `label` has gathered; from now on nothing, but it is still handed out if it was there.
    #[inline]
    pub fn take(&mut self, label: u32) -> u64 {
        std::mem::take(if self.few {
            let at = find(&self.small.slots, self.mask, label);
            &mut self.small.slots[at].weight
        } else {
            &mut self.weights[label as usize]
        })
    }

    /// Hands every (label, weight) to `visit`, in the order in which the labels first came, and
    /// leaves the pad clean.
    #[inline]
    pub fn drain(&mut self, mut visit: impl FnMut(u32, u64)) {
        let used = std::mem::take(&mut self.used);
        if self.few {
            let Small { slots, touched } = &mut *self.small;
            for &slot in &touched[..used] {
                let slot = &mut slots[slot as usize & (2 * FEW - 1)];
                visit(slot.label, std::mem::take(&mut slot.weight));
            }
        } else {
            for &label in &self.touched[..used] {
                visit(label, std::mem::take(&mut self.weights[label as usize]));
            }
        }
    }
}

/// Where `label` is or would go among the slots up to `mask`.
#[inline]
fn find(slots: &[Slot; 2 * FEW], mask: usize, label: u32) -> usize {
    // The compiler sees that the place is inside, so it does not look.
    let mask = mask & (2 * FEW - 1);
    let mut at = (label.wrapping_mul(0x9E37_79B1) >> 16) as usize & mask;
    while slots[at].refuses(label) {
        at = (at + 1) & mask;
    }
    at
}

/// Pads for whoever works next: one exists per thread that was ever busy at the same time.
#[derive(Debug)]
pub struct Pads {
    labels: usize,
    idle: Mutex<Vec<Pad>>,
}

impl Pads {
    /// Pads for labels below `labels`, made when first needed.
    pub fn new(labels: usize) -> Self {
        Pads {
            labels,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Lends a clean pad to `work`, which must leave it clean.
    pub fn with<R>(&self, work: impl FnOnce(&mut Pad) -> R) -> R {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut pad = idle.unwrap_or_else(|| Pad::new(self.labels));
        let result = work(&mut pad);
        debug_assert_eq!(pad.used, 0);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(pad);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_add_up_and_are_left_clean() {
        let pads = Pads::new(100_000);
        for adds in [300, FEW, 300] {
            pads.with(|pad| {
                pad.tally(
                    adds,
                    (0..adds as u32).map(|i| (i % 50 * 1999, u64::from(i) + 1)),
                );
                assert_eq!(pad.take(1), 0);
                let mut seen = Vec::new();
                pad.drain(|label, weight| seen.push((label, weight)));
                let sum = |k: u32| {
                    (1..=adds as u64)
                        .filter(|i| (i - 1) % 50 == u64::from(k))
                        .sum()
                };
                let expected: Vec<(u32, u64)> = (0..50).map(|k| (k * 1999, sum(k))).collect();
                assert_eq!(seen, expected);
            });
        }
    }
}
