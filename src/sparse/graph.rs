//! `Graph`: an undirected weighted graph in compressed sparse rows.

use super::within::{Arcs, leave_out_unlinked};

/// Undirected graph: every edge stands in the rows of both its ends.
///
/// Layout: the neighbours of node `v` are `neighbours[offsets[v] .. offsets[v + 1]]`, strictly
/// ascending; `weights`, when present, runs beside `neighbours` and is symmetric and positive; when
/// absent every edge weighs 1. A loop `v–v` stands once in `v`'s row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    offsets: Vec<u64>,
    neighbours: Vec<u32>,
    weights: Option<Vec<u32>>,
}

impl Graph {
    /// From rows that already obey the layout above.
    ///
    /// # Panics
    /// If the lengths do not fit together; in debug builds also if a row is out of order.
    pub fn from_rows(offsets: Vec<u64>, neighbours: Vec<u32>, weights: Option<Vec<u32>>) -> Self {
        assert_eq!(
            offsets.last().copied().unwrap_or(0),
            neighbours.len() as u64
        );
        assert!(
            weights
                .as_ref()
                .is_none_or(|weights| weights.len() == neighbours.len())
        );
        let graph = Graph {
            offsets,
            neighbours,
            weights,
        };
        debug_assert!(
            (0..graph.nodes() as u32)
                .all(|v| graph.neighbours(v).windows(2).all(|pair| pair[0] < pair[1]))
        );
        graph
    }

    /// Number of nodes.
    #[inline]
    pub fn nodes(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Entries of all rows together: twice the edges, loops counted once.
    #[inline]
    pub fn arcs(&self) -> usize {
        self.neighbours.len()
    }

    /// Where every row begins and the last one ends: `nodes() + 1` positions, empty without nodes.
    #[inline]
    pub fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// All rows, one after the other.
    #[inline]
    pub fn targets(&self) -> &[u32] {
        &self.neighbours
    }

    /// Weights beside [`Self::targets`], or `None` when every edge weighs 1.
    #[inline]
    pub fn arc_weights(&self) -> Option<&[u32]> {
        self.weights.as_deref()
    }

    /// Number of neighbours of `v`, itself included where it has a loop.
    #[inline]
    pub fn degree(&self, v: u32) -> usize {
        self.row(v).len()
    }

    /// Weight of all edges at `v`, a loop counted twice (both its ends are here).
    pub fn weighted_degree(&self, v: u32) -> u64 {
        let row = self.neighbours(v);
        match self.weights(v) {
            None => (row.len() + row.iter().filter(|&&u| u == v).count()) as u64,
            Some(weights) => {
                let all: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
                all + row.binary_search(&v).map_or(0, |at| u64::from(weights[at]))
            }
        }
    }

    /// Where `v`'s row lies in the arc arrays.
    #[inline]
    pub fn row(&self, v: u32) -> std::ops::Range<usize> {
        self.offsets[v as usize] as usize..self.offsets[v as usize + 1] as usize
    }

    /// Neighbours of `v`, ascending.
    #[inline]
    pub fn neighbours(&self, v: u32) -> &[u32] {
        &self.neighbours[self.row(v)]
    }

    /// Weights beside [`Self::neighbours`], or `None` when every edge weighs 1.
    #[inline]
    pub fn weights(&self, v: u32) -> Option<&[u32]> {
        self.weights.as_ref().map(|weights| &weights[self.row(v)])
    }

    /// The same nodes with the edges between nodes of equal `labels` (one by node) alone. O(arcs), in
    /// parallel.
    #[must_use]
    pub fn within(&self, labels: &[u32]) -> Self {
        let arcs = Arcs {
            offsets: &self.offsets,
            targets: &self.neighbours,
            weights: self.weights.as_deref().unwrap_or_default(),
        };
        let (offsets, neighbours, weights) = arcs.within(labels);
        Graph {
            offsets,
            neighbours,
            weights: self.weights.is_some().then_some(weights),
        }
    }

    /// The nodes that have neighbours, ascending, and the graph of their places in that list.
    #[must_use]
    pub fn linked(mut self) -> (Vec<u32>, Self) {
        let (linked, offsets) = leave_out_unlinked(&self.offsets, &mut self.neighbours);
        self.offsets = offsets;
        (linked, self)
    }

    /// Neighbours of `v` with their weights.
    #[inline]
    pub fn edges(&self, v: u32) -> impl Iterator<Item = (u32, u32)> {
        let row = self.row(v);
        let weights = self.weights.as_ref().map(|weights| &weights[row.clone()]);
        self.neighbours[row]
            .iter()
            .enumerate()
            .map(move |(i, &u)| (u, weights.map_or(1, |weights| weights[i])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_groups_only_what_crosses_them_is_lost() {
        let graph = Graph::from_rows(
            vec![0, 3, 5, 7, 8],
            vec![0, 1, 2, 0, 2, 0, 1, 3],
            Some(vec![7, 1, 2, 1, 3, 2, 3, 9]),
        );
        let inside = graph.within(&[5, 5, 6, 6]);
        assert_eq!(inside.edges(0).collect::<Vec<_>>(), [(0, 7), (1, 1)]);
        assert_eq!(inside.edges(1).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!((inside.degree(2), inside.degree(3)), (0, 1));
        assert_eq!(Graph::default().within(&[]), Graph::default());
        let (linked, dense) = inside.linked();
        assert_eq!(linked, [0, 1, 3]);
        assert_eq!(dense.edges(0).collect::<Vec<_>>(), [(0, 7), (1, 1)]);
        assert_eq!(dense.edges(1).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!(dense.edges(2).collect::<Vec<_>>(), [(2, 9)]);
        assert_eq!(Graph::default().linked(), (vec![], Graph::default()));
    }
}
