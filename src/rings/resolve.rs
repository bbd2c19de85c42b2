//! Which resolution a community is seen at is decided by the evidence, not by a setting.
//!
//! One resolution does not fit all rings: at a low one, rings that touch run together; at a high one, a
//! loosely linked ring falls apart. So every community is refined as it is, and also parted at twice the
//! resolution, and the parts in turn, down to parts that no resolution parts; at each step the side with more
//! evidence stays. Evidence pays for every set that it picks, so parting a ring loses and parting
//! two rings gains.
//!
//! Cost: a few Leiden runs on ever smaller induced subgraphs, beside the refinement of each part.

use crate::base::run::{Interrupted, Run};
use crate::entities::EntityGraph;
use crate::kernels::leiden::{Leiden, leiden};
use crate::kernels::objective::Objective;
use crate::rings::case::Case;
use crate::rings::exhibits::Exhibits;
use crate::rings::population::Population;
use crate::rings::refine::refine;
use crate::sparse::graph::Graph;

/// The resolution grows by this factor from step to step.
const FINER: f64 = 2.0;

/// Steps at the most: from one nat a pair to a hundred.
const STEPS: u32 = 7;

/// Everything that judging a community takes.
pub struct Resolver<'a> {
    /// The platform.
    pub entities: &'a EntityGraph<'a>,
    /// Its yardsticks.
    pub population: &'a Population,
    /// Links between accounts.
    pub graph: &'a Graph,
    /// Members a ring has at least.
    pub least: usize,
    /// Seed of ties.
    pub seed: u64,
}

impl Resolver<'_> {
    /// The sets that stand up in `community` (ascending), which was found at `resolution` (stored
    /// weight per pair).
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn resolve(
        &self,
        community: &[u32],
        resolution: f64,
        run: &Run<'_>,
    ) -> Result<Vec<Exhibits>, Interrupted> {
        Ok(self.best(community, resolution, STEPS, run)?.0)
    }

    fn best(
        &self,
        community: &[u32],
        resolution: f64,
        steps: u32,
        run: &Run<'_>,
    ) -> Result<(Vec<Exhibits>, f64), Interrupted> {
        let whole = refine(self.entities, self.population, community, self.least, run)?;
        let evidence = whole.iter().map(|set| self.evidence(set)).sum::<f64>();
        let parts = self.parts(community, resolution, steps, run)?;
        let mut finer = (Vec::new(), 0.0);
        for (part, resolution, steps) in parts {
            let (sets, evidence) = self.best(&part, resolution, steps, run)?;
            finer.0.extend(sets);
            finer.1 += evidence;
        }
        Ok(if finer.1 > evidence {
            finer
        } else {
            (whole, evidence)
        })
    }

    fn evidence(&self, set: &Exhibits) -> f64 {
        Case::new(set, &set.by_member(), self.population).evidence()
    }

    /// The parts at the first finer resolution that parts `community`, with what is left of the steps;
    /// parts too small to be rings are left out.
    fn parts(
        &self,
        community: &[u32],
        resolution: f64,
        steps: u32,
        run: &Run<'_>,
    ) -> Result<Vec<(Vec<u32>, f64, u32)>, Interrupted> {
        if community.len() < 2 * self.least {
            return Ok(Vec::new());
        }
        let inside = self.graph.induced(community);
        let mut resolution = resolution;
        for left in (0..steps).rev() {
            resolution *= FINER;
            let params = Leiden {
                objective: Objective::ConstantPotts,
                resolution,
                seed: self.seed,
                small_arcs: 0,
                ..Leiden::default()
            };
            let (partition, _) = leiden(&inside, &params, run)?;
            if partition.communities() > 1 {
                let groups = partition.groups();
                let parts = groups
                    .iter()
                    .filter(|part| part.len() >= self.least)
                    .map(|part| {
                        let accounts = part.iter().map(|&node| community[node as usize]).collect();
                        (accounts, resolution, left)
                    });
                return Ok(parts.collect());
            }
        }
        Ok(Vec::new())
    }
}
