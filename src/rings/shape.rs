//! `Shape`: a single ring as a graph: how dense it is and what holds it together.
//!
//! One ring is small, so it is handed to petgraph as a graph of its own.

use std::collections::BTreeSet;

use petgraph::algo::{
    articulation_points::articulation_points, bridges::bridges, connected_components,
};
use petgraph::graph::{NodeIndex, UnGraph};

use crate::sparse::graph::Graph;

/// The shape of one ring.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    /// Linked pairs over all pairs; 0 for a single account.
    pub density: f64,
    /// Parts that no link joins (shared hubs above the caps may still hold them together).
    pub parts: usize,
    /// Links whose loss would split a part: pairs of accounts, ascending.
    pub bridges: Vec<(u32, u32)>,
    /// Accounts whose loss would split a part, ascending.
    pub cut_accounts: Vec<u32>,
}

/// The shape that `accounts` (ascending) have in `graph`. Cost: linear in their rows.
pub fn shape(graph: &Graph, accounts: &[u32]) -> Shape {
    let mut ring: UnGraph<u32, ()> = UnGraph::with_capacity(accounts.len(), accounts.len());
    for &account in accounts {
        ring.add_node(account);
    }
    for (member, &account) in accounts.iter().enumerate() {
        for &other in graph.neighbours(account) {
            if other > account
                && let Ok(at) = accounts.binary_search(&other)
            {
                ring.add_edge(NodeIndex::new(member), NodeIndex::new(at), ());
            }
        }
    }
    let pairs = accounts.len() * accounts.len().saturating_sub(1) / 2;
    let account = |node: NodeIndex| accounts[node.index()];
    let bridges: BTreeSet<(u32, u32)> = bridges(&ring)
        .map(|edge| {
            use petgraph::visit::EdgeRef;
            let (a, b) = (account(edge.source()), account(edge.target()));
            (a.min(b), a.max(b))
        })
        .collect();
    let mut cut_accounts: Vec<u32> = articulation_points(&ring)
        .into_iter()
        .map(account)
        .collect();
    cut_accounts.sort_unstable();
    Shape {
        density: ring.edge_count() as f64 / pairs.max(1) as f64,
        parts: connected_components(&ring),
        bridges: bridges.into_iter().collect(),
        cut_accounts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bow_tie_hangs_on_its_knot() {
        // Two triangles 0-1-2 and 2-3-4, and 5 hanging on 4; node 6 is no member.
        let edges = [
            (0, 1),
            (0, 2),
            (1, 2),
            (2, 3),
            (2, 4),
            (3, 4),
            (4, 5),
            (5, 6),
        ];
        let rows: Vec<Vec<u32>> = (0..7)
            .map(|v| {
                let ends = |&(a, b): &(u32, u32)| (a == v).then_some(b).or((b == v).then_some(a));
                edges.iter().filter_map(ends).collect()
            })
            .collect();
        let mut offsets = vec![0];
        offsets.extend(rows.iter().scan(0, |end, row| {
            *end += row.len() as u64;
            Some(*end)
        }));
        let graph = Graph::from_rows(offsets, rows.concat(), None);
        let shape = shape(&graph, &[0, 1, 2, 3, 4, 5]);
        assert_eq!(shape.parts, 1);
        assert_eq!(shape.bridges, [(4, 5)]);
        assert_eq!(shape.cut_accounts, [2, 4]);
        assert!((shape.density - 7.0 / 15.0).abs() < 1e-12);
    }
}
