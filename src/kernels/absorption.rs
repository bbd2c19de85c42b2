//! Absorption: with which chance a walk that starts at each node ends at a given one.
//!
//! A walker stands on a node. With some chance it stops there for good; else it steps to a neighbour. The
//! *share* that a source has of a node is the chance that a walk from the node is absorbed by the
//! source. Shares of all sources add up to at most 1 at every node, and what is missing is the chance to
//! have stopped where nothing was known.
//!
//! All nodes' shares of one source come from one *reverse push* that starts at the source (Andersen, Borgs,
//! Chayes, Hopcroft, Mirrokni, Teng, *Local computation of `PageRank` contributions*, WAW 2007): residue on a
//! node becomes share there, and goes on to every node that may step to it, times the chance of that step.
//! Residue below a tolerance goes nowhere, so the work depends on the source's surroundings and not on the
//! graph.
//!
//! State is in whole numbers: a chance of 1 is 2³², products are rounded down. So shares are a little
//! too small and never too large, and their sums are exact in any order.
//!
//! Departures from the paper: a chain with a chance to stop of its own at every node instead of one
//! teleport constant; at the end the residue that was not pushed is added, for a walk that has got there is at
//! least there.

use std::collections::VecDeque;

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};

/// A chance of 1.
pub const ONE: u64 = 1 << 32;

/// `chance` (0 to 1) as a whole number below [`ONE`], rounded down.
pub fn fixed(chance: f64) -> u32 {
    // The cast saturates: below 0 and NaN to 0, 1 and above to the largest.
    (chance * ONE as f64) as u32
}

/// Who may step where.
///
/// Layout: the steps *into* node `v` are `arcs[offsets[v] .. offsets[v + 1]]`, each the node that it leaves and
/// its chance ([`fixed`]). The chances of the steps out of one node add up to at most 1; the rest is the
/// chance to stop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    offsets: Vec<u64>,
    arcs: Vec<(u32, u32)>,
}

/// Where the steps into each node of a chunk end, and the steps.
type Piece = (Vec<u64>, Vec<(u32, u32)>);

/// Nodes made by one task.
const NODES_PER_CHUNK: usize = 4096;

impl Chain {
    /// Builds a chain of `nodes` nodes in parallel; `steps_into(v, out)` appends the steps into `v`.
    pub fn build(nodes: usize, steps_into: impl Fn(u32, &mut Vec<(u32, u32)>) + Sync) -> Self {
        let chunks: Vec<Piece> = (0..nodes.div_ceil(NODES_PER_CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut arcs = Vec::new();
                let ends = (chunk * NODES_PER_CHUNK..nodes.min((chunk + 1) * NODES_PER_CHUNK))
                    .map(|node| {
                        steps_into(node as u32, &mut arcs);
                        arcs.len() as u64
                    })
                    .collect();
                (ends, arcs)
            })
            .collect();
        let mut chain = Chain {
            offsets: Vec::with_capacity(nodes + 1),
            arcs: Vec::with_capacity(chunks.iter().map(|(_, arcs)| arcs.len()).sum()),
        };
        chain.offsets.push(0);
        for (ends, arcs) in chunks {
            let before = chain.arcs.len() as u64;
            chain.offsets.extend(ends.iter().map(|end| before + end));
            chain.arcs.extend_from_slice(&arcs);
        }
        chain
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The steps into `node`: where from, and their chance.
    pub fn steps_into(&self, node: u32) -> &[(u32, u32)] {
        &self.arcs[self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize]
    }
}

/// Parameters of [`absorption`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absorption {
    /// Residue below this is not passed on; a share is too small by at most this times the steps that a walk
    /// takes on average.
    pub tolerance: u64,
}

impl Default for Absorption {
    fn default() -> Self {
        Absorption {
            tolerance: ONE >> 20,
        }
    }
}

/// The shares that each of `sources` has, one list per source: nodes below `visible` with any share,
/// ascending, in units of 1 / [`ONE`]. A source is a node and the chance with which it absorbs a walk
/// that is on it; whoever builds the chain has taken that chance off its steps.
///
/// Cost: per source the arcs into the nodes whose residue is passed on, at most the sum of shares over the
/// tolerance.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn absorption(
    chain: &Chain,
    sources: &[(u32, u32)],
    visible: u32,
    params: &Absorption,
    run: &Run<'_>,
) -> Result<Vec<Vec<(u32, u64)>>, Interrupted> {
    sources
        .par_iter()
        .with_max_len(1)
        .map_init(
            || Board::new(chain.nodes()),
            |board, &(source, absorbed)| {
                run.check()?;
                board.push_from(chain, source, u64::from(absorbed), params.tolerance.max(1));
                Ok(board.clear(visible))
            },
        )
        .collect()
}

/// Shares and residues of one source; all zero between two.
struct Board {
    share: Vec<u64>,
    residue: Vec<u64>,
    /// Nodes with share or residue.
    touched: Vec<u32>,
    waiting: VecDeque<u32>,
}

impl Board {
    fn new(nodes: usize) -> Self {
        Board {
            share: vec![0; nodes],
            residue: vec![0; nodes],
            touched: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    fn push_from(&mut self, chain: &Chain, source: u32, absorbed: u64, tolerance: u64) {
        self.add(source, absorbed, tolerance);
        while let Some(node) = self.waiting.pop_front() {
            let residue = std::mem::take(&mut self.residue[node as usize]);
            self.share[node as usize] += residue;
            for &(from, chance) in chain.steps_into(node) {
                self.add(from, residue.min(ONE) * u64::from(chance) / ONE, tolerance);
            }
        }
    }

    /// Adds residue to `node`, which waits from the tolerance on.
    fn add(&mut self, node: u32, residue: u64, tolerance: u64) {
        if residue == 0 {
            return;
        }
        let slot = &mut self.residue[node as usize];
        if *slot == 0 && self.share[node as usize] == 0 {
            self.touched.push(node);
        }
        if *slot < tolerance && *slot + residue >= tolerance {
            self.waiting.push_back(node);
        }
        *slot += residue;
    }

    /// The shares of visible nodes, ascending; the board is empty after that.
    fn clear(&mut self, visible: u32) -> Vec<(u32, u64)> {
        let mut shares = Vec::new();
        for node in self.touched.drain(..) {
            let share = std::mem::take(&mut self.share[node as usize])
                + std::mem::take(&mut self.residue[node as usize]);
            if node < visible {
                shares.push((node, share));
            }
        }
        shares.sort_unstable();
        shares
    }
}

/// The verifier: the largest error of `shares` of one source against the equation that defines them, in
/// units of 1 / [`ONE`]: a share is the chance to be absorbed at once and the shares after one step.
/// `shares` by node, all of them.
pub fn largest_error(chain: &Chain, source: (u32, u32), shares: &[u64]) -> u64 {
    let mut after_step = vec![0u64; chain.nodes()];
    after_step[source.0 as usize] = u64::from(source.1);
    for node in 0..chain.nodes() as u32 {
        for &(from, chance) in chain.steps_into(node) {
            after_step[from as usize] += shares[node as usize] * u64::from(chance) / ONE;
        }
    }
    let errors = after_step.iter().zip(shares).map(|(a, b)| a.abs_diff(*b));
    errors.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A chain over `targets` (by node, where it may step), which stops with one chance in five.
    fn chain(targets: &[Vec<u32>]) -> Chain {
        Chain::build(targets.len(), |node, out| {
            for (from, to) in (0..).zip(targets) {
                let hits = to.iter().filter(|&&target| target == node).count();
                if hits > 0 {
                    out.push((from, fixed(0.8 * hits as f64 / to.len() as f64)));
                }
            }
        })
    }

    fn all_shares(chain: &Chain, sources: &[(u32, u32)]) -> Vec<Vec<u64>> {
        let params = Absorption { tolerance: 1 };
        let nodes = chain.nodes() as u32;
        absorption(chain, sources, nodes, &params, &Run::quiet())
            .unwrap()
            .into_iter()
            .map(|list| {
                let mut shares = vec![0; chain.nodes()];
                for (node, share) in list {
                    shares[node as usize] = share;
                }
                shares
            })
            .collect()
    }

    proptest! {
        #[test]
        fn shares_solve_their_equation_and_add_up_to_no_more_than_one(
            targets in prop::collection::vec(prop::collection::vec(0u32..12, 1..5), 12),
        ) {
            let chain = chain(&targets);
            // A fifth of each stop is all there is: every node is a source of its own stop.
            let sources: Vec<(u32, u32)> = (0..12).map(|node| (node, fixed(0.2))).collect();
            let shares = all_shares(&chain, &sources);
            for (&source, shares) in sources.iter().zip(&shares) {
                prop_assert!(largest_error(&chain, source, shares) < 1000);
            }
            for node in 0..12 {
                let sum: u64 = shares.iter().map(|shares| shares[node]).sum();
                prop_assert!(sum <= ONE && sum > ONE - 10_000, "{sum}");
            }
        }

        #[test]
        fn a_tolerance_takes_away_and_never_adds(
            targets in prop::collection::vec(prop::collection::vec(0u32..12, 1..5), 12),
            tolerance in 2u64..ONE >> 6,
        ) {
            let chain = chain(&targets);
            let source = (3, fixed(0.2));
            let exact = &all_shares(&chain, &[source])[0];
            let params = Absorption { tolerance };
            let rough = absorption(&chain, &[source], 12, &params, &Run::quiet()).unwrap();
            for &(node, share) in &rough[0] {
                prop_assert!(share <= exact[node as usize] + 1000);
                prop_assert!(exact[node as usize] <= share + 5 * tolerance + 1000);
            }
        }
    }
}
