//! From links to communities: a detector is chosen by the definition and run on the account graph.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::kernels::components::{Components, components};
use crate::kernels::label_propagation::{LabelPropagation, label_propagation};
use crate::kernels::leiden::{Leiden, leiden};
use crate::kernels::objective::Objective;
use crate::links::{STORED_PER_UNIT, Thinning};
use crate::recipe::definition::{Algorithm, Detection};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;

/// Multiples of the definition's resolution at which communities are found. Which of them suits a ring is
/// decided by its evidence.
const COARSE: f64 = 1.0;
/// A ring whose members also sit in offices is held together at sixteen, while at one its members are drawn
/// to their colleagues. Few links are strong enough for it, so it is cheap.
const FINE: f64 = 16.0;

/// Links of an account that are too weak for [`FINE`] and are looked at all the same, at least. At the definition's
/// resolution they hold together a group of twice as many accounts as their mean weight times this (see [`Thinning`]).
const WEAK_LINKS: usize = 24;

/// What a search goes by.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// What the definition says of it.
    pub detection: &'a Detection,
    /// The types by which accounts name each other, as bits ([`EntityGraph::relations`](crate::entities::EntityGraph::relations)).
    /// How far friends are more related than those around them depends on where a search ends, so nothing is spared there.
    pub relations: u32,
    /// Of every random choice.
    pub seed: u64,
}

impl Search<'_> {
    /// The links that it can do without: most links are a single thing in common, and a ring's members have enough of
    /// them left among each other. Relations are all kept. Other algorithms than Leiden count links and get all.
    pub fn thinning(&self) -> Thinning {
        match self.detection.algorithm {
            Algorithm::Leiden => Thinning {
                heavy: (self.detection.resolution * FINE * STORED_PER_UNIT) as u32,
                weak: WEAK_LINKS,
                whole: self.relations,
            },
            Algorithm::LabelPropagation | Algorithm::Components => Thinning::NONE,
        }
    }

    /// The communities of `graph` at each of `multiples` of the definition's resolution. Accounts that thinning left without
    /// links are alone, and no search goes past them.
    fn at_resolutions(
        &self,
        graph: Graph,
        multiples: &[f64],
        run: &Run<'_>,
    ) -> Result<Vec<Partition>, Interrupted> {
        let nodes = graph.nodes();
        let (linked, graph) = if self.thinning() == Thinning::NONE {
            ((0..nodes as u32).collect(), graph)
        } else {
            graph.linked()
        };
        // None needs another, so where one is at a stretch that is one thread's, the others go on.
        let searches = multiples.par_iter().with_max_len(1);
        searches
            .map(|&multiple| {
                let found = self.at_resolution(&graph, multiple, run)?;
                Ok(found.spread(&linked, nodes))
            })
            .collect()
    }

    /// The communities of `graph` at a `multiple` of the definition's resolution.
    fn at_resolution(
        &self,
        graph: &Graph,
        multiple: f64,
        run: &Run<'_>,
    ) -> Result<Partition, Interrupted> {
        let params = Leiden {
            objective: Objective::ConstantPotts,
            resolution: self.detection.resolution * multiple * STORED_PER_UNIT,
            seed: self.seed,
            // What a second pass changes, or asking everybody once more, the judge of rings changes anyway; but friends are
            // asked once more.
            iterations: 1,
            polish: self.relations != 0,
            ..Leiden::default()
        };
        Ok(leiden(graph, &params, run)?.0)
    }
}

/// The communities of `graph`, whose links are over infrastructure alone: who shares much, not who lives in one town. As
/// `detect` finds them, at the finest resolution where there are several.
///
/// # Errors
/// [`Interrupted`].
pub fn detect_homes(
    graph: Graph,
    search: &Search<'_>,
    run: &Run<'_>,
) -> Result<Vec<Partition>, Interrupted> {
    match search.detection.algorithm {
        Algorithm::Leiden => search.at_resolutions(graph, &[FINE], run),
        Algorithm::LabelPropagation | Algorithm::Components => detect(graph, search, run),
    }
}

/// The communities of the account graph `graph`, one label per account; accounts without links are alone. One partition
/// for an algorithm without a resolution, several for one that has it, coarse to fine.
///
/// # Errors
/// [`Interrupted`].
pub fn detect(
    graph: Graph,
    search: &Search<'_>,
    run: &Run<'_>,
) -> Result<Vec<Partition>, Interrupted> {
    match search.detection.algorithm {
        Algorithm::Leiden => search.at_resolutions(graph, &[COARSE, FINE], run),
        Algorithm::LabelPropagation => {
            let params = LabelPropagation {
                rounds: search.detection.rounds,
                seed: search.seed,
            };
            Ok(vec![label_propagation(&graph, &params, run)?.0])
        }
        Algorithm::Components => Ok(vec![components(&graph, &Components::default(), run)?.0]),
    }
}
