//! Two nulls: chance, and innocent togetherness.
//!
//! *Chance.* Evidence of `s` nats is reached anywhere on a platform without coordination with chance at
//! most `e^−s` ([`crate::rings::statistic`]). So among `j` rings at least as strong as `s`, at most `e^−s` are
//! expected to be chance, and the q-value is the smallest such share over all thresholds that include
//! the ring.
//!
//! *Innocent togetherness.* Families, flats and offices share devices and addresses for reasons of their
//! own; chance is the wrong null for them. Their sizes are the platform's own: small groups are many, and
//! each further member is rarer by about the same factor. Where groups that share infrastructure and
//! nothing else go on beyond the tail that the small ones foretell, they are no families. No rate of
//! contamination is asked for: the tail is read off where 95 % of the groups lie.

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

/// How usual groups of each size are: the sizes that there are, and the tail that the small ones foretell.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSizes {
    ascending: Vec<usize>,
    /// By how many nats groups get rarer with each member; `None` where the data cannot tell.
    per_member: Option<f64>,
}

impl GroupSizes {
    /// From the sizes of all groups, in any order.
    pub fn new(mut sizes: Vec<usize>) -> Self {
        sizes.sort_unstable();
        let mut groups = GroupSizes {
            ascending: sizes,
            per_member: None,
        };
        groups.per_member = groups.fit();
        groups
    }

    fn fit(&self) -> Option<f64> {
        let (&smallest, &largest) = (self.ascending.first()?, self.ascending.last()?);
        if self.ascending.len() < ENOUGH_GROUPS {
            return None;
        }
        let groups = self.ascending.len() as f64;
        // The first size that few enough groups reach; at least one step above the smallest.
        let bulk_end = (smallest + 1..=largest)
            .find(|&size| self.at_least(size) <= ABOVE_THE_BULK * groups)
            .unwrap_or(smallest + 1);
        // One group more, so that an empty tail does not foretell impossibility.
        let surviving = (self.at_least(bulk_end) + 1.0) / (groups + 1.0);
        Some(surviving.ln() / (bulk_end - smallest) as f64)
    }

    /// Groups of `size` or above.
    fn at_least(&self, size: usize) -> f64 {
        (self.ascending.len() - self.ascending.partition_point(|&other| other < size)) as f64
    }

    /// Innocent groups of `size` or above that are to be expected; all groups where the data cannot tell.
    pub fn innocent(&self, size: usize) -> f64 {
        let smallest = self.ascending.first().copied().unwrap_or(0);
        let above = size.saturating_sub(smallest) as f64;
        let rarer = self.per_member.map_or(1.0, |nats| (nats * above).exp());
        self.ascending.len().max(1) as f64 * rarer
    }

    /// q-value against innocent togetherness: the expected number of innocent groups at least as large over
    /// the observed number. 1 where the data cannot tell.
    pub fn innocent_q(&self, size: usize) -> f64 {
        match self.per_member {
            Some(_) => (self.innocent(size) / self.at_least(size).max(1.0)).min(1.0),
            None => 1.0,
        }
    }
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
        let mut sizes: Vec<usize> = Vec::new();
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
            sizes.extend(std::iter::repeat_n(size, count));
        }
        let groups = GroupSizes::new(sizes.clone());
        assert!(sizes.iter().all(|&size| groups.innocent_q(size) > 0.05));
        sizes.push(40);
        assert!(GroupSizes::new(sizes).innocent_q(40) < 1e-4);
        assert_eq!(GroupSizes::new(vec![2, 2, 40]).innocent_q(40), 1.0);
    }
}
