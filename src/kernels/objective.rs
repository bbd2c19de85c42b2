//! What community search maximises: modularity or constant Potts, in one formula.
//!
//! Both objectives are
//!
//! > H = Σ over communities C of ( W(C) − λ · S(C)² ),
//!
//! with W(C) the weight of arcs inside C (every edge twice), S(C) the sum of its nodes' *masses*,
//! and λ the *price*:
//!
//! | objective | mass of a node | price λ |
//! |---|---|---|
//! | modularity | weighted degree | γ / 2m |
//! | constant Potts | 1 | γ |
//!
//! so a node v gains `w(v, C) − λ · mass(v) · S(C)` by joining C (half the change of H). Weights and
//! masses are whole numbers, sums of them exact in any order, and the gain is one fixed expression
//! of them: every thread computes the same bits.
//!
//! References: Newman, Girvan, *Finding and evaluating community structure in networks*, 2004;
//! Reichardt, Bornholdt, *Statistical mechanics of community detection*, 2006 (γ); Traag, Van Dooren,
//! Nesterov, *Narrow scope for resolution-limit-free community detection*, 2011 (constant Potts).

use rayon::prelude::*;

use crate::sparse::graph::Graph;

/// What a community search maximises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Objective {
    /// Edges inside against those expected from the degrees. Merges small communities in large
    /// graphs (the resolution limit).
    #[default]
    Modularity,
    /// Density inside against a constant: a community is worth its weight above `resolution` per
    /// pair of members. What happens elsewhere in the graph does not change it.
    ConstantPotts,
}

impl Objective {
    /// Mass by node.
    pub fn masses(self, graph: &Graph) -> Vec<u64> {
        match self {
            Objective::Modularity => (0..graph.nodes() as u32)
                .into_par_iter()
                .map(|v| graph.weighted_degree(v))
                .collect(),
            Objective::ConstantPotts => vec![1; graph.nodes()],
        }
    }

    /// The price λ of one unit of mass next to another, for nodes that weigh `total_mass` together.
    pub fn price(self, resolution: f64, total_mass: u64) -> f64 {
        match self {
            Objective::Modularity => resolution / (total_mass.max(1) as f64),
            Objective::ConstantPotts => resolution,
        }
    }
}

/// What a node of `mass` gains by being with `volume` others, to whom `weight` ties it.
#[inline]
pub(super) fn gain(weight: u64, price: f64, mass: u64, volume: u64) -> f64 {
    weight as i64 as f64 - (price * mass as i64 as f64) * volume as i64 as f64
}
