//! Thinning: of the many weak links of an account, the strongest are enough to find its group by.
//!
//! # Definition
//! Of every row of pairs, node `a` with all `b > a`, all *heavy* pairs are kept, all that a source which is kept
//! [whole](Thinning::whole) has a part in, and of the others as many as [`Thinning::weak`] says: the heaviest, of equals
//! by lot. So a link stays if it is heavy, if it is of such a source, or if the end that comes first has few better ones.
//! Of what is left, where no source is kept whole, nodes without a pair that weighs more than one thing can leave with all their
//! pairs (`Blocks::among` in `mirror.rs`).
//!
//! # What it cannot change
//! Links only say where to look. What speaks for a ring is gathered from the entities afterwards, and the links
//! that are published with it are made afresh. Under constant Potts at λ a group of s accounts whose pairs all weigh w
//! stays one community while `weak · w ≥ λ · s / 2`.
//!
//! # Cost
//! Linear in the row. What is kept of `n` accounts is at most `weak · n` links, the heavy ones and those of whole sources.
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
    /// Links with a source among these bits are all kept, and take nobody's place.
    pub whole: u32,
}

impl Thinning {
    /// Nothing is left out.
    pub const NONE: Thinning = Thinning {
        heavy: 0,
        weak: usize::MAX,
        whole: 0,
    };

    /// Appends what is kept of `row`.
    #[inline]
    pub(super) fn keep(self, row: &Row<'_>, room: &mut Room, kept: &mut Kept<'_>) {
        let few = row.others.len() <= self.weak;
        if few || row.weights().filter(|&link| self.is_light(link)).count() <= self.weak {
            kept.others.extend_from_slice(row.others);
            kept.weights.extend_from_slice(row.weights);
            return;
        }
        let Room { light, lots } = room;
        light.clear();
        let weights = row.weights().filter(|&link| self.is_light(link));
        light.extend(weights.map(|(weight, _)| weight));
        let least = self.least(light);
        let above = light.iter().filter(|&&weight| weight > least).count();
        // Who of those that weigh exactly as much as the last that is kept is drawn by lot. By number, whoever came to
        // the platform next would be kept, and groups would end where nothing ends.
        let of_row = draw(LOT, 0, u64::from(row.node));
        let draws = |other: u32| (u64::from(other) ^ of_row).wrapping_mul(SPREAD);
        let links = || row.others.iter().copied().zip(row.weights());
        let drawn = |(weight, sources)| weight == least && self.is_light((weight, sources));
        lots.clear();
        lots.extend(links().filter(|row| drawn(row.1)).map(|row| draws(row.0)));
        let last = match self.weak - above {
            0 => None,
            drawn => Some(*lots.select_nth_unstable(drawn - 1).1),
        };
        for (other, link) in links() {
            let weight = link.0;
            if weight > least
                || !self.is_light(link)
                || weight == least && Some(draws(other)) <= last
            {
                kept.others.push(other);
                kept.weights.push(weight);
            }
        }
    }

    /// Whether a link of this weight and these sources may have to go.
    #[inline]
    fn is_light(self, (weight, sources): (u32, u32)) -> bool {
        weight < self.heavy && sources & self.whole == 0
    }

    /// The lightest of the heaviest of `light`, which are more than are kept.
    fn least(self, light: &mut [u32]) -> u32 {
        match self.weak {
            0 => self.heavy.saturating_sub(1),
            weak => *light.select_nth_unstable_by(weak - 1, |a, b| b.cmp(a)).1,
        }
    }
}

/// A node and all larger nodes that it is linked with, in any order.
pub(super) struct Row<'a> {
    pub(super) node: u32,
    pub(super) others: &'a [u32],
    /// Beside them: thousandths of a unit.
    pub(super) weights: &'a [u32],
    /// Beside them: bit `s` is set where source `s` links the two.
    pub(super) sources: &'a [u32],
}

impl Row<'_> {
    /// Weight and sources of every link.
    #[inline]
    fn weights(&self) -> impl Iterator<Item = (u32, u32)> {
        self.weights
            .iter()
            .copied()
            .zip(self.sources.iter().copied())
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
        /// All heavy ones, all of a source that is kept whole, as many others as are wanted, and none of those that is lighter than one left out.
        #[test]
        fn the_heaviest_are_kept(
            links in prop::collection::vec((1..20u32, 1..8u32), 0..40), heavy in 0..25u32, weak in 0..12usize,
        ) {
            let (weights, sources): (Vec<u32>, Vec<u32>) = links.into_iter().unzip();
            let others: Vec<u32> = (0..weights.len() as u32).map(|i| 3 * i + 1).collect();
            let (mut kept, mut kept_weights) = (Vec::new(), Vec::new());
            let mut into = Kept { others: &mut kept, weights: &mut kept_weights };
            let row = Row { node: 0, others: &others, weights: &weights, sources: &sources };
            Thinning { heavy, weak, whole: 4 }.keep(&row, &mut Room::default(), &mut into);
            prop_assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
            let weight_of = |other: u32| weights[(other as usize - 1) / 3];
            let is_light = |other: u32| weight_of(other) < heavy && sources[(other as usize - 1) / 3] < 4;
            prop_assert!(kept.iter().zip(&kept_weights).all(|(&other, &weight)| weight == weight_of(other)));
            prop_assert!(others.iter().all(|&other| is_light(other) || kept.contains(&other)));
            let left_out: Vec<u32> =
                others.iter().copied().filter(|other| !kept.contains(other)).map(weight_of).collect();
            let light: Vec<u32> = kept.iter().copied().filter(|&other| is_light(other)).map(weight_of).collect();
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
            whole: 0,
        };
        let row = Row {
            node: 0,
            others: &others,
            weights: &[5; 1000],
            sources: &[1; 1000],
        };
        thinning.keep(&row, &mut Room::default(), &mut into);
        assert_eq!(kept.len(), 100);
        let mean = kept.iter().sum::<u32>() / 100;
        assert!((400..600).contains(&mean), "{mean}");
    }
}
