//! Local moving: every node goes to the neighbouring community where it gains most.
//!
//! The first phase of Louvain and of Leiden, on one level. State: `labels[v]`, a community's number
//! below the number of nodes, and `volumes[c]`, the mass in it. A node may also go *home*, to
//! community number v, when that stands empty; so nobody stays where it loses.
//!
//! Nodes of one sub-round choose by volumes that do not count each other, so together they could
//! lose. [`move_nodes`] therefore compares the objective before and after, and in the rare case of
//! a loss takes the whole level back and makes its moves one by one, each of them a gain.
//!
//! References: Blondel et al., *Fast unfolding of communities in large networks*, 2008; Traag,
//! Waltman, van Eck, *From Louvain to Leiden*, 2019 (revisiting only neighbours of the moved).

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use super::objective::gain;
use super::rounds::{Choice, Rounds, Rule, settle};
use super::trace::Trace;
use crate::base::run::{Interrupted, Run};
use crate::sparse::quotient::{ArcWeights, Rows};
use crate::sparse::scratch::Pad;

/// One graph of the hierarchy: rows without what its nodes hold inside, and their masses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a, W> {
    pub(super) rows: Rows<'a, W>,
    pub(super) masses: &'a [u64],
    pub(super) price: f64,
}

/// A move must gain more than this (half an arc of weight 1 is 0.5): rounding is no reason to move.
const LEAST_GAIN: f64 = 1e-9;
/// Rounds on one level; the last ones move a handful of nodes.
const ROUNDS: u32 = 64;
/// So few waiting nodes move one after the other.
const ONE_BY_ONE: usize = 512;

impl<W: ArcWeights> Level<'_, W> {
    /// The objective H without what nodes hold inside, which no grouping of them changes.
    pub(super) fn value(&self, labels: &[u32]) -> f64 {
        let inside: u64 = (0..labels.len() as u32)
            .into_par_iter()
            .with_min_len(4096)
            .map(|v| {
                let own = labels[v as usize];
                let with_own = |&(u, _): &(u32, u64)| u != v && labels[u as usize] == own;
                self.rows
                    .edges(v)
                    .filter(with_own)
                    .map(|(_, weight)| weight)
                    .sum::<u64>()
            })
            .sum();
        let mut volumes = vec![0u64; labels.len()];
        for (&label, &mass) in labels.iter().zip(self.masses) {
            volumes[label as usize] += mass;
        }
        let squares: u128 = volumes
            .iter()
            .map(|&volume| u128::from(volume).pow(2))
            .sum();
        inside as f64 - self.price * squares as f64
    }
}

struct BestGain<'a, W> {
    level: &'a Level<'a, W>,
    volumes: Vec<AtomicU64>,
}

impl<W: ArcWeights> Rule for BestGain<'_, W> {
    #[inline]
    fn choose(&self, v: u32, own: u32, around: &[u32], pad: &mut Pad) -> Choice {
        pad.expect(around.len());
        for ((u, weight), &label) in self.level.rows.edges(v).zip(around) {
            if u != v {
                pad.add(label, weight);
            }
        }
        let mass = self.level.masses[v as usize];
        let volume = |label: u32| self.volumes[label as usize].load(Relaxed);
        let staying = gain(pad.weight(own), self.level.price, mass, volume(own) - mass);
        // Being alone, and a label that nobody around has yet, gain nothing: others start from there.
        let (mut best, mut best_gain, mut second) = (own, staying + LEAST_GAIN, 0.0);
        if best_gain < 0.0 && volume(v) == 0 {
            (best, best_gain) = (v, 0.0);
        }
        pad.drain(|label, weight| {
            // A gain is less than the weight: most labels need not be asked for their volume.
            if weight <= second as u64 || label == own {
                return;
            }
            let gain = gain(weight, self.level.price, mass, volume(label));
            if gain > best_gain || (gain == best_gain && best != own && label < best) {
                (best, best_gain, second) = (label, gain, best_gain.max(second));
            } else if gain > second {
                second = gain;
            }
        });
        Choice {
            label: best,
            lead: (best_gain - second).max(0.0) as u64,
        }
    }

    #[inline]
    fn prepare(&self, around: &[u32]) {
        // The volumes of a batch lie all over memory: loads that wait for nothing bring them into
        // the nearest cache together, before the choices ask for them one after the other.
        let volumes = around
            .iter()
            .map(|&label| self.volumes[label as usize].load(Relaxed));
        std::hint::black_box(volumes.fold(0u64, u64::wrapping_add));
    }

    fn moved(&self, v: u32, from: u32, to: u32) {
        let mass = self.level.masses[v as usize];
        self.volumes[from as usize].fetch_sub(mass, Relaxed);
        self.volumes[to as usize].fetch_add(mass, Relaxed);
    }
}

/// Moves nodes from `labels` (each below the number of nodes) until nobody gains; never a loss.
pub(super) fn move_nodes<W: ArcWeights>(
    level: &Level<W>,
    labels: &mut Vec<u32>,
    seed: u64,
    run: &Run,
) -> Result<Trace, Interrupted> {
    let rounds = Rounds {
        seed,
        limit: ROUNDS,
        one_by_one: ONE_BY_ONE,
    };
    let (moved, trace) = moved_labels(level, labels, rounds, run)?;
    if labels.len() <= ONE_BY_ONE || level.value(&moved) >= level.value(labels) {
        *labels = moved;
        return Ok(trace);
    }
    let rounds = Rounds {
        one_by_one: usize::MAX,
        ..rounds
    };
    let (moved, again) = moved_labels(level, labels, rounds, run)?;
    *labels = moved;
    Ok(Trace {
        rounds: trace.rounds + again.rounds,
        moves: trace.moves + again.moves,
        ..again
    })
}

fn moved_labels<W: ArcWeights>(
    level: &Level<W>,
    labels: &[u32],
    rounds: Rounds,
    run: &Run,
) -> Result<(Vec<u32>, Trace), Interrupted> {
    let volumes: Vec<AtomicU64> = labels.iter().map(|_| AtomicU64::new(0)).collect();
    for (&label, &mass) in labels.iter().zip(level.masses) {
        volumes[label as usize].fetch_add(mass, Relaxed);
    }
    let labels: Vec<AtomicU32> = labels.iter().map(|&label| AtomicU32::new(label)).collect();
    let trace = settle(
        &level.rows,
        &labels,
        &BestGain { level, volumes },
        rounds,
        run,
    )?;
    Ok((
        labels.into_iter().map(AtomicU32::into_inner).collect(),
        trace,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::objective::Objective;
    use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};

    proptest! {
        /// The gain that a move is chosen by is half of what the objective then grows by.
        #[test]
        fn gain_is_value_after_minus_value_before(
            edges in prop::collection::vec((0..12u32, 0..12u32, 1..9u32), 1..40),
            labels in prop::collection::vec(0..4u32, 12),
            v in 0..12u32, to in 0..4u32, cpm in any::<bool>(),
        ) {
            let batch = EdgeBatch {
                ends: edges.iter().map(|&(u, v, _)| (u, v)).collect(),
                weights: edges.iter().map(|edge| edge.2).collect(),
            };
            let graph = graph_from_edges(12, vec![batch], Parallel::Sum).unwrap();
            let objective = if cpm { Objective::ConstantPotts } else { Objective::Modularity };
            let masses = objective.masses(&graph);
            let price = objective.price(0.8, masses.iter().sum());
            let rows = Rows::weighted(&graph, graph.arc_weights().unwrap());
            let level = Level { rows, masses: &masses, price };
            let from = labels[v as usize];
            let with = |label: u32| {
                let others = (0..12u32).filter(|&u| u != v && labels[u as usize] == label);
                let volume = others.map(|u| masses[u as usize]).sum();
                let ties = graph.edges(v).filter(|&(u, _)| u != v && labels[u as usize] == label);
                let weight = ties.map(|(_, weight)| u64::from(weight)).sum();
                gain(weight, price, masses[v as usize], volume)
            };
            let mut moved = labels.clone();
            moved[v as usize] = to;
            let grown = level.value(&moved) - level.value(&labels);
            prop_assert!((grown - 2.0 * (with(to) - with(from))).abs() < 1e-9);
        }
    }

    #[test]
    fn a_level_that_would_lose_is_made_one_by_one() {
        // A complete bipartite graph too large to start one by one: whatever the sub-rounds do,
        // the value never falls.
        let ends = (0..600)
            .flat_map(|u| (0..600).map(move |v| (u, 600 + v)))
            .collect();
        let batch = EdgeBatch {
            ends,
            weights: Vec::new(),
        };
        let graph = graph_from_edges(1200, vec![batch], Parallel::Collapse).unwrap();
        let masses = Objective::Modularity.masses(&graph);
        let price = Objective::Modularity.price(1.0, masses.iter().sum());
        let level = Level {
            rows: Rows::unweighted(&graph),
            masses: &masses,
            price,
        };
        for seed in 0..3 {
            let start: Vec<u32> = (0..1200).collect();
            let mut labels = start.clone();
            move_nodes(&level, &mut labels, seed, &Run::quiet()).unwrap();
            assert!(level.value(&labels) >= level.value(&start));
        }
    }
}
