//! How good a partition is by the objective that it was made for.

use rayon::prelude::*;

use super::objective::Objective;
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;

/// The value of `partition` under `objective`, as the literature normalises it:
///
/// - modularity: `Σ_C ( W(C)/2m − γ·(K(C)/2m)² )`, at most 1, 0 for a graph without edges;
/// - constant Potts: `Σ_C ( e(C) − γ·n(C)(n(C)−1)/2 )` with e(C) the weight of the edges inside.
///
/// Sums of integers, so the value is the same bits for any number of threads. O(arcs).
///
/// # Panics
/// If `partition` is not of `graph`'s nodes.
pub fn quality(graph: &Graph, partition: &Partition, objective: Objective, resolution: f64) -> f64 {
    let labels = partition.labels();
    assert_eq!(labels.len(), graph.nodes());
    let inside = arcs_inside(graph, labels);
    let volumes = sums(partition, |v| match objective {
        Objective::Modularity => graph.weighted_degree(v),
        Objective::ConstantPotts => 1,
    });
    match objective {
        Objective::Modularity => {
            let total: u64 = volumes.iter().sum();
            if total == 0 {
                return 0.0;
            }
            let squares: u128 = volumes
                .iter()
                .map(|&volume| u128::from(volume).pow(2))
                .sum();
            let total = total as f64;
            inside as f64 / total - resolution * (squares as f64 / (total * total))
        }
        Objective::ConstantPotts => {
            let pairs: u128 = volumes
                .iter()
                .map(|&n| u128::from(n) * u128::from(n.saturating_sub(1)) / 2)
                .sum();
            inside as f64 / 2.0 - resolution * pairs as f64
        }
    }
}

/// Weight of the arcs inside communities: every edge twice, a loop too.
fn arcs_inside(graph: &Graph, labels: &[u32]) -> u64 {
    (0..labels.len() as u32)
        .into_par_iter()
        .with_min_len(4096)
        .map(|v| {
            let own = labels[v as usize];
            let edges = graph.edges(v).filter(|&(u, _)| labels[u as usize] == own);
            edges
                .map(|(u, weight)| u64::from(weight) * if u == v { 2 } else { 1 })
                .sum::<u64>()
        })
        .sum()
}

fn sums(partition: &Partition, mass: impl Fn(u32) -> u64) -> Vec<u64> {
    let mut sums = vec![0; partition.communities()];
    for (v, &label) in (0..).zip(partition.labels()) {
        sums[label as usize] += mass(v);
    }
    sums
}
