//! petgraph's visit traits for [`Graph`], so that its algorithms run on our rows.
//!
//! Connected components, bridges, articulation points, spanning trees and shortest paths come from
//! there: for rings, which are small, and as oracles in tests. An edge is named by its arc, the
//! position in [`Graph::targets`] of the entry from its smaller to its larger end; the arc back has
//! the same name.

use petgraph::Undirected;
use petgraph::visit::{
    Data, EdgeIndexable, EdgeRef, GraphBase, GraphProp, IntoEdgeReferences, IntoEdges,
    IntoNeighbors, IntoNodeIdentifiers, IntoNodeReferences, NodeCompactIndexable, NodeCount,
    NodeIndexable, VisitMap, Visitable,
};

use super::graph::Graph;

/// Nodes that a search has been to.
#[derive(Debug, Clone, Default)]
pub struct Visited(Vec<bool>);

impl VisitMap<u32> for Visited {
    fn visit(&mut self, node: u32) -> bool {
        !std::mem::replace(&mut self.0[node as usize], true)
    }

    fn is_visited(&self, node: &u32) -> bool {
        self.0[*node as usize]
    }

    fn unvisit(&mut self, node: u32) -> bool {
        std::mem::replace(&mut self.0[node as usize], false)
    }
}

/// An edge seen from one of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge<'a> {
    graph: &'a Graph,
    source: u32,
    target: u32,
    arc: usize,
}

static UNIT: u32 = 1;

impl<'a> EdgeRef for Edge<'a> {
    type NodeId = u32;
    type EdgeId = usize;
    type Weight = u32;

    fn source(&self) -> u32 {
        self.source
    }

    fn target(&self) -> u32 {
        self.target
    }

    fn weight(&self) -> &'a u32 {
        self.graph
            .arc_weights()
            .map_or(&UNIT, |weights| &weights[self.arc])
    }

    fn id(&self) -> usize {
        if self.source <= self.target {
            return self.arc;
        }
        let row = self.graph.neighbours(self.target);
        let back = row
            .binary_search(&self.source)
            .unwrap_or_else(|place| place);
        self.graph.row(self.target).start + back
    }
}

/// Edges of one row, or of all rows with each edge once.
#[derive(Debug, Clone)]
pub struct Edges<'a> {
    graph: &'a Graph,
    source: u32,
    arc: usize,
    rows_end: u32,
    each_once: bool,
}

impl<'a> Iterator for Edges<'a> {
    type Item = Edge<'a>;

    fn next(&mut self) -> Option<Edge<'a>> {
        while self.source < self.rows_end {
            let (source, arc) = (self.source, self.arc);
            if arc >= self.graph.row(source).end {
                self.source += 1;
                continue;
            }
            self.arc += 1;
            let target = self.graph.targets()[arc];
            if !self.each_once || source <= target {
                return Some(Edge {
                    graph: self.graph,
                    source,
                    target,
                    arc,
                });
            }
        }
        None
    }
}

impl GraphBase for Graph {
    type NodeId = u32;
    type EdgeId = usize;
}

impl GraphProp for Graph {
    type EdgeType = Undirected;
}

impl Data for Graph {
    type NodeWeight = ();
    type EdgeWeight = u32;
}

impl NodeCount for Graph {
    fn node_count(&self) -> usize {
        self.nodes()
    }
}

impl NodeIndexable for Graph {
    fn node_bound(&self) -> usize {
        self.nodes()
    }

    fn to_index(&self, node: u32) -> usize {
        node as usize
    }

    fn from_index(&self, index: usize) -> u32 {
        index as u32
    }
}

impl NodeCompactIndexable for Graph {}

impl EdgeIndexable for Graph {
    fn edge_bound(&self) -> usize {
        self.arcs()
    }

    fn to_index(&self, edge: usize) -> usize {
        edge
    }

    fn from_index(&self, index: usize) -> usize {
        index
    }
}

impl Visitable for Graph {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited(vec![false; self.nodes()])
    }

    fn reset_map(&self, map: &mut Visited) {
        *map = self.visit_map();
    }
}

impl IntoNodeIdentifiers for &Graph {
    type NodeIdentifiers = std::ops::Range<u32>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        0..self.nodes() as u32
    }
}

static NOTHING: () = ();

impl<'a> IntoNodeReferences for &'a Graph {
    type NodeRef = (u32, &'a ());
    type NodeReferences = std::iter::Map<std::ops::Range<u32>, fn(u32) -> (u32, &'a ())>;

    fn node_references(self) -> Self::NodeReferences {
        (0..self.nodes() as u32).map(|node| (node, &NOTHING))
    }
}

impl<'a> IntoNeighbors for &'a Graph {
    type Neighbors = std::iter::Copied<std::slice::Iter<'a, u32>>;

    fn neighbors(self, node: u32) -> Self::Neighbors {
        self.neighbours(node).iter().copied()
    }
}

impl<'a> IntoEdgeReferences for &'a Graph {
    type EdgeRef = Edge<'a>;
    type EdgeReferences = Edges<'a>;

    fn edge_references(self) -> Edges<'a> {
        Edges {
            graph: self,
            source: 0,
            arc: 0,
            rows_end: self.nodes() as u32,
            each_once: true,
        }
    }
}

impl<'a> IntoEdges for &'a Graph {
    type Edges = Edges<'a>;

    fn edges(self, node: u32) -> Edges<'a> {
        let arc = self.row(node).start;
        Edges {
            graph: self,
            source: node,
            arc,
            rows_end: node + 1,
            each_once: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use petgraph::algo::articulation_points::articulation_points;
    use petgraph::algo::bridges::bridges;
    use petgraph::algo::{connected_components, dijkstra, min_spanning_tree};
    use petgraph::data::Element;

    use super::*;
    use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};

    /// A triangle 0 1 2, a bridge 2–3, a triangle 3 4 5, and 6 alone.
    fn barbell() -> Graph {
        let ends = vec![(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)];
        let weights = vec![1, 1, 5, 2, 1, 1, 5];
        graph_from_edges(7, vec![EdgeBatch { ends, weights }], Parallel::Sum).unwrap()
    }

    #[test]
    fn its_algorithms_run_on_our_rows() {
        let graph = &barbell();
        assert_eq!(connected_components(graph), 2);
        let found: Vec<_> = bridges(graph).map(|e| (e.source(), e.target())).collect();
        assert_eq!(found, [(2, 3)]);
        let mut cuts: Vec<u32> = articulation_points(graph).into_iter().collect();
        cuts.sort_unstable();
        assert_eq!(cuts, [2, 3]);
        let distances = dijkstra(graph, 0, None, |edge| *edge.weight());
        assert_eq!(
            (distances[&2], distances[&5], distances.contains_key(&6)),
            (2, 6, false)
        );
        let tree = min_spanning_tree(graph)
            .filter(|e| matches!(e, Element::Edge { .. }))
            .count();
        assert_eq!(tree, 5);
    }

    #[test]
    fn both_directions_of_an_edge_have_one_name() {
        let graph = &barbell();
        for edge in graph.edge_references() {
            let mut seen =
                IntoEdges::edges(graph, edge.target()).filter(|e| e.target() == edge.source());
            assert!(seen.all(|back| back.id() == edge.id() && back.weight() == edge.weight()));
        }
        assert_eq!(graph.edge_references().count(), 7);
    }
}
