//! `Rhythm`: how busy the whole platform was at a moment, the yardstick for synchrony.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

/// Histogram of all times of one column, in bins of about the window's width.
///
/// Layout: bin `i` counts the times in `start + i·width .. start + (i + 1)·width` (microseconds).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rhythm {
    start: i64,
    width: i64,
    bins: Vec<u32>,
    total: u64,
}

/// Times looked at by one task, at least.
const TIMES_PER_TASK: usize = 1 << 14;

/// Bins at the most: finer than a second over a year, still only a few megabytes.
const MAX_BINS: i64 = 1 << 22;

impl Rhythm {
    /// From times in any order; `within` is the width that will be asked for.
    pub fn new(times: &[i64], within: i64) -> Self {
        let by_task = || times.par_chunks(TIMES_PER_TASK);
        let ends = by_task().map(|times| {
            let least = times.iter().fold(i64::MAX, |least, &time| least.min(time));
            let most = times.iter().fold(i64::MIN, |most, &time| most.max(time));
            (least, most)
        });
        let Some((start, end)) = ends.reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
            return Rhythm::default();
        };
        let span = end.saturating_sub(start).saturating_add(1);
        let width = within.max(span / MAX_BINS + 1);
        let bins: Vec<AtomicU32> = (0..=span / width).map(|_| AtomicU32::new(0)).collect();
        by_task().for_each(|times| {
            for time in times {
                let bin = time.abs_diff(start) / width.unsigned_abs();
                bins[bin as usize].fetch_add(1, Ordering::Relaxed);
            }
        });
        Rhythm {
            start,
            width,
            bins: bins.into_iter().map(AtomicU32::into_inner).collect(),
            total: times.len() as u64,
        }
    }

    /// Upper bound of the share of all actions that fall in `from ..= to`, with one action more
    /// spread evenly over the whole span so that no moment is impossible. In `(0, 1]`.
    pub fn share(&self, from: i64, to: i64) -> f64 {
        if self.bins.is_empty() {
            return 1.0;
        }
        let bin = |time: i64| {
            (time.saturating_sub(self.start) / self.width).clamp(0, self.bins.len() as i64 - 1)
                as usize
        };
        let (first, last) = (bin(from), bin(to));
        let inside: u64 = self.bins[first..=last]
            .iter()
            .map(|&count| u64::from(count))
            .sum();
        let spread = (last - first + 1) as f64 / self.bins.len() as f64;
        ((inside as f64 + spread) / (self.total as f64 + 1.0)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_bound_the_true_ones() {
        let times: Vec<i64> = (0..1000).map(|i| i * i % 86_400).collect();
        let rhythm = Rhythm::new(&times, 60);
        for from in (0..86_400).step_by(977) {
            let inside = times
                .iter()
                .filter(|&&time| (from..=from + 60).contains(&time))
                .count();
            let share = rhythm.share(from, from + 60);
            assert!(share > inside as f64 / 1001.0 && share <= 1.0);
        }
        assert_eq!(Rhythm::default().share(0, 1), 1.0);
    }
}
