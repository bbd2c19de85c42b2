//! Scratch pads: tables from label to weight that are cheap to clear.
//!
//! Adding up the weights by neighbouring label is the inner loop of every community kernel. Few
//! labels go into a small open-addressed table that stays in the first-level cache; many go into a
//! dense array indexed by label. Both list what was touched, so that clearing costs what was used,
//! and both note a label without asking whether it is new, because that branch cannot be predicted.
//!
//! Sums and the order of first appearance depend on what was added alone, never on the table.

use std::sync::Mutex;

/// Weights by label. Clean between uses; opened with [`Pad::expect`] before the first label.
///
/// Layout: a table's `weights[slot]` is zero unless `slot` is among the first `used` of `touched`,
/// each of which is there once. In the dense table the slot is the label.
#[derive(Debug)]
pub struct Pad {
    labels: usize,
    few: bool,
    used: usize,
    small: Box<Small>,
    weights: Vec<u64>,
    touched: Vec<u32>,
}

/// At most so many labels go into the small table, which is then at most half full.
const FEW: usize = 128;
const SLOTS: usize = 2 * FEW;

#[derive(Debug)]
struct Small {
    labels: [u32; SLOTS],
    weights: [u64; SLOTS],
    /// One more than can be touched: the place behind the last is written before it is counted.
    touched: [u8; FEW + 1],
}

impl Small {
    /// Where `label` is or would go.
    #[inline]
    fn slot(&self, label: u32) -> usize {
        let mut slot = (label.wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.ilog2())) as usize;
        while self.weights[slot] != 0 && self.labels[slot] != label {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

impl Pad {
    /// A clean pad for labels below `labels`.
    pub fn new(labels: usize) -> Self {
        let small = Small {
            labels: [0; SLOTS],
            weights: [0; SLOTS],
            touched: [0; FEW + 1],
        };
        Pad {
            labels,
            few: true,
            used: 0,
            small: Box::new(small),
            weights: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// Chooses the table for at most `adds` calls of [`Self::add`]. The pad must be clean.
    #[inline]
    pub fn expect(&mut self, adds: usize) {
        debug_assert_eq!(self.used, 0);
        self.few = adds <= FEW;
        if !self.few && self.weights.is_empty() {
            self.weights = vec![0; self.labels];
            self.touched = vec![0; self.labels + 1];
        }
    }

    /// Adds `weight` (positive) to `label`.
    #[inline]
    pub fn add(&mut self, label: u32, weight: u64) {
        if self.few {
            let slot = self.small.slot(label);
            self.small.labels[slot] = label;
            self.small.touched[self.used] = slot as u8;
            self.used += usize::from(self.small.weights[slot] == 0);
            self.small.weights[slot] += weight;
        } else {
            let sum = &mut self.weights[label as usize];
            self.touched[self.used] = label;
            self.used += usize::from(*sum == 0);
            *sum += weight;
        }
    }

    /// What `label` has gathered.
    #[inline]
    pub fn weight(&self, label: u32) -> u64 {
        if self.few {
            self.small.weights[self.small.slot(label)]
        } else {
            self.weights[label as usize]
        }
    }

    /// Hands every (label, weight) to `visit`, in the order in which the labels first came, and
    /// leaves the pad clean.
    #[inline]
    pub fn drain(&mut self, mut visit: impl FnMut(u32, u64)) {
        let used = std::mem::take(&mut self.used);
        if self.few {
            for &slot in &self.small.touched[..used] {
                let slot = slot as usize;
                let weight = std::mem::take(&mut self.small.weights[slot]);
                visit(self.small.labels[slot], weight);
            }
        } else {
            for &label in &self.touched[..used] {
                visit(label, std::mem::take(&mut self.weights[label as usize]));
            }
        }
    }
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
                pad.expect(adds);
                for i in 0..adds as u32 {
                    pad.add(i % 50 * 1999, u64::from(i) + 1);
                }
                assert_eq!(pad.weight(1), 0);
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
