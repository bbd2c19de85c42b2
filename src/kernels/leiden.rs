//! Leiden: communities that are connected, level by level.
//!
//! # Definition
//! Maximises an [`Objective`] by repeating: move nodes to where they gain (`local_moving`), part
//! every community into well connected sub-communities (`refinement`), make each of these one node
//! of a smaller graph (`quotient`) on which the communities are the starting point. A level on which
//! every community is a single node ends it. What Louvain glues together for ever, the next level
//! can take apart, because its nodes are the refined parts. At the end every node of the graph is asked
//! once more, and if many move, the search is repeated from there.
//!
//! # Guarantees
//! Every community is connected (see [`find_disconnected`](super::connected_parts::find_disconnected)); the value never falls from one
//! iteration to the next; the answer is the same bytes for any number of threads.
//!
//! # Cost
//! O(edges) a round, some six rounds on the first level and few afterwards; some 60 bytes a node and
//! 8 bytes an arc of the first quotient (16 where the sum of all weights needs more than 32 bits).
//!
//! # Departures from the paper
//! Moves are made in hashed sub-rounds instead of a queue (`rounds`); refinement takes the best
//! part instead of a random one, and merges parts at once; an iteration begins only if the last one's end
//! was restless; small graphs are solved several times with different seeds, and the best answer is taken.
//!
//! # Reference
//! Traag, Waltman, van Eck, *From Louvain to Leiden: guaranteeing well-connected communities*,
//! Scientific Reports 9, 2019.

use rayon::prelude::*;

use super::connected_parts::connected_parts;
use super::local_moving::{Level, Limits, NODES_PER_TASK, move_nodes, move_singly, move_together};
use super::objective::Objective;
use super::refinement::refine;
use super::strong_links::strong_components;
use super::trace::Trace;
use crate::base::chance::draw;
use crate::base::run::{Interrupted, Run};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;
use crate::sparse::quotient::{ArcWeights, Quotient, Rows, Sum, quotient};

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
    /// At most so many passes over all levels, each starting from the last one's answer. A large graph has
    /// another one only if many nodes moved at the end of the last; small graphs have more.
    pub iterations: u32,
    /// Whether every node of the graph is asked once more at the end of a pass. On small graphs it always is.
    pub polish: bool,
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
            iterations: 3,
            polish: true,
            small_arcs: 50_000,
            restarts: 20,
        }
    }
}

/// Iterations on a small graph: it costs nothing to go on until nothing is gained.
const SMALL_ITERATIONS: u32 = 16;
/// Levels shrink by half at least where anything is left to do; this is never reached in earnest.
const LEVELS: u64 = 64;
/// The first level ends with a round in which less than one in so many nodes moves: what is left to gain
/// there is found by the last pass.
const FEW_AT_FIRST: u64 = 64;
/// So does every level above.
const FEW_ABOVE: u64 = 128;
/// So does the last pass.
const FEW_AT_LAST: u64 = 1024;
/// A large graph is searched again if the last pass moved more than one in so many nodes.
const RESTLESS: u64 = 16;
/// Parts are merged until none joins another.
const ALL: u32 = u32::MAX;

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
                    let (linked, strong) = strong.linked();
                    let weights = strong.arc_weights().unwrap_or_default();
                    let rows = Rows::weighted(&strong, weights);
                    let (found, trace) = in_sums(&rows, &strong, params, run)?;
                    Ok((found.spread(&linked, graph.nodes()), trace))
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
        (1, params.iterations.max(1))
    };
    let polish = params.polish || small;
    let mut best: Option<(f64, Partition)> = None;
    let mut trace = Trace::default();
    for attempt in 0..tries {
        let seed = draw(params.seed, 0x6c65_6964, u64::from(attempt));
        let mut last: Option<(f64, Partition)> = None;
        for iteration in 0..iterations {
            let seed = draw(seed, 1, u64::from(iteration));
            let start = last
                .as_ref()
                .map(|(value, partition)| (*value, partition.labels()));
            let (next, moved, value) =
                iterate::<W, S>(&level, start, (seed, polish), &mut trace, run)?;
            let settled = !small && moved <= level.active() / RESTLESS;
            if settled && iteration == 0 {
                return Ok((next, trace));
            }
            let value = value.unwrap_or_else(|| level.value(next.labels()));
            if last.as_ref().is_some_and(|(known, _)| value <= *known) {
                break;
            }
            last = Some((value, next));
            if settled {
                break;
            }
        }
        let reached = last.as_ref().map(|(value, _)| *value);
        if reached > best.as_ref().map(|(value, _)| *value) {
            best = last;
        }
    }
    Ok((
        best.map(|(_, partition)| partition).unwrap_or_default(),
        trace,
    ))
}

/// One pass over all levels from `start` (or from every node by itself), and, to `polish` it, one more over the
/// nodes; with the number of nodes that this last one moved, and what the answer is worth, where that is known.
fn iterate<W: ArcWeights, S: Sum>(
    level: &Level<W>,
    start: Option<(f64, &[u32])>,
    (seed, polish): (u64, bool),
    trace: &mut Trace,
    run: &Run,
) -> Result<(Partition, u64, Option<f64>), Interrupted> {
    let nodes = level.rows.nodes();
    let weight = level.weight();
    let active = level.active();
    let (before, mut labels, depth) = match start {
        None => (level.value_apart(weight), (0..nodes as u32).collect(), ALL),
        Some((value, labels)) => (value, labels.to_vec(), 1),
    };
    let limits = |stage, few| Limits {
        seed: draw(seed, stage, 0),
        least_moves: active / few,
    };
    let step = Step {
        limits: limits(2, FEW_AT_FIRST),
        depth,
        before,
        weight,
    };
    let here = one_level::<W, S>(level, &labels, step, trace, run)?;
    labels = here.partition.into_labels();
    if let Some(mut next) = here.next {
        let place = std::mem::take(&mut next.refined);
        let tops = above(next, level.price, (seed, depth), trace, run)?;
        let top = |&at: &u32| tops[at as usize];
        labels = place
            .par_iter()
            .with_min_len(NODES_PER_TASK)
            .map(top)
            .collect();
    }
    let (mut moved, mut value) = (Trace::default(), None);
    if polish {
        (labels, moved, value) = move_nodes(level, &labels, limits(4, FEW_AT_LAST), run)?;
    }
    trace.add(moved);
    let (parts, parted) = connected_parts(&level.rows, &labels);
    Ok((parts, moved.moves, value.filter(|_| !parted)))
}

/// All levels above the first: the community of every node of `next`.
fn above<S: Sum>(
    mut next: Next<S>,
    price: f64,
    (seed, depth): (u64, u32),
    trace: &mut Trace,
    run: &Run,
) -> Result<Vec<u32>, Interrupted> {
    let nodes = next.masses.len();
    let linked;
    (linked, next) = next.linked();
    // Where each node of the second level that has neighbours is on the present one.
    let mut place: Vec<u32> = (0..linked.len() as u32).collect();
    for nth in 1.. {
        let level = Level {
            rows: next.quotient.rows(),
            masses: &next.masses,
            price,
        };
        let step = Step {
            limits: Limits {
                seed: draw(seed, 2, nth),
                least_moves: level.active() / FEW_ABOVE,
            },
            depth,
            before: level.value(&next.labels),
            weight: level.weight(),
        };
        let here: Here<S> = one_level(&level, &next.labels, step, trace, run)?;
        let above = here.next.filter(|_| nth < LEVELS);
        let labels = match &above {
            Some(above) => &above.refined,
            None => here.partition.labels(),
        };
        place
            .par_iter_mut()
            .with_min_len(NODES_PER_TASK)
            .for_each(|at| *at = labels[*at as usize]);
        match above {
            Some(above) => next = above,
            None => break,
        }
    }
    let found = Partition::from_labels(place);
    Ok(found.spread(&linked, nodes).into_labels())
}

/// How to work on a level.
#[derive(Clone, Copy)]
struct Step {
    limits: Limits,
    /// See [`refine`].
    depth: u32,
    /// What the level's labels are worth.
    before: f64,
    /// The level's weight.
    weight: u64,
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

impl<S: Sum> Next<S> {
    /// The nodes that have neighbours, ascending, and the level without the others, which stay alone.
    fn linked(self) -> (Vec<u32>, Self) {
        let (linked, quotient) = self.quotient.linked();
        let masses = linked.iter().map(|&v| self.masses[v as usize]).collect();
        // Parts of a community have numbers in a row.
        let mut labels = Vec::with_capacity(linked.len());
        let mut last = None;
        for &v in &linked {
            let community = self.labels[v as usize];
            let number = labels
                .last()
                .map_or(0, |&number| number + u32::from(last != Some(community)));
            labels.push(number);
            last = Some(community);
        }
        let next = Next {
            refined: self.refined,
            quotient,
            masses,
            labels,
        };
        (linked, next)
    }
}

fn one_level<W: ArcWeights, S: Sum>(
    level: &Level<W>,
    labels: &[u32],
    step: Step,
    trace: &mut Trace,
    run: &Run,
) -> Result<Here<S>, Interrupted> {
    let (moved, mut work) = move_together(level, labels, step.limits, run)?;
    let mut partition = Partition::from_labels(moved);
    let mut refined = refine::<W, S>(level, &partition, step.depth, run)?;
    if level.valued(step.weight - refined.inside, &refined.volumes) < step.before {
        let (moved, again) = move_singly(level, labels, step.limits, run)?;
        work = work.then(again);
        partition = Partition::from_labels(moved);
        refined = refine::<W, S>(level, &partition, step.depth, run)?;
    }
    trace.add(work);
    if refined.groups.len() == labels.len() {
        return Ok(Here {
            partition,
            next: None,
        });
    }
    let mut quotient: Quotient<S> = quotient(&level.rows, &refined.labels, &refined.groups);
    let above = Level {
        rows: quotient.rows(),
        masses: &refined.masses,
        price: level.price,
    };
    let components = strong_components(&above);
    if let Some(components) = components {
        quotient = quotient.within(&components);
    }
    let next = Some(Next {
        refined: refined.labels,
        quotient,
        masses: refined.masses,
        labels: refined.communities,
    });
    Ok(Here { partition, next })
}
