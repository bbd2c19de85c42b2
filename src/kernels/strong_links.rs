//! Strong links: what a search by constant Potts need not look at.
//!
//! # Definition
//! A link between u and v is *strong* if it pays for the two alone: `w(u, v) ≥ λ · mass(u) · mass(v)`.
//!
//! # Guarantee
//! In a partition that cannot be improved every community is held together by strong links alone. For
//! let A and B be a community's parts without a strong link between them: parting them loses the
//! weight `w(A, B)`, which is less than `Σ λ · mass(a) · mass(b)` over all their pairs, and that is what
//! it saves. So communities lie inside the connected components of the strong links, and all other
//! links between components can be left out before the search begins.
//!
//! # Cost
//! O(arcs), in parallel. Where more than half of the links are strong, nothing is left out: they then
//! hold nearly everything together.

use rayon::prelude::*;

use super::local_moving::Level;
use crate::sparse::quotient::ArcWeights;
use crate::sparse::union_find::UnionFind;

/// Nodes whose links one task looks at.
const NODES_PER_TASK: usize = 4096;

/// The component of the strong links that every node is in, where that leaves out enough to be worth
/// copying what stays.
pub(super) fn strong_components<W: ArcWeights>(level: &Level<W>) -> Option<Vec<u32>> {
    let nodes = level.rows.nodes();
    let strong = |v: u32| {
        let owed = level.price * level.masses[v as usize] as f64;
        level.rows.edges(v).filter(move |&(u, weight)| {
            u < v && weight as f64 >= owed * level.masses[u as usize] as f64
        })
    };
    let found: usize = (0..nodes as u32)
        .into_par_iter()
        .with_min_len(NODES_PER_TASK)
        .map(|v| strong(v).count())
        .sum();
    // Every link is two arcs.
    if 4 * found > level.rows.arcs() {
        return None;
    }
    let sets = UnionFind::new(nodes);
    (0..nodes as u32)
        .into_par_iter()
        .with_min_len(NODES_PER_TASK)
        .for_each(|v| strong(v).for_each(|(u, _)| sets.link(u, v)));
    Some(sets.into_labels())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
    use crate::sparse::quotient::Rows;

    #[test]
    fn light_links_hold_nothing_together() {
        let batch = EdgeBatch {
            ends: vec![(0, 1), (1, 2), (2, 3), (3, 4), (2, 4), (0, 2), (0, 3)],
            weights: vec![9, 1, 9, 2, 2, 2, 2],
        };
        let graph = graph_from_edges(5, vec![batch], Parallel::Sum).unwrap();
        let rows = Rows::weighted(&graph, graph.arc_weights().unwrap());
        let level = |price| Level {
            rows,
            masses: &[1; 5],
            price,
        };
        assert_eq!(strong_components(&level(3.0)), Some(vec![0, 0, 2, 2, 4]));
        assert_eq!(strong_components(&level(1.0)), None);
    }
}
