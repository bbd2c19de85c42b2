//! Connected components, looking at few of the edges.
//!
//! Every node hangs under its first neighbour, the smallest, which leaves a tree for every fifteen or twenty nodes. A
//! tree's root looks at its row once more, for a neighbour that hangs under a smaller node than itself, and goes there;
//! few roots find none. Some nodes are linked with a second neighbour, which joins most of what is left. If a component is
//! large by then, only edges of nodes that are not in it are looked at: every edge stands in both rows, so one of its
//! ends suffices. If none is, every edge is looked at from its larger end, a row at once.
//!
//! This is Afforest, but for this: the first neighbour is not linked but hung, and so are roots: nobody else moves
//! them, so neither needs an exchange, and their reads are of small nodes, which stay in the cache; few second
//! neighbours are enough, and they are noted while their rows are near; a node that was outside is left as soon as
//! it has met the large component, which its last neighbours know best, for under the first it hangs.
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
            link_one_of: 16,
            sample: 1024,
        }
    }
}

/// A component with this share of the nodes spares most of the work.
const FEW_OUTSIDE: f64 = 0.5;

/// Looking at a row of somebody who is apart costs as much as linking so many nodes with one neighbour each.
const ONE_APART_OF: usize = 8;

/// Spreads numbers of nodes: two to the power of 32, by the golden ratio.
const SPREAD: u32 = 0x9e37_79b1;

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
    let hung = hang(graph, &sets, params.link_one_of, run)?;
    hung.par_iter()
        .for_each(|hung| hang_roots(graph, &sets, &hung.roots));
    hung.par_iter()
        .for_each(|hung| hung.seconds.iter().for_each(|&(v, u)| sets.link(v, u)));
    // Roots first: then nearly everybody is two steps away from the top.
    hung.par_iter()
        .for_each(|hung| hung.roots.iter().for_each(|&v| sets.raise(v)));
    drop(hung);
    sets.compress();
    let mut large = most_frequent(&sets, nodes, params.sample);
    if large.is_none() && many_are_apart(graph, &sets, params.sample) {
        link_last(graph, &sets, run)?;
        sets.compress();
        large = most_frequent(&sets, nodes, params.sample);
    }
    match large {
        Some(large) => for_each_chunk(nodes, run, |chunk| join(graph, &sets, chunk, large))?,
        None => for_each_chunk(nodes, run, |chunk| {
            chunk.for_each(|v| link_smaller(graph, &sets, v));
        })?,
    }
    let trace = Trace {
        rounds: 2,
        levels: 1,
        settled: true,
        ..Trace::default()
    };
    Ok((Partition::from_parents(sets.into_parents()), trace))
}

/// What is left to do after the nodes of a chunk were hung.
struct Hung {
    /// Those that have no smaller neighbour.
    roots: Vec<u32>,
    /// Some nodes, each with its last neighbour.
    seconds: Vec<(u32, u32)>,
}

/// Hangs every node under its first neighbour. One of `one_of` nodes comes back with its last, whatever the stride of
/// communities in the numbers of nodes.
fn hang(graph: &Graph, sets: &UnionFind, one_of: u32, run: &Run) -> Result<Vec<Hung>, Interrupted> {
    let nodes = graph.nodes() as u32;
    let is_linked = |v: u32| {
        let spread = u64::from(v.wrapping_mul(SPREAD));
        (spread * u64::from(one_of.max(1))) >> 32 == 0
    };
    let chunks = (0..nodes.div_ceil(NODES_PER_CHUNK)).into_par_iter();
    let hung = chunks.map(|chunk| {
        run.check()?;
        let (mut roots, mut seconds) = (Vec::new(), Vec::new());
        for v in nodes_of(chunk, nodes) {
            if let [first, .., last] | [first @ last] = graph.neighbours(v) {
                if *first < v {
                    sets.hang(v, *first);
                } else {
                    roots.push(v);
                }
                if is_linked(v) {
                    seconds.push((v, *last));
                }
            }
        }
        Ok(Hung { roots, seconds })
    });
    hung.collect()
}

/// Hangs every root where one of its neighbours hangs, if that is smaller.
fn hang_roots(graph: &Graph, sets: &UnionFind, roots: &[u32]) {
    for part in roots.chunks(TOGETHER) {
        read_ahead(part.iter().map(|&v| graph.neighbours(v).last().copied()));
        for &v in part {
            let mut above = graph.neighbours(v).iter().rev().map(|&u| sets.parent(u));
            if let Some(above) = above.find(|&above| above < v) {
                sets.hang(v, above);
            }
        }
    }
}

/// Links every node with its last neighbour.
fn link_last(graph: &Graph, sets: &UnionFind, run: &Run) -> Result<(), Interrupted> {
    for_each_chunk(graph.nodes() as u32, run, |chunk| {
        for v in chunk {
            if let Some(&u) = graph.neighbours(v).last() {
                sets.link(v, u);
            }
        }
    })
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

/// Links `v` with its smaller neighbours. Most are in its set by then.
fn link_smaller(graph: &Graph, sets: &UnionFind, v: u32) {
    if is_apart(graph.neighbours(v), sets, v) {
        for &u in graph.neighbours(v).iter().take_while(|&&u| u < v) {
            sets.link(v, u);
            sets.lift(u);
        }
        sets.lift(v);
    }
}

/// Whether a smaller neighbour seems to be in another set than `v`. Four are asked at once, without waiting for one after
/// the other: whoever is larger gives way to `v` itself.
fn is_apart(row: &[u32], sets: &UnionFind, v: u32) -> bool {
    let own = sets.parent(v);
    let ask = |some: &[u32]| {
        let parents = some.iter().map(|&u| sets.parent(u.min(v)));
        parents.fold(0, |apart, parent| apart | (parent ^ own))
    };
    let (fours, rest) = row.as_chunks::<4>();
    let mut apart = 0;
    for four in fours {
        apart |= ask(four);
        if four[3] > v {
            return apart != 0;
        }
    }
    apart | ask(rest) != 0
}

/// The nodes of a chunk.
fn nodes_of(chunk: u32, nodes: u32) -> Range<u32> {
    let first = chunk * NODES_PER_CHUNK;
    first..nodes.min(first.saturating_add(NODES_PER_CHUNK))
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

/// Nodes by chance, always the same.
fn sampled(nodes: u32, sample: usize) -> impl Iterator<Item = u32> {
    let sample = if nodes == 0 { 0 } else { sample as u64 };
    (0..sample).map(move |i| below(draw(0, 0x636f_6d70, i), u64::from(nodes)) as u32)
}

/// Whether so many of the sampled nodes seem to be apart from smaller neighbours that joining trees first is less work.
fn many_are_apart(graph: &Graph, sets: &UnionFind, sample: usize) -> bool {
    let nodes = sampled(graph.nodes() as u32, sample);
    let apart = nodes.filter(|&v| is_apart(graph.neighbours(v), sets, v));
    apart.count() > sample / ONE_APART_OF
}

/// The root that most of the sampled nodes have, if they are many enough.
fn most_frequent(sets: &UnionFind, nodes: u32, sample: usize) -> Option<u32> {
    let mut roots: Vec<u32> = sampled(nodes, sample).map(|v| sets.parent(v)).collect();
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
