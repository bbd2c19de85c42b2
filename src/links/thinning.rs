//! Thinning: of the many weak links of an account, the strongest are enough to find its group by.
//!
//! # Definition
//! Of every row of pairs, node `a` with all `b > a`, all *heavy* pairs are kept, and of the others as many as
//! [`Thinning::weak`] says: the heaviest, of equals by lot. So a link stays if it is heavy or the end that comes
//! first has few better ones. Of what is left, nodes without a pair that weighs more than one thing can leave with all their
//! pairs (`Blocks::among` in `mirror.rs`).
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

use crate::base::chance::draw;

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

    /// Appends what is kept of the row of `node`, which joins it with `others` (in any order) by `weights`.
    #[inline]
    pub(super) fn keep(
        self,
        (node, others, weights): (u32, &[u32], &[u32]),
        room: &mut Room,
        kept: &mut Kept<'_>,
    ) {
        let is_light = |weight: &u32| *weight < self.heavy;
        let few = others.len() <= self.weak;
        if few || weights.iter().filter(|weight| is_light(weight)).count() <= self.weak {
            kept.others.extend_from_slice(others);
            kept.weights.extend_from_slice(weights);
            return;
        }
        let Room { light, lots } = room;
        light.clear();
        light.extend(weights.iter().copied().filter(is_light));
        let least = self.least(light);
        let above = light.iter().filter(|&&weight| weight > least).count();
        // Who of those that weigh exactly as much as the last that is kept is drawn by lot. By number, whoever came to
        // the platform next would be kept, and groups would end where nothing ends.
        let of_row = draw(LOT, 0, u64::from(node));
        let draws = |other: u32| (u64::from(other) ^ of_row).wrapping_mul(SPREAD);
        lots.clear();
        let row = || others.iter().zip(weights);
        lots.extend(row().filter(|row| *row.1 == least).map(|row| draws(*row.0)));
        let last = match self.weak - above {
            0 => None,
            drawn => Some(*lots.select_nth_unstable(drawn - 1).1),
        };
        for (&other, &weight) in row() {
            if weight > least || weight == least && Some(draws(other)) <= last {
                kept.others.push(other);
                kept.weights.push(weight);
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

/// Where kept links go.
pub(super) struct Kept<'a> {
    pub(super) others: &'a mut Vec<u32>,
    pub(super) weights: &'a mut Vec<u32>,
}

/// Room to work in.
#[derive(Default)]
pub(super) struct Room {
    light: Vec<u32>,
    lots: Vec<u64>,
}

/// What the lots are drawn from.
const LOT: u64 = 0x7468_696e;

/// Odd, so that different accounts draw different lots, and the high bits depend on all of them: ⌊2⁶⁴ / φ⌋.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// All heavy ones, as many others as are wanted, and none of those that is lighter than one left out.
        #[test]
        fn the_heaviest_are_kept(
            weights in prop::collection::vec(1..20u32, 0..40), heavy in 0..25u32, weak in 0..12usize,
        ) {
            let others: Vec<u32> = (0..weights.len() as u32).map(|i| 3 * i + 1).collect();
            let (mut kept, mut kept_weights) = (Vec::new(), Vec::new());
            let mut into = Kept { others: &mut kept, weights: &mut kept_weights };
            Thinning { heavy, weak }.keep((0, &others, &weights), &mut Room::default(), &mut into);
            prop_assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
            let weight_of = |other: u32| weights[(other as usize - 1) / 3];
            prop_assert!(kept.iter().zip(&kept_weights).all(|(&other, &weight)| weight == weight_of(other)));
            let left_out: Vec<u32> =
                others.iter().copied().filter(|other| !kept.contains(other)).map(weight_of).collect();
            let light: Vec<u32> = kept_weights.iter().copied().filter(|&weight| weight < heavy).collect();
            prop_assert!(left_out.iter().all(|&weight| weight < heavy));
            prop_assert_eq!(light.len(), weak.min(light.len() + left_out.len()));
            prop_assert!(left_out.iter().max() <= light.iter().min() || light.is_empty());
        }
    }

    /// Nobody is preferred for being near: the mean of whom is kept is the mean of all.
    #[test]
    fn equals_are_drawn_by_lot() {
        let others: Vec<u32> = (1..=1000).collect();
        let (mut kept, mut weights) = (Vec::new(), Vec::new());
        let mut into = Kept {
            others: &mut kept,
            weights: &mut weights,
        };
        let thinning = Thinning {
            heavy: 9,
            weak: 100,
        };
        thinning.keep((0, &others, &[5; 1000]), &mut Room::default(), &mut into);
        assert_eq!(kept.len(), 100);
        let mean = kept.iter().sum::<u32>() / 100;
        assert!((400..600).contains(&mean), "{mean}");
    }
}
