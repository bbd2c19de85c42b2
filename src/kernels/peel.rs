//! Dense blocks of a bipartite graph by greedy peeling: rows that meet again and again in the same columns.
//!
//! # Definition
//! A set S of rows and columns is worth f(S) = Σ worth of the edges inside S; its density is
//! f(S) / |S|, columns and rows counted alike. An edge is worth what its column says: with
//! [`camouflage_proof`] weights 1 / ln(d + 5) for a column of degree d *in the input graph*, so that
//! sharing what everybody has is worth little. A block is a set of great density; when it is taken, its edges
//! go, and the next one is looked for in what is left.
//!
//! # Method
//! Take away the node whose edges are worth least, again and again, and keep the densest set met on
//! the way. Worths are whole micro-units, so sums are exact; ties go by number; the answer
//! does not depend on the order of anything.
//!
//! # Guarantees
//! The first block is at least half as dense as the densest set of all (and the next one in what is
//! left). Edges that rows add to columns outside a block neither lower its density nor the worth of
//! any edge inside, because worth is judged by column. No member is tied to its block by less than the
//! block's density ([`find_wrong`] is the verifier). The same bytes for any number of threads.
//!
//! # Limits
//! Density is a mean: blocks of nearly equal density that share an edge or two come out as one, and a
//! small block beside a large dense core is never the densest. A block is a candidate; telling its groups apart is
//! for those who judge it.
//!
//! # Cost
//! O(edges · log nodes) for the first block, and for each further one the same in the connected
//! piece that the last one was taken from; about 12 bytes an edge and 40 a node. Pieces are peeled in parallel.
//!
//! # Departures from the paper
//! Every connected piece is peeled by itself: density is a mean, so the densest of all sets lies in one
//! piece. Before that, nodes that cannot be in a block above the stopping density go (the same
//! argument that makes greedy peeling half as good as the best). Weights in fixed point.
//!
//! # References
//! Hooi, Song, Beutel, Shah, Shin, Faloutsos, *FRAUDAR: Bounding Graph Fraud in the Face of
//! Camouflage*, KDD 2016; Charikar, *Greedy approximation algorithms for finding dense components in a
//! graph*, APPROX 2000 (the guarantee).

mod part;
mod queue;

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

use rayon::prelude::*;

use self::part::Part;
use self::queue::Queue;
use super::trace::Trace;
use crate::base::run::{Interrupted, Run};
use crate::base::weight::{micro, units};
use crate::sparse::rows::Rows;

/// Parameters of [`peel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peel {
    /// At most so many blocks.
    pub blocks: u32,
    /// Stop when nothing denser than this is left, in micro-units a node. What chance makes of the same
    /// degrees is a good value: the density of the first block after
    /// [`curveball`](super::curveball::curveball).
    pub least_density: u64,
}

impl Default for Peel {
    fn default() -> Self {
        Peel {
            blocks: 64,
            least_density: 0,
        }
    }
}

/// A dense block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its rows, ascending.
    pub rows: Vec<u32>,
    /// Its columns, ascending.
    pub columns: Vec<u32>,
    /// What its edges are worth, in micro-units: those that no earlier block has taken.
    pub worth: u64,
}

impl Block {
    /// Rows and columns together.
    pub fn nodes(&self) -> usize {
        self.rows.len() + self.columns.len()
    }

    /// Worth in units, over nodes.
    pub fn density(&self) -> f64 {
        units(self.worth) / self.nodes().max(1) as f64
    }

    /// Worth in micro-units over nodes, rounded down: a stopping density.
    pub fn density_micro(&self) -> u64 {
        self.worth / (self.nodes().max(1) as u64)
    }
}

/// Worth of an edge at a column by the degree d of the column: 1 / ln(d + 5), in micro-units.
///
/// # Panics
/// If a row holds a column that is not below `columns`.
pub fn camouflage_proof(of_row: &Rows, columns: usize) -> Vec<u32> {
    let mut degrees = vec![0u32; columns];
    for row in 0..of_row.len() as u32 {
        for &column in of_row.get(row) {
            degrees[column as usize] += 1;
        }
    }
    degrees
        .into_iter()
        .map(|degree| micro(1.0 / (f64::from(degree) + 5.0).ln()) as u32)
        .collect()
}

/// The dense blocks of the graph whose row `i` has the columns `of_row.get(i)`, in the order they are
/// taken; an edge at column `j` is worth `worth[j]` micro-units, and 0 leaves a column out. Densities
/// hardly ever rise from one block to the next, but may: greedy peeling can overlook a block at first.
///
/// In the trace, rounds are pieces peeled and moves are nodes taken away; it is settled
/// when nothing above the stopping density was left.
///
/// # Errors
/// [`Interrupted`], and nothing else.
///
/// # Panics
/// If a row holds a column that is not below `worth.len()`.
pub fn peel(
    of_row: &Rows,
    worth: &[u32],
    params: &Peel,
    run: &Run,
) -> Result<(Vec<Block>, Trace), Interrupted> {
    let whole = Part::whole(of_row, worth);
    let floor = params.least_density;
    let mut trace = Trace {
        levels: 1,
        ..Trace::default()
    };
    let mut waiting = BinaryHeap::new();
    let nothing = vec![false; whole.nodes()];
    let mut pieces = whole.without(&nothing, floor);
    drop(whole);
    let mut blocks = Vec::new();
    loop {
        trace.rounds += pieces.len() as u32;
        trace.moves += pieces.iter().map(|part| part.nodes() as u64).sum::<u64>();
        let found: Vec<Found> = pieces
            .into_par_iter()
            .map(|part| densest(part, run))
            .collect::<Result<_, _>>()?;
        waiting.extend(found.into_iter().filter(|found| found.is_above(floor)));
        if waiting.is_empty() || blocks.len() == params.blocks as usize {
            break;
        }
        let Some(found) = waiting.pop() else { break };
        let inside = found.inside();
        let (rows, columns) = found.part.names(&found.members);
        blocks.push(Block {
            rows,
            columns,
            worth: found.worth,
        });
        pieces = found.part.without(&inside, floor);
    }
    trace.settled = waiting.is_empty();
    Ok((blocks, trace))
}

/// The densest set that greedy peeling meets in a piece.
struct Found {
    part: Part,
    /// Nodes of the piece, ascending.
    members: Vec<u32>,
    worth: u64,
}

impl Found {
    fn is_above(&self, density: u64) -> bool {
        u128::from(self.worth) > u128::from(density) * self.members.len() as u128
    }

    fn inside(&self) -> Vec<bool> {
        let mut inside = vec![false; self.part.nodes()];
        for &node in &self.members {
            inside[node as usize] = true;
        }
        inside
    }

    /// Its least row: every block has one, and pieces share none.
    fn first_row(&self) -> Option<u32> {
        let first = self.members.first()?;
        self.part.names(&[*first]).0.first().copied()
    }
}

impl Ord for Found {
    /// Denser is greater, without division; ties to the smaller first row.
    fn cmp(&self, other: &Self) -> Ordering {
        let ours = u128::from(self.worth) * other.members.len() as u128;
        let theirs = u128::from(other.worth) * self.members.len() as u128;
        ours.cmp(&theirs)
            .then_with(|| other.first_row().cmp(&self.first_row()))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Found {}

/// Nodes taken away between two looks at whether to stop.
const NODES_PER_CHECK: usize = 1 << 12;

/// Greedy peeling of one piece.
fn densest(part: Part, run: &Run) -> Result<Found, Interrupted> {
    let ties = part.ties();
    let mut worth = Part::total(&ties);
    let mut left = part.nodes() as u128;
    let mut queue = Queue::new(&ties);
    let mut order = Vec::with_capacity(part.nodes());
    let (mut best_worth, mut best_left, mut best_removed) = (worth, left, 0);
    while let Some((node, tie)) = queue.pop() {
        if order.len() % NODES_PER_CHECK == 0 {
            run.check()?;
        }
        order.push(node);
        for (other, edge) in part.edges(node) {
            queue.lower(other, edge);
        }
        worth -= tie;
        left -= 1;
        if u128::from(worth) * best_left > u128::from(best_worth) * left {
            (best_worth, best_left, best_removed) = (worth, left, order.len());
        }
    }
    let mut members = order.split_off(best_removed);
    members.sort_unstable();
    Ok(Found {
        part,
        members,
        worth: best_worth,
    })
}

/// The verifier: the number of a block that is not worth what it says, or that would be denser without one
/// of its members, if there is one. Blocks in the order they were taken. Slow: every block is held
/// against all before it.
pub fn find_wrong(of_row: &Rows, worth: &[u32], blocks: &[Block]) -> Option<usize> {
    let sets: Vec<(BTreeSet<u32>, BTreeSet<u32>)> = blocks
        .iter()
        .map(|block| {
            let set = |ids: &[u32]| ids.iter().copied().collect();
            (set(&block.rows), set(&block.columns))
        })
        .collect();
    (0..blocks.len()).find(|&number| {
        let block = &blocks[number];
        let is_free = |row: u32, column: u32| {
            let holds = |(rows, columns): &(BTreeSet<u32>, BTreeSet<u32>)| {
                rows.contains(&row) && columns.contains(&column)
            };
            holds(&sets[number]) && !sets[..number].iter().any(holds)
        };
        let mut of_column = vec![0u64; worth.len()];
        let mut total = 0;
        let mut is_loose = false;
        let nodes = block.nodes() as u128;
        let tied = |tie: u64| u128::from(tie) * nodes >= u128::from(block.worth);
        for &row in &block.rows {
            let mut of_this_row = 0;
            for &column in of_row
                .get(row)
                .iter()
                .filter(|&&column| is_free(row, column))
            {
                let worth = u64::from(worth[column as usize]);
                of_this_row += worth;
                of_column[column as usize] += worth;
            }
            total += of_this_row;
            is_loose |= !tied(of_this_row);
        }
        is_loose |= block
            .columns
            .iter()
            .any(|&column| !tied(of_column[column as usize]));
        is_loose || total != block.worth
    })
}
