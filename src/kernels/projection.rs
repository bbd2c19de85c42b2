//! Projection: which pairs of nodes share something, and how much, row by row.
//!
//! Definition. Let `A` be the nodes × things incidence matrix of one source and `w` a weight by the
//! degree of the thing. The projection is the strict upper triangle of `A · diag(w) · Aᵀ`, summed over sources.
//! For timed sources two actions on one key co-occur iff they are at most `within` apart (closed).
//!
//! Method. Gustavson's row-wise product (1978): for node `a`, walk its things, and for each the other
//! nodes `b > a`, adding into an accumulator that lists what it met in order. No list of pairs of a hub
//! ever exists: a thing above the cap is passed over, and a row is finished before the next begins.
//!
//! Cost: `O(Σ d²/2)` additions over things below the cap, memory 16 bytes a node and thread plus the
//! finished rows of the chunks under way. Determinism: weights are integers, rows are cut by the data.

use rayon::prelude::*;

use crate::base::pool::Pool;
use crate::base::run::{Interrupted, Run};
use crate::kernels::accumulator::{Accumulator, COUNT_SHIFT, PackedRow, Tally, unpack};
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

    /// Calls `found(nodes, weight)` for each thing of `node` below the cap with the nodes above `node` that
    /// have it too.
    #[inline]
    fn for_each(&self, node: u32, mut found: impl FnMut(&[u32], u64)) {
        for &thing in self.of_node.get(node) {
            let others = self.of_thing.get(thing);
            if others.len() <= self.cap as usize {
                let after = others.partition_point(|&other| other <= node);
                found(&others[after..], self.weight[others.len()]);
            }
        }
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

    /// Forgets all pairs and keeps their room.
    fn clear(&mut self) {
        self.node.clear();
        self.other.clear();
        self.weight.clear();
        self.shared.clear();
        self.co_actions.clear();
        self.sources.clear();
    }

    #[inline]
    fn push(&mut self, node: u32, other: u32, tally: &Tally) {
        self.node.push(node);
        self.other.push(other);
        self.weight.push(tally.weight);
        self.shared.push(tally.shared);
        self.co_actions.push(tally.co_actions);
        self.sources.push(tally.sources);
    }

    /// Appends the row of `node` by the only source there is, column by column.
    #[inline]
    fn push_packed(&mut self, node: u32, row: &mut PackedRow, least: u32) {
        let first = self.len();
        row.drain(least, &mut self.other, &mut self.weight);
        let sums = &mut self.weight[first..];
        self.shared.extend(sums.iter().map(|&sum| unpack(sum).0));
        for sum in sums {
            *sum = unpack(*sum).1;
        }
        let length = self.other.len();
        self.node.resize(length, node);
        self.co_actions.resize(length, 0);
        self.sources.resize(length, 1);
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

/// Everything a thread needs to work on rows.
struct Workbench {
    /// All sources of a row; stays empty where there is only one.
    total: Accumulator,
    /// One source of it.
    part: Accumulator,
    /// One source of it, if it is plain sharing.
    packed: PackedRow,
    /// The finished rows of a chunk.
    pairs: Pairs,
}

impl Workbench {
    fn new(nodes: usize) -> Self {
        Workbench {
            total: Accumulator::new(nodes),
            part: Accumulator::new(nodes),
            packed: PackedRow::new(nodes),
            pairs: Pairs::default(),
        }
    }
}

/// Nodes per chunk: small enough to balance hubs, large enough to be worth a task.
const NODES_PER_CHUNK: usize = 256;

/// Chunks between two visits to the consumer; bounds what is held at once.
const CHUNKS_PER_BATCH: usize = 256;

/// Projects `sources` over `nodes` nodes; finished rows are mapped by `make` (in parallel) and handed
/// to `take` in the order of nodes.
///
/// # Errors
/// [`Interrupted`], or the first error of `take`.
pub fn project<T: Send, E: From<Interrupted>>(
    nodes: usize,
    sources: &[Source<'_>],
    run: &Run<'_>,
    make: impl Fn(&Pairs) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let pool = Pool::default();
    let chunks = nodes.div_ceil(NODES_PER_CHUNK);
    run.progress.start("links", nodes as u64);
    for batch in (0..chunks).step_by(CHUNKS_PER_BATCH) {
        run.check()?;
        let made: Vec<T> = (batch..(batch + CHUNKS_PER_BATCH).min(chunks))
            .into_par_iter()
            .with_max_len(1)
            .map(|chunk| {
                let range = chunk * NODES_PER_CHUNK..((chunk + 1) * NODES_PER_CHUNK).min(nodes);
                run.progress.advance(range.len() as u64);
                pool.with(
                    || Workbench::new(nodes),
                    |bench| {
                        bench.pairs.clear();
                        for node in range {
                            project_row(node as u32, sources, bench);
                        }
                        make(&bench.pairs)
                    },
                )
            })
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
    let pool = Pool::default();
    let chunks: Vec<Pairs> = members
        .par_chunks(NODES_PER_CHUNK)
        .zip(group_of.par_chunks(NODES_PER_CHUNK))
        .map(|(chunk, groups)| {
            pool.with(
                || Workbench::new(nodes),
                |bench| {
                    let mut kept = Pairs::default();
                    for (&node, &group) in chunk.iter().zip(groups) {
                        bench.pairs.clear();
                        project_row(node, sources, bench);
                        kept.extend_where(&bench.pairs, |other| {
                            members
                                .binary_search(&other)
                                .is_ok_and(|at| group_of[at] == group)
                        });
                    }
                    kept
                },
            )
        })
        .collect();
    let mut all = Pairs::default();
    for chunk in &chunks {
        all.extend_where(chunk, |_| true);
    }
    all
}

/// Appends the row of `node` to the finished pairs.
fn project_row(node: u32, sources: &[Source<'_>], bench: &mut Workbench) {
    let Workbench {
        total,
        part,
        packed,
        pairs,
    } = bench;
    match sources {
        [Source::Shared(shared)] if shared.fits_packed(node) => {
            shared.for_each(node, |others, weight| packed.add(others, weight));
            pairs.push_packed(node, packed, shared.min_shared);
            return;
        }
        [source @ (Source::Shared(_) | Source::Timed(_))] => {
            project_source(node, source, part, packed, |other, tally| {
                pairs.push(
                    node,
                    other,
                    &Tally {
                        sources: 1,
                        ..*tally
                    },
                );
            });
            return;
        }
        _ => {}
    }
    for (number, source) in sources.iter().enumerate() {
        project_source(node, source, part, packed, |other, tally| {
            total.add(other, tally, number);
        });
    }
    total.drain(|other, tally| pairs.push(node, other, tally));
}

/// Calls `found` for the pairs of `node` by one source; where it is one that links directly and by what is
/// shared, twice for a pair that is linked both ways.
#[inline]
fn project_source(
    node: u32,
    source: &Source<'_>,
    part: &mut Accumulator,
    packed: &mut PackedRow,
    mut found: impl FnMut(u32, &Tally),
) {
    match source {
        Source::Shared(shared) if shared.fits_packed(node) => {
            shared.for_each(node, |others, weight| packed.add(others, weight));
            for (other, shared, weight) in packed.finish(shared.min_shared) {
                let tally = Tally {
                    weight,
                    shared,
                    ..Tally::default()
                };
                found(other, &tally);
            }
        }
        Source::Shared(shared) => add_shared(node, shared, part, found),
        Source::Related(thirds, direct) => {
            for (other, weight, shared) in direct.of(node) {
                let tally = Tally {
                    weight,
                    shared,
                    ..Tally::default()
                };
                found(other, &tally);
            }
            add_shared(node, thirds, part, found);
        }
        Source::Timed(timed) => {
            coaction::add_coactions(node, timed, part);
            part.drain(|other, tally| {
                if tally.co_actions >= timed.min_co_actions {
                    found(other, tally);
                }
            });
        }
    }
}

fn add_shared(
    node: u32,
    source: &Shared<'_>,
    part: &mut Accumulator,
    mut found: impl FnMut(u32, &Tally),
) {
    source.for_each(node, |others, weight| {
        for &other in others {
            let tally = part.entry(other);
            tally.weight += weight;
            tally.shared += 1;
        }
    });
    part.drain(|other, tally| {
        if tally.shared >= source.min_shared {
            found(other, tally);
        }
    });
}
