//! Rounds of moves that many threads make and no thread shapes.
//!
//! Label propagation and local moving share one scheme: look at every node that may want another
//! label, let it choose by its neighbours' labels, look again at the neighbours of those that moved.
//! Done one by one the result depends on the order; done at once two neighbours may swap labels for
//! ever. So a round is cut into *sub-rounds* by a hash of (seed, round, node): the nodes of one
//! sub-round choose in parallel against labels that nobody writes meanwhile, then all their moves
//! are made, then the next sub-round chooses. What a node sees depends on hashes, never on threads.
//!
//! Two neighbours that fall into one sub-round and block each other fall apart in a later round.
//! And when few nodes are left they go one after the other in hash order: if every move raises the
//! objective, this must end, also on stars and bipartite graphs.
//!
//! References: Cordasco, Gargano, *Community detection via semi-synchronous label propagation*,
//! 2010; Sahu, *GVE-Leiden*, 2024 (pruning by flags).

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::trace::Trace;
use crate::base::chance::{below, draw};
use crate::base::run::{Interrupted, Run};
use crate::sparse::quotient::{ArcWeights, Rows};
use crate::sparse::scratch::{Pad, Pads};

/// How a node chooses.
pub(super) trait Rule: Sync {
    /// The label that `v` wants: `own` to stay, or another. `around` are the labels of its
    /// neighbours, in the order of its row. Leaves `pad` clean.
    fn choose(&self, v: u32, own: u32, around: &[u32], pad: &mut Pad) -> u32;

    /// Told which labels [`Self::choose`] is about to ask for, to bring what it knows of them near.
    fn prepare(&self, _around: &[u32]) {}

    /// `v` has moved. Called from many threads between choices.
    fn moved(&self, _v: u32, _from: u32, _to: u32) {}
}

/// Seeds and limits of a sequence of rounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    pub(super) seed: u64,
    pub(super) limit: u32,
    /// At most so many waiting nodes are taken one after the other.
    pub(super) one_by_one: usize,
}

/// Nodes whose flags one task reads; their share of a sub-round is one task of it.
const NODES_PER_CHUNK: usize = 1 << 14;
/// Nodes whose neighbours' labels are fetched together. Fetching is a stream of independent loads;
/// choosing is full of branches that nobody predicts. Apart, the loads wait for memory all at once.
const NODES_PER_BATCH: usize = 16;
/// Sub-rounds of a round: more see fresher labels, fewer wait less for each other.
const SUB_ROUNDS: usize = 16;
/// In the first rounds, when nearly all nodes wait, runs of `1 << RUN_SHIFT` nodes share a colour:
/// their rows lie side by side and memory streams. Nodes of a run cannot see each other move, so
/// later rounds colour node by node.
const RUN_SHIFT: u32 = 5;
const ROUNDS_IN_RUNS: u32 = 3;

struct Move {
    node: u32,
    from: u32,
    to: u32,
}

/// Repeats rounds until no node is waiting or the limit is reached. At first all are.
pub(super) fn settle<W: ArcWeights>(
    rows: &Rows<W>,
    labels: &[AtomicU32],
    rule: &impl Rule,
    rounds: Rounds,
    run: &Run,
) -> Result<Trace, Interrupted> {
    let waiting: Vec<AtomicBool> = labels.iter().map(|_| AtomicBool::new(true)).collect();
    let pads = Pads::new(labels.len());
    let mut trace = Trace {
        levels: 1,
        ..Trace::default()
    };
    loop {
        let count: usize = waiting
            .par_chunks(NODES_PER_CHUNK)
            .map(|flags| flags.iter().filter(|flag| flag.load(Relaxed)).count())
            .sum();
        if count == 0 || trace.rounds == rounds.limit {
            trace.settled = count == 0;
            return Ok(trace);
        }
        let seed = draw(rounds.seed, 0x726f_756e, u64::from(trace.rounds));
        trace.rounds += 1;
        if count <= rounds.one_by_one {
            run.check()?;
            trace.moves += one_by_one(rows, labels, rule, &waiting, seed, &pads);
            continue;
        }
        let shift = if trace.rounds <= ROUNDS_IN_RUNS {
            RUN_SHIFT
        } else {
            0
        };
        let chunks = colour(&waiting, seed, shift);
        for colour in 0..SUB_ROUNDS {
            run.check()?;
            trace.moves += sub_round(rows, labels, rule, &waiting, &pads, &chunks, colour);
        }
    }
}

/// The waiting nodes of every chunk by their colour, ascending.
fn colour(waiting: &[AtomicBool], seed: u64, shift: u32) -> Vec<[Vec<u32>; SUB_ROUNDS]> {
    waiting
        .par_chunks(NODES_PER_CHUNK)
        .enumerate()
        .map(|(chunk, flags)| {
            let mut colours: [Vec<u32>; SUB_ROUNDS] = Default::default();
            for (i, flag) in flags.iter().enumerate() {
                if flag.load(Relaxed) {
                    let node = chunk * NODES_PER_CHUNK + i;
                    let colour = below(draw(seed, 0, node as u64 >> shift), SUB_ROUNDS as u64);
                    colours[colour as usize].push(node as u32);
                }
            }
            colours
        })
        .collect()
}

/// All nodes of one colour choose; then all move; then all their neighbours are told.
fn sub_round<W: ArcWeights>(
    rows: &Rows<W>,
    labels: &[AtomicU32],
    rule: &impl Rule,
    waiting: &[AtomicBool],
    pads: &Pads,
    chunks: &[[Vec<u32>; SUB_ROUNDS]],
    colour: usize,
) -> u64 {
    let moves: Vec<Vec<Move>> = chunks
        .par_iter()
        .map(|colours| {
            let mut moves = Vec::new();
            let mut around = Vec::new();
            pads.with(|pad| {
                for batch in colours[colour].chunks(NODES_PER_BATCH) {
                    around.clear();
                    for &node in batch {
                        waiting[node as usize].store(false, Relaxed);
                        fetch(rows, labels, node, &mut around);
                    }
                    rule.prepare(&around);
                    let mut rest = around.as_slice();
                    for &node in batch {
                        let (here, others) = rest.split_at(rows.neighbours(node).len());
                        rest = others;
                        let from = labels[node as usize].load(Relaxed);
                        let to = rule.choose(node, from, here, pad);
                        if to != from {
                            moves.push(Move { node, from, to });
                        }
                    }
                }
            });
            moves
        })
        .collect();
    moves
        .par_iter()
        .flat_map_iter(|moves| moves)
        .for_each(|&Move { node, from, to }| {
            labels[node as usize].store(to, Relaxed);
            rule.moved(node, from, to);
        });
    moves.par_iter().for_each(|moves| {
        for &Move { node, to, .. } in moves {
            tell_neighbours(rows, labels, waiting, node, to);
        }
    });
    moves.iter().map(|moves| moves.len() as u64).sum()
}

/// Appends the labels of `node`'s neighbours.
#[inline]
fn fetch<W: ArcWeights>(rows: &Rows<W>, labels: &[AtomicU32], node: u32, around: &mut Vec<u32>) {
    around.extend(
        rows.neighbours(node)
            .iter()
            .map(|&u| labels[u as usize].load(Relaxed)),
    );
}

/// Whoever has another label than its neighbour just took may want to follow.
#[inline]
fn tell_neighbours<W: ArcWeights>(
    rows: &Rows<W>,
    labels: &[AtomicU32],
    waiting: &[AtomicBool],
    node: u32,
    label: u32,
) {
    for &neighbour in rows.neighbours(node) {
        let flag = &waiting[neighbour as usize];
        // Asked first because it is often enough, and the flags are the smaller table.
        if !flag.load(Relaxed)
            && neighbour != node
            && labels[neighbour as usize].load(Relaxed) != label
        {
            flag.store(true, Relaxed);
        }
    }
}

/// The waiting nodes in hash order, each seeing the moves of all before it.
fn one_by_one<W: ArcWeights>(
    rows: &Rows<W>,
    labels: &[AtomicU32],
    rule: &impl Rule,
    waiting: &[AtomicBool],
    seed: u64,
    pads: &Pads,
) -> u64 {
    let mut order: Vec<(u64, u32)> = (0..)
        .zip(waiting)
        .filter(|(_, flag)| flag.load(Relaxed))
        .map(|(node, _)| (draw(seed, 1, u64::from(node)), node))
        .collect();
    order.sort_unstable();
    pads.with(|pad| {
        let mut moves = 0;
        let mut around = Vec::new();
        for (_, node) in order {
            waiting[node as usize].store(false, Relaxed);
            let from = labels[node as usize].load(Relaxed);
            around.clear();
            fetch(rows, labels, node, &mut around);
            let to = rule.choose(node, from, &around, pad);
            if to != from {
                labels[node as usize].store(to, Relaxed);
                rule.moved(node, from, to);
                tell_neighbours(rows, labels, waiting, node, to);
                moves += 1;
            }
        }
        moves
    })
}
