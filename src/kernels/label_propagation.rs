//! Label propagation: everybody takes the label that weighs most among the neighbours.
//!
//! # Definition
//! Labels start all different. A node takes the label with the largest total edge weight among its
//! neighbours; it keeps its own if that is among the largest; other ties are broken by a hash of
//! (seed, node, label). Finished when nobody wants another label.
//!
//! # Departures from the paper
//! Not one node after the other in random order but in hashed sub-rounds (see `rounds`), only
//! nodes with a neighbour that moved are looked at again, and the last few go one by one: every such
//! move raises the weight inside communities, so it ends on stars and bipartite graphs too.
//!
//! # References
//! Raghavan, Albert, Kumara, *Near linear time algorithm to detect community structures in
//! large-scale networks*, Physical Review E 76, 2007; Traag, Šubelj, *Large network community
//! detection by fast label propagation*, Scientific Reports 13, 2023 (the frontier).

use std::cmp::{max, min};

use super::rounds::{Choice, Rounds, Rule, settle};
use super::trace::Trace;
use crate::base::chance::mix;
use crate::base::run::{Interrupted, Run};
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;
use crate::sparse::quotient::{ArcWeights, Rows};
use crate::sparse::scratch::Pad;

/// Parameters of [`label_propagation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelPropagation {
    /// At most so many rounds; the trace says whether it settled before.
    pub rounds: u32,
    /// Seed of every tie and order.
    pub seed: u64,
}

impl Default for LabelPropagation {
    fn default() -> Self {
        LabelPropagation {
            rounds: 100,
            seed: 0,
        }
    }
}

/// So few waiting nodes go one after the other.
const ONE_BY_ONE: usize = 512;

/// The communities of `graph`. Loops have no say.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn label_propagation(
    graph: &Graph,
    params: &LabelPropagation,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    match graph.arc_weights() {
        None => propagate(&Rows::unweighted(graph), params, run),
        Some(weights) => propagate(&Rows::weighted(graph, weights), params, run),
    }
}

fn propagate<W: ArcWeights>(
    rows: &Rows<W>,
    params: &LabelPropagation,
    run: &Run,
) -> Result<(Partition, Trace), Interrupted> {
    let mut labels: Vec<u32> = (0..rows.nodes() as u32).collect();
    let rounds = Rounds {
        seed: params.seed,
        limit: params.rounds,
        one_by_one: ONE_BY_ONE,
        least_moves: 0,
    };
    let trace = settle(
        rows,
        &mut labels,
        &Heaviest {
            rows,
            seed: mix(params.seed),
        },
        rounds,
        run,
    )?;
    Ok((Partition::from_labels(labels), trace))
}

struct Heaviest<'a, W> {
    rows: &'a Rows<'a, W>,
    seed: u64,
}

impl<W: ArcWeights> Rule for Heaviest<'_, W> {
    #[inline]
    fn choose(&self, v: u32, own: u32, around: &[u32], pad: &mut Pad) -> Choice {
        let votes = self.rows.edges(v).zip(around);
        pad.tally(
            around.len(),
            votes.filter_map(|((u, weight), &label)| (u != v).then_some((label, weight))),
        );
        let owned = pad.take(own);
        let salt = mix(self.seed ^ u64::from(v));
        // Which label is ahead cannot be predicted: greatest numbers are found without a branch. Ranks say whose they are.
        let (mut best, mut heaviest, mut second) = (0, 0, 0);
        pad.drain(|label, weight| {
            let rank = (salt ^ u64::from(label)).wrapping_mul(SPREAD);
            best = max(best, u128::from(weight) << 64 | u128::from(!rank));
            second = max(second, min(heaviest, weight));
            heaviest = max(heaviest, weight);
        });
        if owned >= heaviest {
            return Choice {
                label: own,
                lead: owned - heaviest,
            };
        }
        let rank = !(best as u64);
        Choice {
            label: (rank.wrapping_mul(GATHER) ^ salt) as u32,
            lead: heaviest - second.max(owned),
        }
    }
}

/// Spreads labels over ranks, one to one.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// The other way: the two multiply to 1.
const GATHER: u64 = 0xF1DE_83E1_9937_733D;

/// The verifier: a node that would rather have another label, if there is one.
pub fn find_unsettled(graph: &Graph, partition: &Partition) -> Option<u32> {
    let labels = partition.labels();
    (0..graph.nodes() as u32).find(|&v| {
        let mut votes = std::collections::BTreeMap::new();
        for (u, weight) in graph.edges(v).filter(|&(u, _)| u != v) {
            *votes.entry(labels[u as usize]).or_insert(0u64) += u64::from(weight);
        }
        let own = votes.get(&labels[v as usize]).copied().unwrap_or(0);
        votes.values().any(|&weight| weight > own)
    })
}
