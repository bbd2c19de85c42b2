//! Community detection by label propagation as LDBC Graphalytics defines it.
//!
//! Labels start as the nodes' own numbers; for a fixed number of rounds all nodes at once take the
//! most frequent label among in-neighbours and out-neighbours, the smallest of several. In a
//! directed graph a neighbour in both directions counts twice: such a graph comes here with edge
//! weight 2 there and 1 elsewhere ([`Parallel::Directions`](crate::sparse::build::Parallel)), for
//! weights are votes.
//!
//! A benchmark's rule, exact and reproducible everywhere; on stars and bipartite graphs it swings
//! for ever, so detection uses [`label_propagation`](super::label_propagation).
//!
//! Reference: Iosup et al., *The LDBC Graphalytics Benchmark*, arXiv:2011.15028, section 2.3.3.

use rayon::prelude::*;

use super::trace::Trace;
use crate::base::run::{Interrupted, Run};
use crate::sparse::graph::Graph;
use crate::sparse::quotient::{ArcWeights, Rows};
use crate::sparse::scratch::Pads;

/// Parameters of [`cdlp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cdlp {
    /// Rounds, all of them made unless nothing changes any more.
    pub rounds: u32,
}

impl Default for Cdlp {
    fn default() -> Self {
        Cdlp { rounds: 10 }
    }
}

/// Nodes of one task.
const NODES_PER_CHUNK: usize = 4096;

/// The label of every node: the number of the node that it started at. Not a partition, since the
/// names are part of the answer. O(arcs) a round.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn cdlp(graph: &Graph, params: &Cdlp, run: &Run) -> Result<(Vec<u32>, Trace), Interrupted> {
    match graph.arc_weights() {
        None => propagate(&Rows::unweighted(graph), params.rounds, run),
        Some(weights) => propagate(&Rows::weighted(graph, weights), params.rounds, run),
    }
}

fn propagate<W: ArcWeights>(
    rows: &Rows<W>,
    rounds: u32,
    run: &Run,
) -> Result<(Vec<u32>, Trace), Interrupted> {
    let mut labels: Vec<u32> = (0..rows.nodes() as u32).collect();
    let mut next = labels.clone();
    let pads = Pads::new(rows.nodes());
    let mut trace = Trace {
        levels: 1,
        ..Trace::default()
    };
    while trace.rounds < rounds && !trace.settled {
        let moves: u64 = next
            .par_chunks_mut(NODES_PER_CHUNK)
            .enumerate()
            .map(|(chunk, next)| {
                run.check()?;
                let first = (chunk * NODES_PER_CHUNK) as u32;
                Ok(pads.with(|pad| {
                    let mut moves = 0;
                    for (v, slot) in (first..).zip(next) {
                        let votes = rows.edges(v).map(|(u, votes)| (labels[u as usize], votes));
                        pad.tally(rows.neighbours(v).len(), votes);
                        let (mut best, mut most) = (labels[v as usize], 0);
                        pad.drain(|label, votes| {
                            if votes > most || (votes == most && label < best) {
                                (best, most) = (label, votes);
                            }
                        });
                        *slot = best;
                        moves += u64::from(best != labels[v as usize]);
                    }
                    moves
                }))
            })
            .try_reduce(|| 0, |a, b| Ok(a + b))?;
        std::mem::swap(&mut labels, &mut next);
        trace.rounds += 1;
        trace.moves += moves;
        trace.settled = moves == 0;
    }
    Ok((labels, trace))
}
