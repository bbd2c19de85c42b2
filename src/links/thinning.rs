//! Thinning: of the many weak links of an account, the strongest are enough to find its group by.
//!
//! # Definition
//! Of every row of pairs, node `a` with all `b > a`, all *heavy* pairs are kept, and of the others as many as
//! [`Thinning::weak`] says: the heaviest, of equals those with the smallest node. So a link stays if either it is
//! heavy or the end that comes first has few better ones.
//!
//! # What it cannot change
//! Links only say where to look. What speaks for a ring is gathered from the entities afterwards, and the links
//! that are published with it are made afresh. Under constant Potts at λ a group of s accounts whose pairs all weigh w
//! stays one community while `weak · w ≥ λ · s / 2`.
//!
//! # Cost
//! Linear in the row. What is kept of `n` accounts is at most `weak · n` links and the heavy ones.
//!
//! # Reference
//! Satuluri, Parthasarathy, Ruan, *Local graph sparsification for scalable clustering*, SIGMOD 2011: each node keeps
//! its best links. Here by weight, by half rows, and never a heavy one is lost.

/// What is kept of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thinning {
    /// Links of at least so much are all kept: thousandths of a unit.
    pub heavy: u32,
    /// Lighter links that are kept of a row.
    pub weak: usize,
}

impl Thinning {
    /// Nothing is left out.
    pub const NONE: Thinning = Thinning {
        heavy: 0,
        weak: usize::MAX,
    };

    /// Appends what is kept of the row that joins `others` (ascending) by `weights`; `light` is room to work in.
    #[inline]
    pub(super) fn keep(
        self,
        others: &[u32],
        weights: &[u32],
        light: &mut Vec<u32>,
        kept: (&mut Vec<u32>, &mut Vec<u32>),
    ) {
        let is_light = |weight: &u32| *weight < self.heavy;
        if others.len() <= self.weak || weights.iter().filter(|w| is_light(w)).count() <= self.weak
        {
            kept.0.extend_from_slice(others);
            kept.1.extend_from_slice(weights);
            return;
        }
        light.clear();
        light.extend(weights.iter().copied().filter(is_light));
        let least = self.least(light);
        // Of those that weigh exactly as much as the last that is kept, the first.
        let above = light.iter().filter(|&&weight| weight > least).count();
        let mut equals = self.weak - above;
        for (&other, &weight) in others.iter().zip(weights) {
            let equal = weight == least;
            if weight > least || (equal && equals > 0) {
                equals -= usize::from(equal);
                kept.0.push(other);
                kept.1.push(weight);
            }
        }
    }

    /// The lightest of the heaviest of `light`, which are more than are kept.
    fn least(self, light: &mut [u32]) -> u32 {
        match self.weak {
            0 => self.heavy.saturating_sub(1),
            weak => *light.select_nth_unstable_by(weak - 1, |a, b| b.cmp(a)).1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// By sorting: the heavy ones, and the first so many of the others.
        #[test]
        fn the_heaviest_are_kept(
            weights in prop::collection::vec(1..20u32, 0..40), heavy in 0..25u32, weak in 0..12usize,
        ) {
            let others: Vec<u32> = (0..weights.len() as u32).map(|i| 3 * i + 1).collect();
            let (mut kept, mut kept_weights) = (vec![7], vec![7]);
            let thinning = Thinning { heavy, weak };
            thinning.keep(&others, &weights, &mut Vec::new(), (&mut kept, &mut kept_weights));
            let mut light: Vec<(u32, u32)> =
                weights.iter().copied().zip(others.iter().copied()).filter(|row| row.0 < heavy).collect();
            light.sort_by_key(|&(weight, other)| (std::cmp::Reverse(weight), other));
            light.truncate(weak);
            let all = weights.iter().copied().zip(others.iter().copied());
            let expected: Vec<(u32, u32)> =
                all.filter(|row| row.0 >= heavy || light.contains(row)).collect();
            prop_assert_eq!((kept[0], kept_weights[0]), (7, 7));
            let kept: Vec<(u32, u32)> =
                kept_weights.into_iter().zip(kept).skip(1).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
