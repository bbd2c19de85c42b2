//! Communities as their connected parts.
//!
//! Every node hangs under its first neighbour in its community, if that is smaller, and whoever has no smaller one is linked
//! with all of them, which holds most of a community together; only who is not yet together with the community's first
//! node looks at the rest, since every edge stands in both rows (as in [`components`](super::components)).

use rayon::prelude::*;

use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;
use crate::sparse::quotient::{ArcWeights, Rows};
use crate::sparse::union_find::UnionFind;

/// Nodes of one task.
const NODES_PER_TASK: usize = 4096;

/// Every community of `labels` (each below the number of nodes) as its connected parts, and whether that may be more
/// than there were. O(nodes + arcs looked at), in parallel.
pub(super) fn connected_parts<W: ArcWeights>(rows: &Rows<W>, labels: &[u32]) -> (Partition, bool) {
    let sets = UnionFind::new(labels.len());
    let alike = |v: u32| {
        let own = labels[v as usize];
        let row = rows.neighbours(v).iter().copied();
        row.filter(move |&u| labels[u as usize] == own && u != v)
    };
    let hangs = |v: u32| {
        let above = alike(v).next().filter(|&above| above < v);
        above.inspect(|&above| sets.hang(v, above)).is_some()
    };
    let link = |v: u32| alike(v).for_each(|u| sets.link(u, v));
    let nodes = || {
        (0..labels.len() as u32)
            .into_par_iter()
            .with_min_len(NODES_PER_TASK)
    };
    let roots: Vec<u32> = nodes().filter(|&v| !hangs(v)).collect();
    roots.par_iter().for_each(|&v| link(v));
    sets.compress();
    let mut first = vec![u32::MAX; labels.len()];
    for (v, &label) in (0..).zip(labels) {
        let slot = &mut first[label as usize];
        *slot = v.min(*slot);
    }
    let together = |v: u32| sets.parent(v) == first[labels[v as usize] as usize];
    let apart: Vec<u32> = nodes().filter(|&v| !together(v)).collect();
    apart.par_iter().for_each(|&v| link(v));
    let parts = Partition::from_parents(sets.into_labels());
    (parts, !apart.is_empty())
}

/// The verifier: a community that is not connected, if there is one, by search from its first node.
pub fn find_disconnected(graph: &Graph, partition: &Partition) -> Option<u32> {
    let labels = partition.labels();
    let mut seen = vec![false; labels.len()];
    let mut opened = vec![false; partition.communities()];
    let mut stack = Vec::new();
    for v in 0..labels.len() as u32 {
        if seen[v as usize] {
            continue;
        }
        let community = labels[v as usize];
        if std::mem::replace(&mut opened[community as usize], true) {
            return Some(community);
        }
        seen[v as usize] = true;
        stack.push(v);
        while let Some(u) = stack.pop() {
            for &next in graph.neighbours(u) {
                if labels[next as usize] == community && !seen[next as usize] {
                    seen[next as usize] = true;
                    stack.push(next);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};

    #[test]
    fn what_no_edge_ties_is_parted_and_nothing_else() {
        // A path of twenty, in which 5 and 6 are of another community; and two lone nodes of one label.
        let ends = (0..19).map(|v| (v, v + 1)).collect();
        let batch = EdgeBatch {
            ends,
            weights: Vec::new(),
        };
        let graph = graph_from_edges(22, vec![batch], Parallel::Collapse).unwrap();
        let mut labels = vec![9; 22];
        labels[5] = 3;
        labels[6] = 3;
        let (parts, parted) = connected_parts(&Rows::unweighted(&graph), &labels);
        assert_eq!(find_disconnected(&graph, &parts), None);
        assert!(parted);
        assert_eq!(parts.communities(), 5);
        assert!(!connected_parts(&Rows::unweighted(&graph), parts.labels()).1);
        let found = parts.labels();
        assert!(found[0] == found[4] && found[7] == found[19] && found[5] == found[6]);
        assert!(found[4] != found[7] && found[20] != found[21]);
    }
}
