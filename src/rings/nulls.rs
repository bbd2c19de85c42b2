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

/// Groups that are taken to be above it at least where groups are few: of less a slope is a matter of luck.
const GROUPS_ABOVE: f64 = 10.0;

/// Groups with a smaller q-value are no part of what is usual.
const BEYOND_DOUBT: f64 = 0.01;

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

/// What strengths are usual among groups: the q-value of a group is the expected number of innocent groups at least as strong over
/// the observed number.
///
/// Groups that stand out beyond doubt say nothing about the innocent, so the tail is read off again without
/// them until no more stand out.
#[derive(Debug)]
pub struct Usual {
    ascending: Vec<f64>,
    tail: Tail,
}

impl Usual {
    /// Of groups by their strengths, in any order; `None` where they are too few or all alike.
    pub fn of(strengths: &[f64]) -> Option<Self> {
        Usual::above(strengths, 0.0)
    }

    /// The same where few groups may hold several rings, which would then be what is usual: at least ten are taken to be above the
    /// bulk. For sets of which something else says that they are no family.
    pub fn of_few(strengths: &[f64]) -> Option<Self> {
        Usual::above(strengths, GROUPS_ABOVE)
    }

    fn above(strengths: &[f64], least: f64) -> Option<Self> {
        let mut ascending = strengths.to_vec();
        ascending.sort_unstable_by(f64::total_cmp);
        let mut innocent = ascending.len();
        let mut tail = Tail::of(&ascending, least)?;
        loop {
            let q = |strength: f64| tail.expected(strength) / at_least(&ascending, strength);
            let kept =
                ascending[..innocent].partition_point(|&strength| q(strength) > BEYOND_DOUBT);
            if kept == innocent {
                break;
            }
            innocent = kept;
            tail = Tail::of(&ascending[..innocent], least).unwrap_or(tail);
        }
        Some(Usual { ascending, tail })
    }

    /// Groups as strong as `strength` that are foretold.
    pub fn expected(&self, strength: f64) -> f64 {
        self.tail.expected(strength)
    }

    /// Groups as strong as `strength` that are foretold, over those that there are; at most 1.
    pub fn q(&self, strength: f64) -> f64 {
        (self.expected(strength) / at_least(&self.ascending, strength).max(1.0)).min(1.0)
    }
}

/// How many of `ascending` are at least `strength`.
fn at_least(ascending: &[f64], strength: f64) -> f64 {
    (ascending.len() - ascending.partition_point(|&other| other < strength)) as f64
}

/// How quickly stronger groups become rarer.
#[derive(Debug)]
struct Tail {
    groups: f64,
    weakest: f64,
    /// Logarithm of the share of groups that one more unit of strength leaves; negative.
    per_unit: f64,
    /// How many strengths it would take to know `per_unit` as well if each told all it could.
    told_by: f64,
}

impl Tail {
    /// Of groups by their strengths, ascending, at `least` so many of which are above the bulk; `None` where they are too few or all
    /// alike.
    fn of(ascending: &[f64], least: f64) -> Option<Tail> {
        let groups = ascending.len() as f64;
        let (&weakest, &strongest) = (ascending.first()?, ascending.last()?);
        // The first strength that few enough groups reach, or the greatest there is.
        let bulk_end = ascending
            .iter()
            .copied()
            .find(|&strength| at_least(ascending, strength) <= (ABOVE_THE_BULK * groups).max(least))
            .unwrap_or(strongest);
        if ascending.len() < ENOUGH_GROUPS || bulk_end <= weakest {
            return None;
        }
        // One group more, so that an empty tail does not foretell impossibility.
        let surviving = (at_least(ascending, bulk_end) + 1.0) / (groups + 1.0);
        Some(Tail {
            groups,
            weakest,
            per_unit: surviving.ln() / (bulk_end - weakest),
            told_by: groups * surviving * surviving.ln().powi(2) / (1.0 - surviving),
        })
    }

    /// Groups at least as strong that are to be expected: `(1 + λx/k)⁻ᵏ` of them, what is foretold of an exponential whose rate
    /// `λ` is known from `k` draws. Of many draws that is `e^−λx`; of few the tail may be longer than it looked.
    fn expected(&self, strength: f64) -> f64 {
        let steps = self.per_unit * (self.weakest - strength) / self.told_by;
        self.groups * (-self.told_by * steps.max(-0.5).ln_1p()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 where the data cannot tell.
    fn innocent_q(strengths: &[f64]) -> Vec<f64> {
        let usual = Usual::of(strengths);
        let q = |&strength: &f64| usual.as_ref().map_or(1.0, |usual| usual.q(strength));
        strengths.iter().map(q).collect()
    }

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

    #[test]
    fn eight_pools_among_thirty_families_are_not_what_is_usual() {
        let families = (0..30).map(|rank| -(f64::from(rank) + 0.5).ln() + 30f64.ln());
        let mut strengths: Vec<f64> = families.collect();
        let alone = Usual::of_few(&strengths).unwrap();
        assert!(strengths.iter().all(|&family| alone.q(family) > 0.05));
        let pools = [12.0, 16.0, 24.0, 40.0, 60.0, 76.0, 137.0, 196.0];
        strengths.extend(pools);
        let few = Usual::of_few(&strengths).unwrap();
        assert!(pools.iter().all(|&pool| few.q(pool) < 0.05));
        let usual = Usual::of(&strengths).unwrap();
        assert!(pools[..6].iter().all(|&pool| usual.q(pool) > 0.05));
    }
}
