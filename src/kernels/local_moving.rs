//! Local moving: every node goes to the neighbouring community where it gains most.
//!
//! The first phase of Louvain and of Leiden, on one level. State: `labels[v]`, a community's number
//! below the number of nodes, and `volumes[c]`, the mass in it. A node may also go *home*, to
//! community number v, when that stands empty; so nobody stays where it loses.
//!
//! Nodes of one sub-round choose by volumes that do not count each other, so together they could
//! lose. Whoever calls [`move_together`] compares the objective before and after, and in the rare case of
//! a loss takes the whole level back and makes its moves one by one, each of them a gain.
//!
//! References: Blondel et al., *Fast unfolding of communities in large networks*, 2008; Traag,
//! Waltman, van Eck, *From Louvain to Leiden*, 2019 (revisiting only neighbours of the moved).

use std::cmp::max;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

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
/// Nodes of one task that does little for each.
pub(super) const NODES_PER_TASK: usize = 1 << 14;
/// So few waiting nodes move one after the other.
const ONE_BY_ONE: usize = 512;

impl<W: ArcWeights> Level<'_, W> {
    /// The objective H of this module's [`objective`](super::objective) less the weight of all arcs, so
    /// that it is the same number on every level of a hierarchy: minus the weight of arcs between
    /// communities and what their volumes cost.
    pub(super) fn value(&self, labels: &[u32]) -> f64 {
        let [value] = self.values([labels]);
        value
    }

    /// [`Self::value`] of several labellings, in one pass over the arcs.
    fn values<const N: usize>(&self, labellings: [&[u32]; N]) -> [f64; N] {
        let nodes = self.rows.nodes();
        let between: [u64; N] = (0..nodes as u32)
            .into_par_iter()
            .with_min_len(4096)
            .map(|v| {
                let own = labellings.map(|labels| labels[v as usize]);
                let mut between = [0; N];
                for (u, weight) in self.rows.edges(v) {
                    for ((sum, labels), own) in between.iter_mut().zip(labellings).zip(own) {
                        *sum += weight * u64::from(labels[u as usize] != own);
                    }
                }
                between
            })
            .reduce(|| [0; N], |a, b| std::array::from_fn(|i| a[i] + b[i]));
        std::array::from_fn(|i| {
            let mut volumes = vec![0u64; nodes];
            for (&label, &mass) in labellings[i].iter().zip(self.masses) {
                volumes[label as usize] += mass;
            }
            self.valued(between[i], &volumes)
        })
    }

    /// [`Self::value`] of every node by itself, given the [`Self::weight`].
    pub(super) fn value_apart(&self, weight: u64) -> f64 {
        self.valued(weight, self.masses)
    }

    /// Nodes that have neighbours.
    pub(super) fn active(&self) -> u64 {
        (0..self.rows.nodes() as u32)
            .into_par_iter()
            .with_min_len(NODES_PER_TASK)
            .filter(|&v| !self.rows.neighbours(v).is_empty())
            .count() as u64
    }

    /// Weight of all arcs that are no loops.
    pub(super) fn weight(&self) -> u64 {
        (0..self.rows.nodes() as u32)
            .into_par_iter()
            .with_min_len(4096)
            .map(|v| {
                let row = self.rows.neighbours(v);
                let all: u64 = self.rows.edges(v).map(|(_, weight)| weight).sum();
                if row.iter().filter(|&&u| u == v).count() == 0 {
                    return all;
                }
                let loops = self.rows.edges(v).filter(|&(u, _)| u == v);
                all - loops.map(|(_, weight)| weight).sum::<u64>()
            })
            .sum()
    }

    /// [`Self::value`] where arcs of weight `between` lead from one community to another.
    pub(super) fn valued(&self, between: u64, volumes: &[u64]) -> f64 {
        let squares: u128 = volumes
            .par_iter()
            .with_min_len(NODES_PER_TASK)
            .map(|&volume| u128::from(volume).pow(2))
            .sum();
        -(between as f64) - self.price * squares as f64
    }
}

/// Volumes of so many labels, a line of memory each, stay in the second nearest cache.
const NEAR: usize = 1 << 13;

struct BestGain<'a, W> {
    level: &'a Level<'a, W>,
    volumes: Vec<AtomicU64>,
}

impl<W: ArcWeights> Rule for BestGain<'_, W> {
    #[inline]
    fn choose(&self, v: u32, own: u32, around: &[u32], pad: &mut Pad) -> Choice {
        let ties = self.level.rows.edges(v).zip(around);
        pad.tally(
            around.len(),
            ties.filter_map(|((u, weight), &label)| (u != v).then_some((label, weight))),
        );
        let mass = self.level.masses[v as usize];
        let volume = |label: u32| self.volumes[label as usize].load(Relaxed);
        let staying = gain(pad.take(own), self.level.price, mass, volume(own) - mass);
        // Which label is ahead cannot be predicted: the greatest is found without a branch. What was taken out of its own
        // community is less than staying and no gain, so it need not be left out.
        let (mut ahead, mut best_gain, mut second) = (0, f64::NEG_INFINITY, 0.0f64);
        pad.drain(|label, weight| {
            let gain = gain(weight, self.level.price, mass, volume(label));
            ahead = max(
                ahead,
                u128::from(ascending(gain)) << 64 | u128::from(!label),
            );
            second = greater(second, lesser(best_gain, gain));
            best_gain = greater(best_gain, gain);
        });
        let mut best = !(ahead as u32);
        // Being alone, and a label that nobody around has yet, gain nothing: others start from there.
        let (mut other, mut other_gain) = (own, staying + LEAST_GAIN);
        if other_gain < 0.0 && volume(v) == 0 {
            (other, other_gain) = (v, 0.0);
        }
        if best_gain > other_gain {
            second = second.max(other_gain);
        } else {
            second = second.max(best_gain);
            (best, best_gain) = (other, other_gain);
        }
        Choice {
            label: best,
            lead: (best_gain - second).max(0.0) as u64,
        }
    }

    fn scattered(&self) -> bool {
        let taken = self
            .volumes
            .iter()
            .filter(|volume| volume.load(Relaxed) > 0);
        taken.take(NEAR).count() == NEAR
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

/// A number whose order is that of the gains. Neither of them is minus zero.
#[inline]
fn ascending(gain: f64) -> u64 {
    let bits = gain.to_bits() as i64;
    (bits ^ ((bits >> 63) | i64::MIN)) as u64
}

/// Of two numbers, in one instruction; [`f64::max`] also knows what to do where one is none.
#[inline]
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline]
fn lesser(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// When to stop, and the seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) seed: u64,
    /// A round in which fewer nodes move is the last.
    pub(super) least_moves: u64,
}

impl Limits {
    fn rounds(self, one_by_one: usize) -> Rounds {
        Rounds {
            seed: self.seed,
            limit: ROUNDS,
            one_by_one,
            least_moves: self.least_moves,
        }
    }
}

/// Moves nodes from `labels` (each below the number of nodes) until few move or nobody gains; never a loss. With what
/// the labels are then worth, where that was asked.
pub(super) fn move_nodes<W: ArcWeights>(
    level: &Level<W>,
    labels: &[u32],
    limits: Limits,
    run: &Run,
) -> Result<(Vec<u32>, Trace, Option<f64>), Interrupted> {
    let (moved, trace) = move_together(level, labels, limits, run)?;
    if trace.moves == 0 {
        return Ok((moved, trace, None));
    }
    let [after, before] = level.values([&moved, labels]);
    if after >= before {
        return Ok((moved, trace, Some(after)));
    }
    let (moved, again) = move_singly(level, labels, limits, run)?;
    Ok((moved, trace.then(again), None))
}

/// Moves nodes in sub-rounds, each of which may lose in rare cases.
pub(super) fn move_together<W: ArcWeights>(
    level: &Level<W>,
    labels: &[u32],
    limits: Limits,
    run: &Run,
) -> Result<(Vec<u32>, Trace), Interrupted> {
    moved_labels(level, labels, limits.rounds(ONE_BY_ONE), run)
}

/// Moves nodes one after the other, none of which loses.
pub(super) fn move_singly<W: ArcWeights>(
    level: &Level<W>,
    labels: &[u32],
    limits: Limits,
    run: &Run,
) -> Result<(Vec<u32>, Trace), Interrupted> {
    moved_labels(level, labels, limits.rounds(usize::MAX), run)
}

fn moved_labels<W: ArcWeights>(
    level: &Level<W>,
    labels: &[u32],
    rounds: Rounds,
    run: &Run,
) -> Result<(Vec<u32>, Trace), Interrupted> {
    let mut volumes = vec![0; labels.len()];
    for (&label, &mass) in labels.iter().zip(level.masses) {
        volumes[label as usize] += mass;
    }
    let volumes = volumes.into_iter().map(AtomicU64::new).collect();
    let mut labels = labels.to_vec();
    let rule = BestGain { level, volumes };
    let trace = settle(&level.rows, &mut labels, &rule, rounds, run)?;
    Ok((labels, trace))
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
            let before = level.value(&start);
            assert_eq!(before, level.value_apart(level.weight()));
            let limits = Limits {
                seed,
                least_moves: 0,
            };
            let (labels, ..) = move_nodes(&level, &start, limits, &Run::quiet()).unwrap();
            assert!(level.value(&labels) >= before);
        }
    }
}
