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

/// The communities of `links`, one label per account; accounts without links are alone.
///
/// # Errors
/// [`Interrupted`].
pub fn detect(
    links: &AccountGraph,
    detection: &Detection,
    seed: u64,
    run: &Run<'_>,
) -> Result<Partition, Interrupted> {
    let (partition, _) = match detection.algorithm {
        Algorithm::Leiden => {
            let leiden_params = Leiden {
                objective: Objective::ConstantPotts,
                resolution: detection.resolution * STORED_PER_UNIT,
                seed,
                ..Leiden::default()
            };
            leiden(&links.graph, &leiden_params, run)?
        }
        Algorithm::LabelPropagation => {
            let params = LabelPropagation {
                rounds: detection.rounds,
                seed,
            };
            label_propagation(&links.graph, &params, run)?
        }
        Algorithm::Components => components(&links.graph, &Components::default(), run)?,
    };
    Ok(partition)
}
