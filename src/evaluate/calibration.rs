//! Are q-values kept? Promised against realised shares of false rings.
//!
//! A q-value is a promise about a list: among all rings at this value or below, at most such a share is
//! false. So every bin says what its own rings promised and were, and what the list down to
//! its end promised and was. A ring is *false* when fewer than half of its accounts are bad (for labels: of
//! those labelled; rings without a labelled account are left out).

use serde::Serialize;

use super::accounts::KnownAccounts;
use super::ratio;
use super::rings::Published;
use super::truth::Truth;

/// Ends of the bins; the last takes the rest.
const BINS: [f64; 8] = [1e-6, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0];

/// The rings whose q-value lies in one range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Above this (the first bin holds 0, too).
    pub q_from: f64,
    /// Up to this.
    pub q_to: f64,
    /// Rings in the bin.
    pub rings: u64,
    /// False ones among them.
    pub wrong: u64,
    /// Mean of their q-values.
    pub promised: f64,
    /// `wrong / rings`.
    pub realised: f64,
    /// Rings in this bin and those below it.
    pub rings_up_to: u64,
    /// False ones among them.
    pub wrong_up_to: u64,
    /// `wrong_up_to / rings_up_to`: held against `q_to`.
    pub realised_up_to: f64,
}

/// One bin after the other, empty ones included.
pub(super) fn bins(published: &[Published<'_>], truth: &Truth) -> Vec<CalibrationBin> {
    let known = KnownAccounts::of(truth);
    let judged: Vec<(f64, bool)> = published
        .iter()
        .filter_map(|ring| {
            let verdicts: Vec<bool> = ring
                .members
                .keys()
                .filter_map(|account| known.is_bad(account))
                .collect();
            let bad = verdicts.iter().filter(|&&bad| bad).count();
            (!verdicts.is_empty()).then_some((ring.q_value, bad * 2 < verdicts.len()))
        })
        .collect();
    let mut q_from = 0.0;
    BINS.into_iter()
        .enumerate()
        .map(|(number, q_to)| {
            let is_last = number + 1 == BINS.len();
            let up_to = |q: f64| q <= q_to || is_last;
            let inside = |q: f64| up_to(q) && (number == 0 || q > q_from);
            let tally = |fits: &dyn Fn(f64) -> bool| {
                let fitting = judged.iter().filter(|(q, _)| fits(*q));
                fitting.fold((0, 0, 0.0), |(rings, wrong, sum), &(q, is_wrong)| {
                    (rings + 1, wrong + u64::from(is_wrong), sum + q)
                })
            };
            let (rings, wrong, sum) = tally(&inside);
            let (rings_up_to, wrong_up_to, _) = tally(&up_to);
            let bin = CalibrationBin {
                q_from,
                q_to,
                rings,
                wrong,
                promised: if rings == 0 { 0.0 } else { sum / rings as f64 },
                realised: ratio(wrong, rings),
                rings_up_to,
                wrong_up_to,
                realised_up_to: ratio(wrong_up_to, rings_up_to),
            };
            q_from = q_to;
            bin
        })
        .collect()
}
