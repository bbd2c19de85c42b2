//! Leiden: communities that are connected, level by level.
//!
//! # Definition
//! Maximises an [`Objective`] by repeating: move nodes to where they gain (`local_moving`), part
//! every community into well connected sub-communities (`refinement`), make each of these one node
//! of a smaller graph (`quotient`) on which the communities are the starting point. A level on which
//! every community is a single node ends it. What Louvain glues together for ever, the next level
//! can take apart, because its nodes are the refined parts.
//!
//! # Guarantees
//! Every community is connected (see [`find_disconnected`]); the value never falls from one
//! iteration to the next; the answer is the same bytes for any number of threads.
//!
//! # Cost
//! O(edges) a round, some ten rounds on the first level and few afterwards; about 12 bytes an arc
//! of the first quotient beside the graph.
//!
//! # Departures from the paper
//! Moves are made in hashed sub-rounds instead of a queue (`rounds`); refinement takes the best
//! part instead of a random one; small graphs are solved several times with different seeds, and the
//! best answer is taken.
//!
//! # Reference
//! Traag, Waltman, van Eck, *From Louvain to Leiden: guaranteeing well-connected communities*,
//! Scientific Reports 9, 2019.

use rayon::prelude::*;

use super::local_moving::{Level, move_nodes};
use super::objective::Objective;
use super::refinement::refine;
use super::strong_links::strong_components;
use super::trace::Trace;
use crate::base::chance::draw;
use crate::base::run::{Interrupted, Run};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;
use crate::sparse::quotient::{ArcWeights, Quotient, Rows, Sum, quotient};
use crate::sparse::union_find::UnionFind;

/// Parameters of [`leiden`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leiden {
    /// What to maximise.
    pub objective: Objective,
    /// γ. For modularity a pure number; for constant Potts edge weight per pair of nodes, in the
    /// units of the graph's weights. Larger means smaller communities.
    pub resolution: f64,
    /// Seed of every tie and order.
    pub seed: u64,
    /// At most so many passes over all levels, each starting from the last one's answer.
    pub iterations: u32,
    /// Graphs with at most so many arcs are solved [`Self::restarts`] times, the best answer wins.
    pub small_arcs: usize,
    /// See [`Self::small_arcs`].
    pub restarts: u32,
}

impl Default for Leiden {
    fn default() -> Self {
        Leiden {
            objective: Objective::Modularity,
            resolution: 1.0,
            seed: 0,
            iterations: 1,
            small_arcs: 50_000,
            restarts: 20,
        }
    }
}

/// Iterations on a small graph: it costs nothing to go on until nothing is gained.
const SMALL_ITERATIONS: u32 = 16;
/// Levels shrink by half at least where anything is left to do; this is never reached in earnest.
const LEVELS: u32 = 64;

/// The communities of `graph`.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn leiden(
    graph: &Graph,
    params: &Leiden,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    match graph.arc_weights() {
        None => in_sums(&Rows::unweighted(graph), graph, params, run),
        Some(weights) => {
            let rows = Rows::weighted(graph, weights);
            match strong_links(&rows, graph, params) {
                None => in_sums(&rows, graph, params, run),
                Some(strong) => {
                    let weights = strong.arc_weights().unwrap_or_default();
                    in_sums(&Rows::weighted(&strong, weights), &strong, params, run)
                }
            }
        }
    }
}

/// [`search`] with the smaller type that holds every sum of weights.
fn in_sums<W: ArcWeights>(
    rows: &Rows<W>,
    graph: &Graph,
    params: &Leiden,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    let all: u64 = match graph.arc_weights() {
        None => graph.arcs() as u64,
        Some(weights) => weights.par_iter().map(|&weight| u64::from(weight)).sum(),
    };
    if u32::try_from(all).is_ok() {
        search::<W, u32>(rows, graph, params, run)
    } else {
        search::<W, u64>(rows, graph, params, run)
    }
}

/// The part of `graph` that communities can be in, where it is the smaller part.
fn strong_links(rows: &Rows<&[u32]>, graph: &Graph, params: &Leiden) -> Option<Graph> {
    if params.objective != Objective::ConstantPotts {
        return None;
    }
    let masses = params.objective.masses(graph);
    let level = Level {
        rows: *rows,
        masses: &masses,
        price: params.resolution,
    };
    strong_components(&level).map(|components| graph.within(&components))
}

fn search<W: ArcWeights, S: Sum>(
    rows: &Rows<W>,
    graph: &Graph,
    params: &Leiden,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    let masses = params.objective.masses(graph);
    let price = params
        .objective
        .price(params.resolution, masses.iter().sum());
    let level = Level {
        rows: *rows,
        masses: &masses,
        price,
    };
    let small = graph.arcs() <= params.small_arcs;
    let (tries, iterations) = if small {
        (params.restarts.max(1), SMALL_ITERATIONS)
    } else {
        (1, params.iterations)
    };
    let mut best: Option<(f64, Partition)> = None;
    let mut trace = Trace::default();
    for attempt in 0..tries {
        let seed = draw(params.seed, 0x6c65_6964, u64::from(attempt));
        let mut labels: Vec<u32> = (0..graph.nodes() as u32).collect();
        let mut value = f64::NEG_INFINITY;
        for iteration in 0..iterations.max(1) {
            let seed = draw(seed, 1, u64::from(iteration));
            let next = iterate::<W, S>(&level, labels.clone(), seed, &mut trace, run)?;
            let reached = level.value(next.labels());
            let gained = reached > value;
            if gained {
                labels = next.labels().to_vec();
                value = reached;
            }
            if best.as_ref().is_none_or(|(known, _)| reached > *known) {
                best = Some((reached, next));
            }
            if !gained {
                break;
            }
        }
    }
    Ok((
        best.map(|(_, partition)| partition).unwrap_or_default(),
        trace,
    ))
}

/// One pass over all levels from `labels`.
fn iterate<W: ArcWeights, S: Sum>(
    level: &Level<W>,
    labels: Vec<u32>,
    seed: u64,
    trace: &mut Trace,
    run: &Run,
) -> Result<Partition, Interrupted> {
    let mut here: Here<S> = one_level(level, labels, draw(seed, 2, 0), trace, run)?;
    // Where each node of the input is on the present level.
    let mut place: Option<Vec<u32>> = None;
    for depth in 1..LEVELS {
        let Some(next) = here.next.take() else { break };
        place = Some(match place {
            None => next.refined,
            Some(place) => place.iter().map(|&at| next.refined[at as usize]).collect(),
        });
        let level = Level {
            rows: next.quotient.rows(),
            masses: &next.masses,
            price: level.price,
        };
        here = one_level(
            &level,
            next.labels,
            draw(seed, 2, u64::from(depth)),
            trace,
            run,
        )?;
    }
    let labels = here.partition.labels();
    let labels = match place {
        None => labels.to_vec(),
        Some(place) => place.iter().map(|&at| labels[at as usize]).collect(),
    };
    Ok(connected_parts(&level.rows, &labels))
}

/// A level after its moves, and the next one where there is something to merge.
struct Here<S> {
    partition: Partition,
    next: Option<Next<S>>,
}

struct Next<S> {
    /// Node of the quotient by node of this level.
    refined: Vec<u32>,
    quotient: Quotient<S>,
    masses: Vec<u64>,
    /// The community of every node of the quotient.
    labels: Vec<u32>,
}

fn one_level<W: ArcWeights, S: Sum>(
    level: &Level<W>,
    mut labels: Vec<u32>,
    seed: u64,
    trace: &mut Trace,
    run: &Run,
) -> Result<Here<S>, Interrupted> {
    trace.add(move_nodes(level, &mut labels, seed, run)?);
    let nodes = labels.len();
    let partition = Partition::from_labels(labels);
    if partition.communities() == nodes {
        return Ok(Here {
            partition,
            next: None,
        });
    }
    let refined = refine(level, &partition, run)?;
    if refined.communities() == nodes {
        return Ok(Here {
            partition,
            next: None,
        });
    }
    let mut quotient: Quotient<S> = quotient(&level.rows, &refined);
    let mut masses = vec![0; refined.communities()];
    let mut labels = vec![0; refined.communities()];
    for ((&part, &community), &mass) in refined
        .labels()
        .iter()
        .zip(partition.labels())
        .zip(level.masses)
    {
        masses[part as usize] += mass;
        labels[part as usize] = community;
    }
    let above = Level {
        rows: quotient.rows(),
        masses: &masses,
        price: level.price,
    };
    if let Some(components) = strong_components(&above) {
        quotient = quotient.within(&components);
    }
    let next = Next {
        refined: refined.into_labels(),
        quotient,
        masses,
        labels,
    };
    Ok(Here {
        partition,
        next: Some(next),
    })
}

/// Every community as its connected parts. On the last level a community may still be several
/// refined parts that nothing merged; parting them where no edge ties them loses nothing.
fn connected_parts<W: ArcWeights>(rows: &Rows<W>, labels: &[u32]) -> Partition {
    let sets = UnionFind::new(labels.len());
    for v in 0..labels.len() as u32 {
        for &u in rows.neighbours(v) {
            if u < v && labels[u as usize] == labels[v as usize] {
                sets.link(u, v);
            }
        }
    }
    Partition::from_labels(sets.into_labels())
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
