//! From links to communities: a detector is chosen by the definition and run on the account graph.

use crate::base::run::{Interrupted, Run};
use crate::kernels::components::{Components, components};
use crate::kernels::label_propagation::{LabelPropagation, label_propagation};
use crate::kernels::leiden::{Leiden, leiden};
use crate::kernels::objective::Objective;
use crate::links::STORED_PER_UNIT;
use crate::recipe::definition::{Algorithm, Detection};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;

/// Multiples of the definition's resolution at which communities are found. Which of them suits a ring is
/// decided by its evidence.
const COARSE: f64 = 1.0;
/// A ring whose members also sit in offices is held together at sixteen, while at one its members are drawn
/// to their colleagues. Few links are strong enough for it, so it is cheap.
const FINE: f64 = 16.0;

/// The communities of `graph`, whose links are over infrastructure alone: who shares much, not who lives in one town. As
/// `detect` finds them, at the finest resolution where there are several.
///
/// # Errors
/// [`Interrupted`].
pub fn detect_homes(
    graph: &Graph,
    detection: &Detection,
    seed: u64,
    run: &Run<'_>,
) -> Result<Vec<Partition>, Interrupted> {
    match detection.algorithm {
        Algorithm::Leiden => Ok(vec![at_resolution(graph, FINE, detection, seed, run)?]),
        Algorithm::LabelPropagation | Algorithm::Components => detect(graph, detection, seed, run),
    }
}

/// The communities of `graph` at a `multiple` of the definition's resolution.
fn at_resolution(
    graph: &Graph,
    multiple: f64,
    detection: &Detection,
    seed: u64,
    run: &Run<'_>,
) -> Result<Partition, Interrupted> {
    let params = Leiden {
        objective: Objective::ConstantPotts,
        resolution: detection.resolution * multiple * STORED_PER_UNIT,
        seed,
        ..Leiden::default()
    };
    Ok(leiden(graph, &params, run)?.0)
}

/// The communities of the account graph `graph`, one label per account; accounts without links are alone. One partition
/// for an algorithm without a resolution, several for one that has it, coarse to fine.
///
/// # Errors
/// [`Interrupted`].
pub fn detect(
    graph: &Graph,
    detection: &Detection,
    seed: u64,
    run: &Run<'_>,
) -> Result<Vec<Partition>, Interrupted> {
    match detection.algorithm {
        Algorithm::Leiden => {
            let at =
                |graph: &Graph, multiple: f64| at_resolution(graph, multiple, detection, seed, run);
            // Neither needs the other, so where one is at a stretch that is one thread's, the other goes on.
            let (coarse, fine) = rayon::join(|| at(graph, COARSE), || at(graph, FINE));
            Ok(vec![coarse?, fine?])
        }
        Algorithm::LabelPropagation => {
            let params = LabelPropagation {
                rounds: detection.rounds,
                seed,
            };
            Ok(vec![label_propagation(graph, &params, run)?.0])
        }
        Algorithm::Components => Ok(vec![components(graph, &Components::default(), run)?.0]),
    }
}
