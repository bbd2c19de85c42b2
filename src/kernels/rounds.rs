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

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

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
    fn choose(&self, v: u32, own: u32, around: &[u32], pad: &mut Pad) -> Choice;

    /// Told which labels [`Self::choose`] is about to ask for while nearly all of them are asked for, to
    /// bring what it knows of them near.
    fn prepare(&self, _around: &[u32]) {}

    /// `v` has moved. Called from many threads between choices.
    fn moved(&self, _v: u32, _from: u32, _to: u32) {}
}

/// What a node wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub(super) label: u32,
    /// Weight by which `label` is ahead of every other: as long as no more than this has shifted among
    /// the neighbours, the node need not be asked again.
    pub(super) lead: u64,
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
/// In the first rounds most labels around a node are still different ones.
const SCATTERED_ROUNDS: u32 = 2;

struct Move {
    node: u32,
    from: u32,
    to: u32,
}

/// What is known of the nodes between sub-rounds.
struct Nodes<'a> {
    labels: &'a [AtomicU32],
    /// What is left of the lead that each node's label had when it last chose; negative while it waits.
    leads: Vec<AtomicI32>,
}

impl Nodes<'_> {
    fn waits(&self, node: u32) -> bool {
        self.leads[node as usize].load(Relaxed) < 0
    }
}

/// Leads and shifts count up to here. Threads may take off several shifts before they see that a node
/// waits already; so many of them fit below zero that no number of threads turns it round.
const FAR_AHEAD: u64 = 1 << 20;

/// Repeats rounds until no node is waiting or the limit is reached. At first all are.
pub(super) fn settle<W: ArcWeights>(
    rows: &Rows<W>,
    labels: &[AtomicU32],
    rule: &impl Rule,
    rounds: Rounds,
    run: &Run,
) -> Result<Trace, Interrupted> {
    let nodes = Nodes {
        labels,
        leads: labels.iter().map(|_| AtomicI32::new(-1)).collect(),
    };
    let pads = Pads::new(labels.len());
    let mut trace = Trace {
        levels: 1,
        ..Trace::default()
    };
    loop {
        let count: usize = nodes
            .leads
            .par_chunks(NODES_PER_CHUNK)
            .map(|leads| leads.iter().filter(|lead| lead.load(Relaxed) < 0).count())
            .sum();
        if count == 0 || trace.rounds == rounds.limit {
            trace.settled = count == 0;
            return Ok(trace);
        }
        let seed = draw(rounds.seed, 0x726f_756e, u64::from(trace.rounds));
        trace.rounds += 1;
        if count <= rounds.one_by_one {
            run.check()?;
            trace.moves += one_by_one(rows, &nodes, rule, seed, &pads);
            continue;
        }
        let shift = if trace.rounds <= ROUNDS_IN_RUNS {
            RUN_SHIFT
        } else {
            0
        };
        let mut round = Round {
            chunks: colour(&nodes.leads, seed, shift),
            scattered: trace.rounds <= SCATTERED_ROUNDS,
            stirred: false,
        };
        for colour in 0..SUB_ROUNDS {
            run.check()?;
            let moves = sub_round(rows, &nodes, rule, &pads, &round, colour);
            trace.moves += moves;
            if trace.rounds == 1 && colour == 0 {
                round.stirred = 4 * moves > 3 * round.nodes_of(0);
            }
        }
        if round.stirred {
            nodes
                .leads
                .par_iter()
                .with_min_len(NODES_PER_CHUNK)
                .for_each(|lead| lead.store(-1, Relaxed));
        }
    }
}

/// One pass over the waiting nodes.
struct Round {
    /// The nodes of every chunk by their colour, ascending.
    chunks: Vec<[Vec<u32>; SUB_ROUNDS]>,
    /// Nearly every label around a node is another one.
    scattered: bool,
    /// Nearly everybody moves: all are asked again in the next round, and telling them is no use.
    stirred: bool,
}

impl Round {
    fn nodes_of(&self, colour: usize) -> u64 {
        let nodes = self
            .chunks
            .iter()
            .map(|colours| colours[colour].len() as u64);
        nodes.sum()
    }
}

/// The waiting nodes of every chunk by their colour, ascending.
fn colour(leads: &[AtomicI32], seed: u64, shift: u32) -> Vec<[Vec<u32>; SUB_ROUNDS]> {
    leads
        .par_chunks(NODES_PER_CHUNK)
        .enumerate()
        .map(|(chunk, leads)| {
            let mut colours: [Vec<u32>; SUB_ROUNDS] = Default::default();
            for (i, lead) in leads.iter().enumerate() {
                if lead.load(Relaxed) < 0 {
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
    nodes: &Nodes,
    rule: &impl Rule,
    pads: &Pads,
    round: &Round,
    colour: usize,
) -> u64 {
    let moves: Vec<Vec<Move>> = round
        .chunks
        .par_iter()
        .map(|colours| {
            let mut moves = Vec::new();
            let mut around = Vec::new();
            pads.with(|pad| {
                for batch in colours[colour].chunks(NODES_PER_BATCH) {
                    around.clear();
                    for &node in batch {
                        fetch(rows, nodes.labels, node, &mut around);
                    }
                    if round.scattered {
                        rule.prepare(&around);
                    }
                    let mut rest = around.as_slice();
                    for &node in batch {
                        let (here, others) = rest.split_at(rows.neighbours(node).len());
                        rest = others;
                        let from = nodes.labels[node as usize].load(Relaxed);
                        let Choice { label: to, lead } = rule.choose(node, from, here, pad);
                        nodes.leads[node as usize].store(lead.min(FAR_AHEAD) as i32, Relaxed);
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
            nodes.labels[node as usize].store(to, Relaxed);
            rule.moved(node, from, to);
        });
    if !round.stirred {
        moves.par_iter().for_each(|moves| {
            let mut told = Vec::new();
            for moved in moves {
                tell_neighbours(rows, nodes, moved, &mut told);
            }
        });
    }
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

/// A neighbour need not be asked again before the labels around it have shifted by more than its own
/// label's lead: by twice the edge's weight where one of its own label left, by the weight where one of
/// another label went to a third, not at all where one came to its own.
fn tell_neighbours<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Nodes,
    moved: &Move,
    told: &mut Vec<(u32, i32)>,
) {
    // First who is to be told, by loads that wait for nothing, then the telling, which does.
    told.clear();
    for (neighbour, weight) in rows.edges(moved.node) {
        let label = nodes.labels[neighbour as usize].load(Relaxed);
        if label != moved.to && !nodes.waits(neighbour) && neighbour != moved.node {
            let shift = weight << u32::from(label == moved.from);
            told.push((neighbour, shift.min(FAR_AHEAD + 1) as i32));
        }
    }
    for &(neighbour, shift) in &*told {
        // The sum of all shifts decides who waits, in whatever order threads take them off.
        if !nodes.waits(neighbour) {
            nodes.leads[neighbour as usize].fetch_sub(shift, Relaxed);
        }
    }
}

/// The waiting nodes in hash order, each seeing the moves of all before it.
fn one_by_one<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Nodes,
    rule: &impl Rule,
    seed: u64,
    pads: &Pads,
) -> u64 {
    let mut order: Vec<(u64, u32)> = (0..)
        .zip(&nodes.leads)
        .filter(|(_, lead)| lead.load(Relaxed) < 0)
        .map(|(node, _)| (draw(seed, 1, u64::from(node)), node))
        .collect();
    order.sort_unstable();
    pads.with(|pad| {
        let mut moves = 0;
        let (mut around, mut told) = (Vec::new(), Vec::new());
        for (_, node) in order {
            let from = nodes.labels[node as usize].load(Relaxed);
            around.clear();
            fetch(rows, nodes.labels, node, &mut around);
            let Choice { label: to, lead } = rule.choose(node, from, &around, pad);
            nodes.leads[node as usize].store(lead.min(FAR_AHEAD) as i32, Relaxed);
            if to != from {
                nodes.labels[node as usize].store(to, Relaxed);
                rule.moved(node, from, to);
                tell_neighbours(rows, nodes, &Move { node, from, to }, &mut told);
                moves += 1;
            }
        }
        moves
    })
}
