//! `NodeSet`: a set of node ids that stays small whether it holds ten or ten million.

use roaring::RoaringBitmap;

/// A set of node ids, compressed (Lemire et al., *Roaring bitmaps*, 2018): 2 bytes a node where it is
/// sparse, 1 bit where it is dense.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeSet(RoaringBitmap);

impl NodeSet {
    /// Adds all nodes of `other`.
    pub fn add_all(&mut self, other: &NodeSet) {
        self.0 |= &other.0;
    }

    /// Whether `node` is in.
    pub fn contains(&self, node: u32) -> bool {
        self.0.contains(node)
    }

    /// The nodes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter()
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.0.len() as usize
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nodes in both over nodes in either: the Jaccard index, 0 for two empty sets.
    pub fn jaccard(&self, other: &NodeSet) -> f64 {
        let common = self.0.intersection_len(&other.0);
        let either = self.0.len() + other.0.len() - common;
        if either == 0 {
            0.0
        } else {
            common as f64 / either as f64
        }
    }
}

impl Extend<u32> for NodeSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, nodes: I) {
        self.0.extend(nodes);
    }
}

impl FromIterator<u32> for NodeSet {
    fn from_iter<I: IntoIterator<Item = u32>>(nodes: I) -> Self {
        NodeSet(nodes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_sets(
            a in prop::collection::btree_set(0u32..500_000, 0..200),
            b in prop::collection::btree_set(0u32..500_000, 0..200),
        ) {
            let (set_a, set_b): (NodeSet, NodeSet) =
                (a.iter().copied().collect(), b.iter().copied().collect());
            let either: BTreeSet<u32> = a.union(&b).copied().collect();
            let mut union = set_a.clone();
            union.add_all(&set_b);
            prop_assert_eq!(union.len(), either.len());
            prop_assert!(either.iter().all(|&node| union.contains(node)));
            let common = a.intersection(&b).count() as f64;
            let expected = if either.is_empty() { 0.0 } else { common / either.len() as f64 };
            prop_assert!((set_a.jaccard(&set_b) - expected).abs() < 1e-12);
        }
    }
}
