//! Projection: which pairs of nodes share something, and how much, row by row.
//!
//! Definition. Let `A` be the nodes × things incidence matrix of one source and `w` a weight by the
//! degree of the thing. The projection is the strict upper triangle of `A · diag(w) · Aᵀ`, summed over sources.
//! For timed sources two actions on one key co-occur iff they are at most `within` apart (closed).
//!
//! Method. Gustavson's row-wise product (1978): for node `a`, walk its things, and for each the other
//! nodes `b > a`, adding into a dense accumulator with a list of touched entries. No list of pairs of
//! a hub ever exists: a thing above the cap is passed over, and a row is finished before the next begins.
//!
//! Cost: `O(Σ d²/2)` additions over things below the cap, memory one dense accumulator per thread plus
//! the finished rows of the chunks under way. Determinism: weights are integers, rows are cut by the data.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::kernels::coaction::{self, Coactions};
use crate::kernels::direct::Direct;
use crate::sparse::rows::Rows;

/// One way in which nodes can share something.
pub enum Source<'a> {
    /// Things that a node has or has not.
    Shared(Shared<'a>),
    /// Nodes that name nodes: linked directly, and by naming the same third.
    Related(Shared<'a>, &'a Direct),
    /// Keys on which nodes act at moments.
    Timed(Coactions<'a>),
}

/// Untimed sharing.
pub struct Shared<'a> {
    /// Things of each node.
    pub of_node: &'a Rows,
    /// Nodes of each thing: the transpose.
    pub of_thing: &'a Rows,
    /// What sharing a thing of degree `d` adds, in micro-units: `weight[d]`, for `d ≤ cap`.
    pub weight: Vec<u64>,
    /// Things with more nodes make no pairs.
    pub cap: u32,
    /// Pairs that share fewer things of this source are dropped from it.
    pub min_shared: u32,
}

impl Shared<'_> {
    /// Whether no pair of `node` can outgrow a packed sum.
    fn fits_packed(&self, node: u32) -> bool {
        // Weights fall with the degree, so the first shared degree has the largest.
        let largest = self.weight.get(2).copied().unwrap_or(0).max(1);
        u64::from(self.of_node.degree(node)).saturating_mul(largest) < 1 << COUNT_SHIFT
    }
}

/// Finished rows of consecutive nodes.
///
/// Layout: entry `i` says that `node[i] < other[i]` are linked; sorted by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    /// The smaller node.
    pub node: Vec<u32>,
    /// The larger node.
    pub other: Vec<u32>,
    /// Weight in micro-units.
    pub weight: Vec<u64>,
    /// Distinct things (timed: windows) that both have.
    pub shared: Vec<u32>,
    /// Pairs of their actions inside a window; 0 for untimed sources.
    pub co_actions: Vec<u32>,
    /// Bit `s` is set when source `s` links the two.
    pub sources: Vec<u32>,
}

impl Pairs {
    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.node.len()
    }

    /// True when there is no pair.
    pub fn is_empty(&self) -> bool {
        self.node.is_empty()
    }

    fn extend_where(&mut self, from: &Pairs, keep: impl Fn(u32) -> bool) {
        for i in (0..from.len()).filter(|&i| keep(from.other[i])) {
            self.node.push(from.node[i]);
            self.other.push(from.other[i]);
            self.weight.push(from.weight[i]);
            self.shared.push(from.shared[i]);
            self.co_actions.push(from.co_actions[i]);
            self.sources.push(from.sources[i]);
        }
    }
}

/// What is known of a pair so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) weight: u64,
    pub(crate) shared: u32,
    pub(crate) co_actions: u32,
    /// End of the last counted window, for timed sources: `(key, time)`.
    pub(crate) last: (u32, i64),
    sources: u32,
}

/// A dense row of tallies with the list of entries in use.
pub(crate) struct Accumulator {
    tally: Vec<Tally>,
    touched: Vec<u32>,
}

/// A dense row for untimed sharing alone: count and weight of a pair in one word, so that a shared thing
/// costs one addition and the row fits a cache level lower.
struct PackedRow {
    /// Count above [`COUNT_SHIFT`], micro-units below.
    sums: Vec<u64>,
    touched: Vec<u32>,
}

/// Bits of the weight in a packed sum: up to a million units.
const COUNT_SHIFT: u32 = 40;

/// Everything a thread needs to work on rows.
struct Workbench {
    total: Accumulator,
    part: Accumulator,
    packed: PackedRow,
}

impl Workbench {
    fn new(nodes: usize) -> Self {
        Workbench {
            total: Accumulator::new(nodes),
            part: Accumulator::new(nodes),
            packed: PackedRow {
                sums: vec![0; nodes],
                touched: Vec::new(),
            },
        }
    }
}

impl Accumulator {
    fn new(nodes: usize) -> Self {
        Accumulator {
            tally: vec![Tally::default(); nodes],
            touched: Vec::new(),
        }
    }

    /// Adds what source `number` says of the pair with `other`.
    fn add(&mut self, other: u32, tally: Tally, number: usize) {
        let sum = self.entry(other);
        sum.weight += tally.weight;
        sum.shared += tally.shared;
        sum.co_actions += tally.co_actions;
        sum.sources |= 1 << number.min(31);
    }

    /// The tally of `node`, entered into the list at its first use.
    #[inline]
    pub(crate) fn entry(&mut self, node: u32) -> &mut Tally {
        let tally = &mut self.tally[node as usize];
        if tally.shared == 0 && tally.co_actions == 0 {
            self.touched.push(node);
        }
        tally
    }
}

/// Nodes per chunk: small enough to balance hubs, large enough to be worth a task.
const NODES_PER_CHUNK: usize = 1024;

/// Chunks between two visits to the consumer; bounds what is held at once.
const CHUNKS_PER_BATCH: usize = 64;

/// Projects `sources` over `nodes` nodes; finished rows are mapped by `make` (in parallel) and handed
/// to `take` in the order of nodes.
///
/// # Errors
/// [`Interrupted`], or the first error of `take`.
pub fn project<T: Send, E: From<Interrupted>>(
    nodes: usize,
    sources: &[Source<'_>],
    run: &Run<'_>,
    make: impl Fn(Pairs) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let chunks = nodes.div_ceil(NODES_PER_CHUNK);
    run.progress.start("links", nodes as u64);
    for batch in (0..chunks).step_by(CHUNKS_PER_BATCH) {
        run.check()?;
        let made: Vec<T> = (batch..(batch + CHUNKS_PER_BATCH).min(chunks))
            .into_par_iter()
            .with_max_len(1)
            .map_init(
                || Workbench::new(nodes),
                |bench, chunk| {
                    let range = chunk * NODES_PER_CHUNK..((chunk + 1) * NODES_PER_CHUNK).min(nodes);
                    let mut pairs = Pairs::default();
                    for node in range {
                        project_row(node as u32, sources, bench, &mut pairs);
                    }
                    run.progress.advance(NODES_PER_CHUNK as u64);
                    make(pairs)
                },
            )
            .collect();
        for item in made {
            take(item)?;
        }
    }
    run.progress.finish();
    Ok(())
}

/// The links inside groups of nodes: `group_of[i]` is the group of `members[i]` (ascending, distinct);
/// only pairs of one group are kept. Cost: the rows of the members.
pub fn project_within(
    nodes: usize,
    sources: &[Source<'_>],
    members: &[u32],
    group_of: &[u32],
) -> Pairs {
    let chunks: Vec<Pairs> = members
        .par_chunks(NODES_PER_CHUNK)
        .zip(group_of.par_chunks(NODES_PER_CHUNK))
        .map_init(
            || Workbench::new(nodes),
            |bench, (chunk, groups)| {
                let mut kept = Pairs::default();
                for (&node, &group) in chunk.iter().zip(groups) {
                    let mut row = Pairs::default();
                    project_row(node, sources, bench, &mut row);
                    kept.extend_where(&row, |other| {
                        members
                            .binary_search(&other)
                            .is_ok_and(|at| group_of[at] == group)
                    });
                }
                kept
            },
        )
        .collect();
    let mut all = Pairs::default();
    for chunk in &chunks {
        all.extend_where(chunk, |_| true);
    }
    all
}

fn project_row(node: u32, sources: &[Source<'_>], bench: &mut Workbench, pairs: &mut Pairs) {
    let Workbench {
        total,
        part,
        packed,
    } = bench;
    for (number, source) in sources.iter().enumerate() {
        let least = match source {
            Source::Shared(shared) if shared.fits_packed(node) => {
                add_packed(node, shared, packed);
                let PackedRow { sums, touched } = packed;
                for other in touched.drain(..) {
                    let sum = std::mem::take(&mut sums[other as usize]);
                    let (count, weight) = (sum >> COUNT_SHIFT, sum & ((1 << COUNT_SHIFT) - 1));
                    if count as u32 >= shared.min_shared {
                        let tally = Tally {
                            weight,
                            shared: count as u32,
                            ..Tally::default()
                        };
                        total.add(other, tally, number);
                    }
                }
                continue;
            }
            Source::Shared(shared) => {
                add_shared(node, shared, part);
                shared.min_shared
            }
            Source::Related(thirds, direct) => {
                for (other, weight, shared) in direct.of(node) {
                    let tally = Tally {
                        weight,
                        shared,
                        ..Tally::default()
                    };
                    total.add(other, tally, number);
                }
                add_shared(node, thirds, part);
                thirds.min_shared
            }
            Source::Timed(timed) => {
                coaction::add_coactions(node, timed, part);
                timed.min_co_actions
            }
        };
        for other in part.touched.drain(..) {
            let tally = std::mem::take(&mut part.tally[other as usize]);
            if tally.shared.max(tally.co_actions) >= least {
                total.add(other, tally, number);
            }
        }
    }
    total.touched.sort_unstable();
    for other in total.touched.drain(..) {
        let tally = std::mem::take(&mut total.tally[other as usize]);
        pairs.node.push(node);
        pairs.other.push(other);
        pairs.weight.push(tally.weight);
        pairs.shared.push(tally.shared);
        pairs.co_actions.push(tally.co_actions);
        pairs.sources.push(tally.sources);
    }
}

fn add_packed(node: u32, source: &Shared<'_>, row: &mut PackedRow) {
    for &thing in source.of_node.get(node) {
        let others = source.of_thing.get(thing);
        if others.len() > source.cap as usize {
            continue;
        }
        let one = 1 << COUNT_SHIFT | source.weight[others.len()];
        let after = others.partition_point(|&other| other <= node);
        for &other in &others[after..] {
            let sum = &mut row.sums[other as usize];
            if *sum == 0 {
                row.touched.push(other);
            }
            *sum += one;
        }
    }
}

fn add_shared(node: u32, source: &Shared<'_>, part: &mut Accumulator) {
    for &thing in source.of_node.get(node) {
        let others = source.of_thing.get(thing);
        if others.len() > source.cap as usize {
            continue;
        }
        let weight = source.weight[others.len()];
        let after = others.partition_point(|&other| other <= node);
        for &other in &others[after..] {
            let tally = part.entry(other);
            tally.weight += weight;
            tally.shared += 1;
        }
    }
}
