//! Scratch pads: a dense table from label to weight that is cheap to clear.
//!
//! Adding up the weights by neighbouring label is the inner loop of every community kernel. A pad
//! is an array indexed by label, all zeros between uses, and the list of labels that were touched;
//! clearing walks the list. No hashing, no probing, and the sums do not depend on the order.

use std::sync::Mutex;

/// Weights by label.
///
/// Layout: `weights[label]` is zero unless `label` is in `touched`, which lists each label once.
#[derive(Debug)]
pub struct Pad {
    weights: Vec<u64>,
    touched: Vec<u32>,
}

impl Pad {
    /// A clean pad for labels below `labels`.
    pub fn new(labels: usize) -> Self {
        Pad {
            weights: vec![0; labels],
            touched: Vec::new(),
        }
    }

    /// Adds `weight` (positive) to `label`.
    #[inline]
    pub fn add(&mut self, label: u32, weight: u64) {
        let slot = &mut self.weights[label as usize];
        if *slot == 0 {
            self.touched.push(label);
        }
        *slot += weight;
    }

    /// What `label` has gathered.
    #[inline]
    pub fn weight(&self, label: u32) -> u64 {
        self.weights[label as usize]
    }

    /// Touched labels in the order in which they came.
    #[inline]
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// Hands every (label, weight) to `visit` and leaves the pad clean.
    #[inline]
    pub fn drain(&mut self, mut visit: impl FnMut(u32, u64)) {
        for &label in &self.touched {
            visit(label, std::mem::take(&mut self.weights[label as usize]));
        }
        self.touched.clear();
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
        debug_assert!(pad.touched.is_empty());
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
    fn a_drained_pad_is_clean() {
        let pads = Pads::new(3);
        pads.with(|pad| {
            pad.add(2, 5);
            pad.add(0, 1);
            pad.add(2, 5);
            assert_eq!((pad.touched(), pad.weight(2)), (&[2, 0][..], 10));
            let mut seen = Vec::new();
            pad.drain(|label, weight| seen.push((label, weight)));
            assert_eq!(seen, [(2, 10), (0, 1)]);
        });
        pads.with(|pad| assert!((0..3).all(|label| pad.weight(label) == 0)));
    }
}
