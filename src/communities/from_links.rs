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

/// Multiples of the definition's resolution at which communities are found, and whether only inside those
/// of the one before. Which of them suits a ring is decided by its evidence.
///
/// The second hardly cuts what the first did not, and inside is a third of the links. The last must not:
/// a ring whose members also sit in offices is held together at sixteen, while at one its members are
/// drawn to their colleagues. It is cheap all the same, because few links are strong enough for it.
const RESOLUTIONS: [(f64, bool); 3] = [(1.0, false), (4.0, true), (16.0, false)];

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
            let mut found: Vec<Partition> = Vec::new();
            for (multiple, inside) in RESOLUTIONS {
                let params = Leiden {
                    objective: Objective::ConstantPotts,
                    resolution: detection.resolution * multiple * STORED_PER_UNIT,
                    seed,
                    ..Leiden::default()
                };
                let partition = match found.last().filter(|_| inside) {
                    None => leiden(graph, &params, run)?.0,
                    Some(coarser) => leiden(&graph.within(coarser.labels()), &params, run)?.0,
                };
                found.push(partition);
            }
            Ok(found)
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
