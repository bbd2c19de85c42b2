//! Direct links: pairs of nodes that are linked by themselves and not by a thing they share.
//!
//! The projection adds them to the rows it is making, so that a pair that names each other and shares
//! things besides comes out once. Layout: row `a` holds the linked nodes `b > a`, ascending.

use crate::sparse::rows::Rows;

/// Weighted pairs, each at its smaller node.
#[derive(Debug, Clone, Default)]
pub struct Direct {
    /// Arcs of node `a` are `first_of[a] .. first_of[a + 1]`; one longer than there are nodes.
    first_of: Vec<u64>,
    /// The larger node.
    other: Vec<u32>,
    /// Weight in micro-units.
    weight: Vec<u64>,
    /// 1, or 2 where each names the other.
    arcs: Vec<u8>,
}

impl Direct {
    /// From a directed graph and its transpose; `weight(a, b)` is what the arc from `a` to `b` weighs.
    /// Cost: `O(arcs)`.
    pub fn new(names: &Rows, named_by: &Rows, weight: impl Fn(u32, u32) -> u64) -> Self {
        let mut direct = Direct {
            first_of: vec![0],
            ..Direct::default()
        };
        for node in 0..names.len() as u32 {
            let larger = |row: &'_ [u32]| row.partition_point(|&other| other <= node);
            let (mut out, mut back) = (names.get(node), named_by.get(node));
            (out, back) = (&out[larger(out)..], &back[larger(back)..]);
            while let Some(&other) = match (out.first(), back.first()) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (one, None) | (None, one) => one,
            } {
                let mut sum = (0, 0);
                if let Some(rest) = out.strip_prefix(&[other]) {
                    out = rest;
                    sum = (weight(node, other), 1);
                }
                if let Some(rest) = back.strip_prefix(&[other]) {
                    back = rest;
                    sum = (sum.0 + weight(other, node), sum.1 + 1);
                }
                direct.other.push(other);
                direct.weight.push(sum.0);
                direct.arcs.push(sum.1);
            }
            direct.first_of.push(direct.other.len() as u64);
        }
        direct
    }

    /// The nodes above `node` that it is linked with: `(other, weight, arcs)`, ascending.
    pub fn of(&self, node: u32) -> impl Iterator<Item = (u32, u64, u32)> + '_ {
        let range =
            self.first_of[node as usize] as usize..self.first_of[node as usize + 1] as usize;
        range.map(|at| (self.other[at], self.weight[at], u32::from(self.arcs[at])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_are_one_pair_of_two_arcs() {
        let names = Rows::build(4, |node, row| match node {
            0 => row.extend([1, 3]),
            1 => row.push(0),
            3 => row.push(1),
            _ => {}
        });
        let direct = Direct::new(&names, &names.transpose(4), |a, b| u64::from(10 * a + b));
        let pairs: Vec<_> = (0..4)
            .flat_map(|node| direct.of(node).map(move |pair| (node, pair)))
            .collect();
        assert_eq!(
            pairs,
            [(0, (1, 1 + 10, 2)), (0, (3, 3, 1)), (1, (3, 31, 1))]
        );
    }
}
