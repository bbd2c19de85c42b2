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

use rayon::prelude::*;

use super::standing::{Chunk, FAR_AHEAD, Standing};
use super::trace::Trace;
use crate::base::chance::{below, draw};
use crate::base::run::{Interrupted, Run};
use crate::sparse::quotient::{ArcWeights, ROWS_AT_ONCE, Rows};
use crate::sparse::scratch::{Pad, Pads};

/// How a node chooses.
pub(super) trait Rule: Sync {
    /// The label that `v` wants: `own` to stay, or another. `around` are the labels of its
    /// neighbours, in the order of its row. Leaves `pad` clean.
    fn choose(&self, v: u32, own: u32, around: &[u32], pad: &mut Pad) -> Choice;

    /// Whether so many labels are in use that what the rule knows of them is far away. Asked before every round.
    fn scattered(&self) -> bool {
        false
    }

    /// Told which labels [`Self::choose`] is about to ask for, where they are scattered, to bring what it knows of them
    /// near.
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
    /// A round in which fewer nodes move is the last; it ends as soon as a sub-round says so.
    pub(super) least_moves: u64,
}

/// Nodes whose standing one task reads, at most; their share of a sub-round is one task of it.
const NODES_PER_CHUNK: usize = 1 << 14;
/// Chunks at least, as far as that leaves [`FEWEST_PER_CHUNK`] nodes in each: rows of small levels are long.
const CHUNKS: usize = 64;
const FEWEST_PER_CHUNK: usize = 64;
/// Sub-rounds of a round: more see fresher labels, fewer wait less for each other.
const SUB_ROUNDS: usize = 16;
/// In the first rounds, when nearly all nodes wait, runs of `1 << RUN_SHIFT` nodes share a colour:
/// their rows lie side by side and memory streams. Nodes of a run cannot see each other move, so
/// later rounds colour node by node.
const RUN_SHIFT: u32 = 5;
const ROUNDS_IN_RUNS: u32 = 3;

/// Moves, or arcs looked at, that are worth a second thread: some ten microseconds.
const WORTH_WAKING: u64 = 2048;

struct Move {
    node: u32,
    from: u32,
    to: u32,
}

/// Repeats rounds until no node is waiting or a limit is reached. At first all are.
pub(super) fn settle<W: ArcWeights>(
    rows: &Rows<W>,
    labels: &mut Vec<u32>,
    rule: &impl Rule,
    rounds: Rounds,
    run: &Run,
) -> Result<Trace, Interrupted> {
    let nodes = Standing::new(labels);
    let pads = Pads::new(labels.len());
    let per_chunk = labels
        .len()
        .div_ceil(CHUNKS)
        .clamp(FEWEST_PER_CHUNK, NODES_PER_CHUNK);
    let mut trace = Trace {
        levels: 1,
        ..Trace::default()
    };
    loop {
        let seed = draw(rounds.seed, 0x726f_756e, u64::from(trace.rounds));
        let mut round = Round::of(&nodes, per_chunk, seed, trace.rounds);
        let count = round.nodes();
        if count == 0 || trace.rounds == rounds.limit {
            trace.settled = count == 0;
            break;
        }
        trace.rounds += 1;
        round.scattered = rule.scattered();
        let moves = if count <= rounds.one_by_one as u64 {
            run.check()?;
            one_by_one(rows, &nodes, rule, &round, &pads)
        } else {
            in_sub_rounds(rows, &nodes, rule, (round, rounds.least_moves), &pads, run)?
        };
        trace.moves += moves;
        if moves < rounds.least_moves {
            break;
        }
    }
    *labels = nodes.into_labels();
    Ok(trace)
}

/// One pass over the waiting nodes.
struct Round {
    seed: u64,
    /// The nodes of every chunk by their colour, ascending.
    chunks: Vec<[Vec<u32>; SUB_ROUNDS]>,
    /// See [`Rule::scattered`].
    scattered: bool,
    first: bool,
    /// Nearly everybody moves: all are asked again in the next round, and telling them is no use.
    stirred: bool,
}

impl Round {
    fn of(nodes: &Standing, per_chunk: usize, seed: u64, nth: u32) -> Self {
        let shift = if nth < ROUNDS_IN_RUNS { RUN_SHIFT } else { 0 };
        let by_colour = |chunk: Chunk| {
            let mut colours: [Vec<u32>; SUB_ROUNDS] = Default::default();
            for node in chunk.waiting() {
                let colour = below(draw(seed, 0, u64::from(node) >> shift), SUB_ROUNDS as u64);
                colours[colour as usize].push(node);
            }
            colours
        };
        Round {
            seed,
            chunks: nodes.chunks(per_chunk).map(by_colour).collect(),
            scattered: false,
            first: nth == 0,
            stirred: false,
        }
    }

    fn nodes_of(&self, colour: usize) -> u64 {
        let chunks = self.chunks.iter();
        chunks.map(|colours| colours[colour].len() as u64).sum()
    }

    fn nodes(&self) -> u64 {
        (0..SUB_ROUNDS).map(|colour| self.nodes_of(colour)).sum()
    }
}

/// The waiting nodes colour by colour.
fn in_sub_rounds<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Standing,
    rule: &impl Rule,
    (mut round, least_moves): (Round, u64),
    pads: &Pads,
    run: &Run,
) -> Result<u64, Interrupted> {
    let mut moves = 0;
    for colour in 0..SUB_ROUNDS {
        run.check()?;
        moves += sub_round(rows, nodes, rule, pads, &round, colour);
        if colour == 0 {
            round.stirred = round.first && 4 * moves > 3 * round.nodes_of(0);
            // The others would be no different: colours are drawn by lot.
            if moves * (SUB_ROUNDS as u64) < least_moves {
                break;
            }
        }
    }
    if round.stirred {
        nodes.stir();
    }
    Ok(moves)
}

/// All nodes of one colour choose; then all move; then all their neighbours are told.
fn sub_round<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Standing,
    rule: &impl Rule,
    pads: &Pads,
    round: &Round,
    colour: usize,
) -> u64 {
    let arcs_of = |nodes: u64| nodes * (1 + rows.arcs() as u64 / rows.nodes().max(1) as u64);
    let moves: Vec<Vec<Move>> = round
        .chunks
        .par_iter()
        .with_min_len(chunks_at_once(arcs_of(round.nodes_of(colour))))
        .map(|colours| {
            let mut moves = Vec::new();
            let mut around = Vec::new();
            pads.with(|pad| {
                for batch in colours[colour].chunks(ROWS_AT_ONCE) {
                    around.clear();
                    fetch_all(rows, nodes, batch, &mut around);
                    if round.scattered {
                        rule.prepare(&around);
                    }
                    let mut rest = around.as_slice();
                    for &node in batch {
                        let (here, others) = rest.split_at(rows.neighbours(node).len());
                        rest = others;
                        let from = nodes.label(node);
                        let Choice { label: to, lead } = rule.choose(node, from, here, pad);
                        nodes.asked(node, lead);
                        if to != from {
                            moves.push(Move { node, from, to });
                        }
                    }
                }
            });
            moves
        })
        .collect();
    let count = moves.iter().map(|moves| moves.len() as u64).sum();
    moves
        .par_iter()
        .with_min_len(chunks_at_once(count))
        .flat_map_iter(|moves| moves)
        .for_each(|&Move { node, from, to }| {
            nodes.take(node, to);
            rule.moved(node, from, to);
        });
    if !round.stirred {
        let moves = moves
            .par_iter()
            .with_min_len(chunks_at_once(arcs_of(count)));
        moves.for_each(|moves| {
            let mut told = Vec::new();
            let mut near = Vec::with_capacity(ROWS_AT_ONCE);
            for batch in moves.chunks(ROWS_AT_ONCE) {
                near.clear();
                near.extend(batch.iter().map(|moved| moved.node));
                rows.touch(&near);
                for moved in batch {
                    tell_neighbours(rows, nodes, moved, &mut told);
                }
            }
        });
    }
    count
}

/// Chunks that one task takes at least: all of them where there is so little to do that another thread would not be awake
/// before it is done.
fn chunks_at_once(steps: u64) -> usize {
    if steps < WORTH_WAKING { usize::MAX } else { 1 }
}

/// Appends the labels of the neighbours of `batch` (ascending), row by row.
fn fetch_all<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Standing,
    batch: &[u32],
    around: &mut Vec<u32>,
) {
    let (Some(&first), Some(&last)) = (batch.first(), batch.last()) else {
        return;
    };
    if (last - first) as usize == batch.len() - 1 {
        // Rows side by side are one long row, which comes by itself.
        around.extend(rows.stretch(first, last).iter().map(|&u| nodes.label(u)));
        return;
    }
    rows.touch(batch);
    for &node in batch {
        fetch(rows, nodes, node, around);
    }
}

/// Appends the labels of `node`'s neighbours.
#[inline]
fn fetch<W: ArcWeights>(rows: &Rows<W>, nodes: &Standing, node: u32, around: &mut Vec<u32>) {
    around.extend(rows.neighbours(node).iter().map(|&u| nodes.label(u)));
}

/// A neighbour need not be asked again before the labels around it have shifted by more than its own
/// label's lead: by twice the edge's weight where one of its own label left, by the weight where one of
/// another label went to a third, not at all where one came to its own.
fn tell_neighbours<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Standing,
    moved: &Move,
    told: &mut Vec<(u32, u32, u32)>,
) {
    // First who is to be told, by loads that wait for nothing, then the telling, which does.
    told.clear();
    for (neighbour, weight) in rows.edges(moved.node) {
        let (label, lead) = nodes.look(neighbour);
        if label != moved.to && lead.is_some() && neighbour != moved.node {
            let shift = weight << u32::from(label == moved.from);
            told.push((neighbour, label, shift.min(FAR_AHEAD + 1) as u32));
        }
    }
    for &(neighbour, label, shift) in &*told {
        nodes.shift(neighbour, label, shift);
    }
}

/// The waiting nodes in hash order, each seeing the moves of all before it.
fn one_by_one<W: ArcWeights>(
    rows: &Rows<W>,
    nodes: &Standing,
    rule: &impl Rule,
    round: &Round,
    pads: &Pads,
) -> u64 {
    let waiting = round.chunks.iter().flatten().flatten();
    let mut order: Vec<(u64, u32)> = waiting
        .map(|&node| (draw(round.seed, 1, u64::from(node)), node))
        .collect();
    order.sort_unstable();
    pads.with(|pad| {
        let mut moves = 0;
        let (mut around, mut told) = (Vec::new(), Vec::new());
        for (_, node) in order {
            let from = nodes.label(node);
            around.clear();
            fetch(rows, nodes, node, &mut around);
            let Choice { label: to, lead } = rule.choose(node, from, &around, pad);
            nodes.asked(node, lead);
            if to != from {
                nodes.take(node, to);
                rule.moved(node, from, to);
                tell_neighbours(rows, nodes, &Move { node, from, to }, &mut told);
                moves += 1;
            }
        }
        moves
    })
}
