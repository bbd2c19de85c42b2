//! Louvain: moves nodes to where they gain, makes communities nodes, repeats.
//!
//! Here for comparison with what others use: its communities may fall apart into pieces that no
//! edge ties together, which [`leiden`](super::leiden) cannot do. Same objectives, same rounds, same
//! bytes for any number of threads.
//!
//! Reference: Blondel, Guillaume, Lambiotte, Lefebvre, *Fast unfolding of communities in large
//! networks*, Journal of Statistical Mechanics, 2008.

use super::local_moving::{Level, Limits, move_nodes};
use super::objective::Objective;
use super::trace::Trace;
use crate::base::chance::draw;
use crate::base::run::{Interrupted, Run};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;
use crate::sparse::quotient::{ArcWeights, Quotient, Rows, quotient};

/// Parameters of [`louvain`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Louvain {
    /// What to maximise.
    pub objective: Objective,
    /// γ, in the units that [`Leiden::resolution`](super::leiden::Leiden::resolution) has.
    pub resolution: f64,
    /// Seed of every tie and order.
    pub seed: u64,
    /// At most so many levels.
    pub levels: u32,
}

impl Default for Louvain {
    fn default() -> Self {
        Louvain {
            objective: Objective::Modularity,
            resolution: 1.0,
            seed: 0,
            levels: 64,
        }
    }
}

/// A level ends with a round in which less than one in so many nodes moves.
const FEW: u64 = 512;

/// The communities of `graph`.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn louvain(
    graph: &Graph,
    params: &Louvain,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    match graph.arc_weights() {
        None => search(&Rows::unweighted(graph), graph, params, run),
        Some(weights) => search(&Rows::weighted(graph, weights), graph, params, run),
    }
}

fn search<W: ArcWeights>(
    rows: &Rows<W>,
    graph: &Graph,
    params: &Louvain,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    let mut masses = params.objective.masses(graph);
    let price = params
        .objective
        .price(params.resolution, masses.iter().sum());
    let mut trace = Trace::default();
    let level = Level {
        rows: *rows,
        masses: &masses,
        price,
    };
    let mut place = one_level(&level, params.seed, &mut trace, run)?;
    let mut merged = Quotient::<u64>::default();
    let mut fresh = place.clone();
    for depth in 1..params.levels.max(1) {
        merged = if depth == 1 {
            quotient(rows, fresh.labels(), &fresh.groups())
        } else {
            quotient(&merged.rows(), fresh.labels(), &fresh.groups())
        };
        masses = summed(&masses, &fresh);
        let level = Level {
            rows: merged.rows(),
            masses: &masses,
            price,
        };
        fresh = one_level(
            &level,
            draw(params.seed, 3, u64::from(depth)),
            &mut trace,
            run,
        )?;
        if fresh.communities() == masses.len() {
            break;
        }
        let labels = place
            .labels()
            .iter()
            .map(|&at| fresh.labels()[at as usize])
            .collect();
        place = Partition::from_labels(labels);
    }
    Ok((place, trace))
}

fn one_level<W: ArcWeights>(
    level: &Level<W>,
    seed: u64,
    trace: &mut Trace,
    run: &Run,
) -> Result<Partition, Interrupted> {
    let labels: Vec<u32> = (0..level.rows.nodes() as u32).collect();
    let limits = Limits {
        seed,
        least_moves: labels.len() as u64 / FEW,
    };
    let (labels, moved, _) = move_nodes(level, &labels, limits, run)?;
    trace.add(moved);
    Ok(Partition::from_labels(labels))
}

fn summed(masses: &[u64], partition: &Partition) -> Vec<u64> {
    let mut sums = vec![0; partition.communities()];
    for (&label, &mass) in partition.labels().iter().zip(masses) {
        sums[label as usize] += mass;
    }
    sums
}
