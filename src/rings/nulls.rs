//! Two nulls: chance, and innocent togetherness.
//!
//! *Chance.* Evidence of `s` nats is reached anywhere on a platform without coordination with chance at
//! most `e^−s` ([`crate::rings::statistic`]). So among `j` rings at least as strong as `s`, at most `e^−s` are
//! expected to be chance, and the q-value is the smallest such share over all thresholds that include
//! the ring.
//!
//! *Innocent togetherness.* Families, flats and offices share devices and addresses for reasons of their
//! own; chance is the wrong null for them. How far they live on things of their own
//! ([`togetherness`](crate::rings::togetherness)) is the platform's own: weakly tied groups are many, and
//! each further step is rarer by about the same factor. Where a group goes on beyond the tail that the others
//! foretell, it is no family. No rate of contamination is asked for: the tail is read off where 95 % of
//! the groups lie.

/// Fewer groups than this say nothing about what is usual.
const ENOUGH_GROUPS: usize = 20;

/// The share of groups that are taken to be above the bulk.
const ABOVE_THE_BULK: f64 = 0.05;

/// q-values against chance, for evidence in nats (any order).
pub fn chance_q(evidence: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..evidence.len()).collect();
    order.sort_by(|&a, &b| evidence[b].total_cmp(&evidence[a]));
    let mut q = vec![1.0; evidence.len()];
    let mut smallest = 1.0f64;
    // From the weakest up: a ring may use any threshold that includes it.
    for (rank, &at) in order.iter().enumerate().rev() {
        smallest = smallest.min((-evidence[at]).exp() / (rank + 1) as f64);
        q[at] = smallest;
    }
    q
}

/// q-values of groups against innocent togetherness, by their strengths: for each group the expected number
/// of innocent groups at least as strong over the observed number. 1 where the data cannot tell.
pub fn innocent_q(strengths: &[f64]) -> Vec<f64> {
    let mut ascending = strengths.to_vec();
    ascending.sort_unstable_by(f64::total_cmp);
    let at_least = |strength: f64| {
        (ascending.len() - ascending.partition_point(|&other| other < strength)) as f64
    };
    let groups = ascending.len() as f64;
    let weakest = ascending.first().copied().unwrap_or(0.0);
    // The first strength that few enough groups reach, or the greatest there is.
    let bulk_end = ascending
        .iter()
        .copied()
        .find(|&strength| at_least(strength) <= ABOVE_THE_BULK * groups)
        .or(ascending.last().copied())
        .unwrap_or(0.0);
    if strengths.len() < ENOUGH_GROUPS || bulk_end <= weakest {
        return vec![1.0; strengths.len()];
    }
    // One group more, so that an empty tail does not foretell impossibility.
    let surviving = (at_least(bulk_end) + 1.0) / (groups + 1.0);
    let per_step = surviving.ln() / (bulk_end - weakest);
    strengths
        .iter()
        .map(|&strength| {
            let expected = groups * (per_step * (strength - weakest)).exp();
            (expected / at_least(strength)).min(1.0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stronger_rings_never_have_larger_q() {
        let q = chance_q(&[1.0, 30.0, 2.0, 0.0, 2.5]);
        assert!(q[1] < 1e-12 && q[4] <= q[2] && q[2] <= q[0] && q[0] <= q[3]);
        assert!((q[3] - 1.0 / 5.0).abs() < 1e-12);
    }

    #[test]
    fn a_geometric_tail_flags_nobody_and_a_farm_stands_out() {
        let mut sizes: Vec<f64> = Vec::new();
        for (size, count) in [
            (2, 800),
            (3, 360),
            (4, 160),
            (5, 70),
            (6, 30),
            (7, 14),
            (8, 6),
            (9, 2),
        ] {
            sizes.extend(std::iter::repeat_n(f64::from(size), count));
        }
        assert!(innocent_q(&sizes).iter().all(|&q| q > 0.05));
        sizes.push(40.0);
        let q = innocent_q(&sizes);
        assert!(*q.last().unwrap() < 1e-4);
        assert!(innocent_q(&[2.0, 2.0, 40.0]).iter().all(|&q| q == 1.0));
        assert!(innocent_q(&[2.0; 60]).iter().all(|&q| q == 1.0));
        assert!(innocent_q(&[]).is_empty());
    }
}
