//! Communities of the account graph, with a rule on their size.
//!
//! Which links count is half of such a method: all of them or those over infrastructure alone, and of
//! these the strongest share. The size rule drops what is too small to matter and, where it has an upper end,
//! the one giant component that thresholds leave.

use super::{Material, Offer, ScoredSet, Setting};
use crate::base::run::{Interrupted, Run};
use crate::kernels::components::{Components, components};
use crate::kernels::label_propagation::{LabelPropagation, label_propagation};
use crate::kernels::leiden::{Leiden, leiden};
use crate::kernels::objective::Objective;
use crate::links::STORED_PER_UNIT;
use crate::recipe::Kind;
use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;

/// Shares of the links that are kept, strongest first.
const SHARES: [f64; 7] = [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];

/// Smallest sizes that count.
const SIZE_FROM: [usize; 5] = [3, 6, 12, 25, 50];

/// Largest sizes that count.
const SIZE_TO: [usize; 4] = [usize::MAX, 1000, 400, 100];

pub(super) fn by_components(
    material: &Material<'_>,
    run: &Run<'_>,
    offer: &mut Offer<'_>,
) -> Result<(), Interrupted> {
    each_graph(material, run, |links, graph| {
        let (partition, _) = components(graph, &Components::default(), run)?;
        by_size(links, &partition, offer);
        Ok(())
    })
}

pub(super) fn by_label_propagation(
    material: &Material<'_>,
    run: &Run<'_>,
    offer: &mut Offer<'_>,
) -> Result<(), Interrupted> {
    each_graph(material, run, |links, graph| {
        let params = LabelPropagation {
            seed: material.seed,
            ..LabelPropagation::default()
        };
        let (partition, _) = label_propagation(graph, &params, run)?;
        by_size(links, &partition, offer);
        Ok(())
    })
}

pub(super) fn by_leiden(
    material: &Material<'_>,
    run: &Run<'_>,
    offer: &mut Offer<'_>,
) -> Result<(), Interrupted> {
    each_graph(material, run, |links, graph| {
        for (name, objective, resolution) in [
            ("modularity", Objective::Modularity, 1.0),
            (
                "constant Potts",
                Objective::ConstantPotts,
                material.resolution * STORED_PER_UNIT,
            ),
        ] {
            let params = Leiden {
                objective,
                resolution,
                seed: material.seed,
                ..Leiden::default()
            };
            let (partition, _) = leiden(graph, &params, run)?;
            by_size(&format!("{name}, {links}"), &partition, offer);
        }
        Ok(())
    })
}

/// Every choice of links as a graph, with its name.
fn each_graph(
    material: &Material<'_>,
    run: &Run<'_>,
    mut use_graph: impl FnMut(&str, &Graph) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    let mut strongest = |links: &str, graph: &Graph| {
        let mut weights: Vec<u32> = graph.arc_weights().unwrap_or_default().to_vec();
        rayon::slice::ParallelSliceMut::par_sort_unstable(&mut weights[..]);
        for share in SHARES {
            let kept = (share * weights.len() as f64).round() as usize;
            let at = weights.len().saturating_sub(kept.max(1));
            let Some(&least) = weights.get(at) else { break };
            let name = format!("{links} links, the strongest {} %", share * 100.0);
            if share < 1.0 {
                use_graph(&name, &at_least(graph, least))?;
            } else {
                use_graph(&format!("{links} links"), graph)?;
            }
        }
        Ok(())
    };
    strongest("all", &material.links.graph)?;
    let infrastructure = of_infrastructure(material, run)?;
    strongest("infrastructure", &infrastructure)
}

/// The links that weigh at least so much.
fn at_least(graph: &Graph, least: u32) -> Graph {
    let mut offsets = vec![0u64];
    let (mut others, mut weights) = (Vec::new(), Vec::new());
    for node in 0..graph.nodes() as u32 {
        for (other, weight) in graph.edges(node).filter(|&(_, weight)| weight >= least) {
            others.push(other);
            weights.push(weight);
        }
        offsets.push(others.len() as u64);
    }
    Graph::from_rows(offsets, others, Some(weights))
}

/// The pairs that infrastructure links, with the whole weight of their links.
fn of_infrastructure(material: &Material<'_>, run: &Run<'_>) -> Result<Graph, Interrupted> {
    let types = &material.entities.types;
    let of_kind =
        |&(_, of): &(usize, &crate::entities::EntityType<'_>)| of.plan.kind == Kind::Infrastructure;
    let wanted: u32 = types
        .iter()
        .enumerate()
        .filter(of_kind)
        .map(|(number, _)| 1 << number)
        .sum();
    let weight_of = |u: u32, v: u32| {
        let graph = &material.links.graph;
        let at = graph.neighbours(u).binary_search(&v).ok();
        at.zip(graph.weights(u))
            .map_or(1, |(at, weights)| weights[at])
    };
    let mut batches = Vec::new();
    material.projector.project(
        run,
        |pairs| {
            let mut batch = EdgeBatch::default();
            for i in (0..pairs.len()).filter(|&i| pairs.sources[i] & wanted != 0) {
                let (u, v) = (pairs.node[i], pairs.other[i]);
                batch.ends.push((u, v));
                batch.weights.push(weight_of(u, v));
            }
            batch
        },
        |batch| {
            batches.push(batch);
            Ok::<_, Interrupted>(())
        },
    )?;
    let graph = graph_from_edges(material.links.graph.nodes(), batches, Parallel::Sum);
    // A pair stands in one row of the projection, so its weight is the link's and fits.
    Ok(graph.unwrap_or_default())
}

/// The communities of every range of sizes, larger ones first.
fn by_size(links: &str, partition: &Partition, offer: &mut Offer<'_>) {
    let groups = partition.groups();
    for size_to in SIZE_TO {
        for size_from in SIZE_FROM {
            let fits = |group: &&[u32]| (size_from..=size_to).contains(&group.len());
            let sets = groups.iter().filter(fits).map(|group| ScoredSet {
                members: group.to_vec(),
                score: group.len() as f64,
            });
            let sizes = match size_to {
                usize::MAX => format!("{size_from} accounts or more"),
                _ => format!("{size_from} to {size_to} accounts"),
            };
            offer(Setting {
                text: format!("{links}; {sizes}"),
                sets: sets.collect(),
            });
        }
    }
}
