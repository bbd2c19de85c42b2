//! From links to communities: a detector is chosen by the definition and run on the account graph.

use crate::base::run::{Interrupted, Run};
use crate::kernels::components::{Components, components};
use crate::kernels::label_propagation::{LabelPropagation, label_propagation};
use crate::kernels::leiden::{Leiden, leiden};
use crate::kernels::objective::Objective;
use crate::links::AccountGraph;
use crate::links::from_entities::STORED_PER_UNIT;
use crate::recipe::definition::{Algorithm, Detection};
use crate::sparse::partition::Partition;

/// Multiples of the definition's resolution at which communities are found. Which of them suits a ring
/// is decided by its evidence.
const RESOLUTIONS: [f64; 3] = [1.0, 4.0, 16.0];

/// The communities of `links`, one label per account; accounts without links are alone. One partition
/// for an algorithm without a resolution, several for one that has it, coarse to fine.
///
/// # Errors
/// [`Interrupted`].
pub fn detect(
    links: &AccountGraph,
    detection: &Detection,
    seed: u64,
    run: &Run<'_>,
) -> Result<Vec<Partition>, Interrupted> {
    let graph = &links.graph;
    match detection.algorithm {
        Algorithm::Leiden => RESOLUTIONS
            .iter()
            .map(|multiple| {
                let params = Leiden {
                    objective: Objective::ConstantPotts,
                    resolution: detection.resolution * multiple * STORED_PER_UNIT,
                    seed,
                    ..Leiden::default()
                };
                Ok(leiden(graph, &params, run)?.0)
            })
            .collect(),
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
