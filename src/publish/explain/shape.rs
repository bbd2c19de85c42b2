//! `Shape`: a single ring as a graph: who and what holds it together.
//!
//! One ring is small, so it is handed to petgraph as a graph of its own.

use petgraph::algo::{
    articulation_points::articulation_points, bridges::bridges, connected_components,
};
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;

/// The shape of one ring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Parts that no link joins (shared hubs above the caps may still hold them together).
    pub parts: usize,
    /// Links whose loss would split a part: pairs of members, ascending.
    pub bridges: Vec<(u32, u32)>,
    /// Members whose loss would split a part, ascending.
    pub cut_members: Vec<u32>,
}

/// The shape that `members` have by their `links`: distinct pairs of numbers below `members`. Cost: linear.
pub(super) fn shape(members: usize, links: &[(u32, u32)]) -> Shape {
    let mut ring: UnGraph<(), ()> = UnGraph::with_capacity(members, links.len());
    for _ in 0..members {
        ring.add_node(());
    }
    for &(a, b) in links {
        ring.add_edge(NodeIndex::new(a as usize), NodeIndex::new(b as usize), ());
    }
    let member = |node: NodeIndex| node.index() as u32;
    let ends = bridges(&ring).map(|edge| (member(edge.source()), member(edge.target())));
    let mut bridges: Vec<(u32, u32)> = ends.map(|(a, b)| (a.min(b), a.max(b))).collect();
    bridges.sort_unstable();
    bridges.dedup();
    let mut cut_members: Vec<u32> = articulation_points(&ring).into_iter().map(member).collect();
    cut_members.sort_unstable();
    Shape {
        parts: connected_components(&ring),
        bridges,
        cut_members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bow_tie_hangs_on_its_knot() {
        // Two triangles 0-1-2 and 2-3-4, 5 hanging on 4, and nobody linked to 6.
        let links = [(0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4), (4, 5)];
        let shape = shape(7, &links);
        assert_eq!(shape.parts, 2);
        assert_eq!(shape.bridges, [(4, 5)]);
        assert_eq!(shape.cut_members, [2, 4]);
    }
}
