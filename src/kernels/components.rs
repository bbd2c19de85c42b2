//! Connected components, looking at few of the edges.
//!
//! Afforest: hang every node under its first neighbour, which leaves a tree for every twenty nodes or so; link some
//! nodes with a second one, which joins most trees of a large component; find that component by sampling; then
//! look at the edges of those nodes only that are not in it. Every edge stands in both rows, so one of its ends suffices.
//!
//! Departures from the paper: the first neighbour is not linked but hung, which needs no root, for nobody else hangs
//! this node; a few second neighbours are enough, for it is trees that have to be joined by then, and they are noted while
//! their rows are near; a node that was outside is left as soon as it has met the large component, which its last
//! neighbours know best, for under the first it hangs. Where none is large, all nodes get a second neighbour, and then every
//! edge is looked at from its larger end, a row at once.
//!
//! Reference: Sutton, Ben-Nun, Barak, *Optimizing Parallel Graph Connectivity Computation via
//! Subgraph Sampling*, IPDPS 2018.

use std::ops::Range;

use rayon::prelude::*;

use super::trace::Trace;
use crate::base::chance::{below, draw};
use crate::base::run::{Interrupted, Run};
use crate::sparse::ahead::{TOGETHER, read_ahead};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;
use crate::sparse::union_find::UnionFind;

/// Parameters of [`components`]: they change the work, never the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Components {
    /// One node of so many is linked with a second neighbour before the large component is looked for.
    pub link_one_of: u32,
    /// Nodes asked for their component.
    pub sample: usize,
}

impl Default for Components {
    fn default() -> Self {
        Components {
            link_one_of: 8,
            sample: 1024,
        }
    }
}

/// A component with this share of the nodes spares most of the work.
const FEW_OUTSIDE: f64 = 0.5;

/// Nodes of one task.
const NODES_PER_CHUNK: u32 = 1 << 13;

/// The connected components of `graph`. O(nodes + edges looked at), in parallel.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn components(
    graph: &Graph,
    params: &Components,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    let nodes = graph.nodes() as u32;
    let sets = UnionFind::new(graph.nodes());
    let step = params.link_one_of.max(1);
    let seconds = hang(graph, &sets, step, run)?;
    sets.compress();
    seconds
        .into_par_iter()
        .flatten_iter()
        .for_each(|(v, u)| sets.link(v, u));
    sets.compress();
    let mut large = most_frequent(&sets, nodes, params.sample);
    if large.is_none() {
        // Nobody will be left early, so what is compared had better be roots.
        for_each_node(nodes, run, |v| {
            if let Some(&u) = graph.neighbours(v).last() {
                sets.link(v, u);
            }
        })?;
        sets.compress();
        large = most_frequent(&sets, nodes, params.sample);
    }
    match large {
        Some(large) => for_each_chunk(nodes, run, |chunk| join(graph, &sets, chunk, large))?,
        None => for_each_node(nodes, run, |v| link_smaller(graph, &sets, v))?,
    }
    let trace = Trace {
        rounds: 2,
        levels: 1,
        settled: true,
        ..Trace::default()
    };
    Ok((Partition::from_roots(sets.into_labels()), trace))
}

/// Hangs every node under its first neighbour; one of `step` nodes comes back with its last.
fn hang(
    graph: &Graph,
    sets: &UnionFind,
    step: u32,
    run: &Run,
) -> Result<Vec<Vec<(u32, u32)>>, Interrupted> {
    let nodes = graph.nodes() as u32;
    let chunks = (0..nodes.div_ceil(NODES_PER_CHUNK)).into_par_iter();
    let hung = chunks.map(|chunk| {
        run.check()?;
        let mut seconds = Vec::with_capacity((NODES_PER_CHUNK / step) as usize + 1);
        for v in nodes_of(chunk, nodes) {
            if let [first, .., last] | [first @ last] = graph.neighbours(v) {
                sets.hang(v, *first);
                if v % step == 0 {
                    seconds.push((v, *last));
                }
            }
        }
        Ok(seconds)
    });
    hung.collect()
}

/// Links every node of a chunk that is not in the `large` component with neighbours until it is. Their rows lie scattered
/// and are asked for together.
fn join(graph: &Graph, sets: &UnionFind, chunk: Range<u32>, large: u32) {
    let outside: Vec<u32> = chunk.filter(|&v| sets.parent(v) != large).collect();
    for part in outside.chunks(TOGETHER) {
        read_ahead(part.iter().map(|&v| graph.neighbours(v).last().copied()));
        for &v in part {
            for &u in graph.neighbours(v).iter().rev() {
                sets.link(v, u);
                // Now `v` is in it too. Whoever is not looks at the edge between them by itself.
                if sets.parent(u) == large {
                    break;
                }
            }
        }
    }
}

/// Links `v` with its smaller neighbours. Most are in its set by then, which is seen without waiting for one after the other.
fn link_smaller(graph: &Graph, sets: &UnionFind, v: u32) {
    let own = sets.parent(v);
    let smaller = || graph.neighbours(v).iter().take_while(|&&u| u < v);
    let apart = smaller().fold(0, |apart, &u| apart | (sets.parent(u) ^ own));
    if apart != 0 {
        smaller().for_each(|&u| sets.link(v, u));
    }
}

/// The nodes of a chunk.
fn nodes_of(chunk: u32, nodes: u32) -> Range<u32> {
    let first = chunk * NODES_PER_CHUNK;
    first..nodes.min(first.saturating_add(NODES_PER_CHUNK))
}

fn for_each_node(nodes: u32, run: &Run, work: impl Fn(u32) + Sync) -> Result<(), Interrupted> {
    for_each_chunk(nodes, run, |chunk| chunk.for_each(&work))
}

fn for_each_chunk(
    nodes: u32,
    run: &Run,
    work: impl Fn(Range<u32>) + Sync,
) -> Result<(), Interrupted> {
    (0..nodes.div_ceil(NODES_PER_CHUNK))
        .into_par_iter()
        .try_for_each(|chunk| {
            run.check()?;
            work(nodes_of(chunk, nodes));
            Ok(())
        })
}

/// The root that most of the sampled nodes have, if they are many enough.
fn most_frequent(sets: &UnionFind, nodes: u32, sample: usize) -> Option<u32> {
    if nodes == 0 {
        return None;
    }
    let mut roots: Vec<u32> = (0..sample as u64)
        .map(|i| sets.parent(below(draw(0, 0x636f_6d70, i), u64::from(nodes)) as u32))
        .collect();
    roots.sort_unstable();
    let largest = roots.chunk_by(|a, b| a == b).max_by_key(|run| run.len())?;
    let share = largest.len() as f64 / sample as f64;
    largest.first().copied().filter(|_| share >= FEW_OUTSIDE)
}

/// The verifier: an edge between two components, or a component that a search from its first node
/// does not cover; `None` if `partition` is right.
pub fn find_wrong(graph: &Graph, partition: &Partition) -> Option<u32> {
    let labels = partition.labels();
    let crossing = (0..graph.nodes() as u32).find(|&v| {
        graph
            .neighbours(v)
            .iter()
            .any(|&u| labels[u as usize] != labels[v as usize])
    });
    crossing.or_else(|| super::connected_parts::find_disconnected(graph, partition))
}
