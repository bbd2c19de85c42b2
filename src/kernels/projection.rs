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
//! Rows that add little are added up in a table in the nearest cache (`small_row`), others in one entry a node.
//!
//! Cost: `O(Σ d²/2)` additions over things below the cap, memory 16 bytes a node and thread plus the
//! finished rows of the chunks under way. Determinism: weights are integers, rows are cut by the data.

use rayon::prelude::*;

use crate::base::pool::Pool;
use crate::base::run::{Interrupted, Run};
use crate::kernels::accumulator::{Accumulator, COUNT_SHIFT, PackedRow, Tally};
use crate::kernels::coaction::{self, Coactions};
use crate::kernels::direct::Direct;
use crate::kernels::pairs::Pairs;
use crate::kernels::small_row::{FEW, SmallRow};
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

    /// The nodes that the row of `node` meets, at most. What it has in common with others is brought near on the
    /// way, all at once, since waiting for one after the other is most of a short row's time.
    #[inline]
    fn adds(&self, node: u32) -> usize {
        let (mut adds, mut called) = (0, 0);
        for &thing in self.of_node.get(node) {
            let others = self.of_thing.get(thing);
            if others.len() <= self.cap as usize {
                adds += others.len();
                called ^= others[others.len() / 2];
            }
        }
        std::hint::black_box(called);
        adds
    }
}

impl Source<'_> {
    /// The nodes that the row of `node` meets, at most.
    #[inline]
    fn adds(&self, node: u32) -> usize {
        match self {
            Source::Shared(shared) => shared.adds(node),
            Source::Related(thirds, direct) => thirds.adds(node) + direct.of(node).count(),
            Source::Timed(timed) => timed.adds(node),
        }
    }
}

/// Everything a thread needs to work on rows.
struct Workbench {
    /// A row that adds more often than this is a large one.
    few: usize,
    /// How often each source adds, at most.
    adds: Vec<usize>,
    /// All sources of a row; stays empty where there is only one.
    total: Accumulator,
    /// The same of a small row.
    small_total: SmallRow,
    parts: Parts,
    /// The finished rows of a chunk.
    pairs: Pairs,
}

/// One source of a row.
struct Parts {
    /// If it is large.
    large: Accumulator,
    /// If it is large and plain sharing.
    packed: PackedRow,
    /// If it is small.
    small: SmallRow,
}

impl Workbench {
    fn new(nodes: usize, few: usize) -> Self {
        Workbench {
            few,
            adds: Vec::new(),
            total: Accumulator::new(nodes),
            small_total: SmallRow::default(),
            parts: Parts {
                large: Accumulator::new(nodes),
                packed: PackedRow::new(nodes),
                small: SmallRow::default(),
            },
            pairs: Pairs::default(),
        }
    }
}

/// Nodes per chunk: small enough to balance hubs, large enough to be worth a task.
const NODES_PER_CHUNK: usize = 256;

/// Chunks between two visits to the consumer; bounds what is held at once.
const CHUNKS_PER_BATCH: usize = 256;

/// Of nodes that are in no group.
const NO_GROUP: u32 = u32::MAX;

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
                    || Workbench::new(nodes, FEW),
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
    let mut group_by_node = vec![NO_GROUP; nodes];
    for (&member, &group) in members.iter().zip(group_of) {
        group_by_node[member as usize] = group;
    }
    let chunks: Vec<Pairs> = members
        .par_chunks(NODES_PER_CHUNK)
        .zip(group_of.par_chunks(NODES_PER_CHUNK))
        .map(|(chunk, groups)| {
            pool.with(
                || Workbench::new(nodes, FEW),
                |bench| {
                    let mut kept = Pairs::default();
                    for (&node, &group) in chunk.iter().zip(groups) {
                        bench.pairs.clear();
                        project_row(node, sources, bench);
                        let mate = |other: u32| group_by_node[other as usize] == group;
                        kept.extend_where(&bench.pairs, mate);
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
        few,
        adds,
        total,
        small_total,
        parts,
        pairs,
    } = bench;
    match sources {
        [Source::Shared(shared)] if shared.fits_packed(node) => {
            shared.for_each(node, |others, weight| parts.packed.add(others, weight));
            pairs.push_packed(node, &mut parts.packed, shared.min_shared);
            return;
        }
        [source @ (Source::Shared(_) | Source::Timed(_))] => {
            let small = adds_of_small(source.adds(node), *few);
            project_source(
                node,
                (source, small),
                Order::ByNode,
                parts,
                |other, tally| {
                    let tally = Tally {
                        sources: 1,
                        ..*tally
                    };
                    pairs.push(node, other, &tally);
                },
            );
            return;
        }
        _ => {}
    }
    adds.clear();
    adds.extend(sources.iter().map(|source| source.adds(node)));
    let all = adds.iter().sum();
    let small = all <= *few;
    if small {
        small_total.begin(all);
    }
    for (number, (source, &adds)) in sources.iter().zip(&*adds).enumerate() {
        let source = (source, adds_of_small(adds, *few));
        project_source(node, source, Order::AsMet, parts, |other, tally| {
            let sum = if small {
                small_total.entry(other)
            } else {
                total.entry(other)
            };
            sum.add(tally, number);
        });
    }
    if small {
        small_total.drain(|_| true, |other, tally| pairs.push(node, other, tally));
    } else {
        total.drain(|other, tally| pairs.push(node, other, tally));
    }
}

/// How often a small row adds, nothing for a large one.
fn adds_of_small(adds: usize, few: usize) -> Option<usize> {
    (adds <= few).then_some(adds)
}

/// How pairs are handed on.
#[derive(Debug, Clone, Copy)]
enum Order {
    ByNode,
    /// Any order, the same every time.
    AsMet,
}

/// Calls `found` for the pairs of `node` by one source, which adds so often at most if its row is small; where it
/// is one that links directly and by what is shared, twice for a pair that is linked both ways.
#[inline]
fn project_source(
    node: u32,
    (source, small_adds): (&Source<'_>, Option<usize>),
    order: Order,
    parts: &mut Parts,
    mut found: impl FnMut(u32, &Tally),
) {
    if let Source::Related(_, direct) = source {
        for (other, weight, shared) in direct.of(node) {
            let tally = Tally {
                weight,
                shared,
                ..Tally::default()
            };
            found(other, &tally);
        }
    }
    if let Some(adds) = small_adds {
        add_small(node, source, adds, &mut parts.small);
        let wanted = |tally: &Tally| source.wants(tally);
        match order {
            Order::ByNode => parts.small.drain(wanted, found),
            Order::AsMet => parts.small.drain_as_met(wanted, found),
        }
        return;
    }
    match source {
        Source::Shared(shared) if shared.fits_packed(node) => {
            let packed = &mut parts.packed;
            shared.for_each(node, |others, weight| packed.add(others, weight));
            for (other, shared, weight) in packed.finish(shared.min_shared) {
                let tally = Tally {
                    weight,
                    shared,
                    ..Tally::default()
                };
                found(other, &tally);
            }
            return;
        }
        Source::Shared(shared) | Source::Related(shared, _) => {
            shared.for_each(node, |others, weight| {
                for &other in others {
                    parts.large.entry(other).share(weight);
                }
            });
        }
        Source::Timed(timed) => coaction::add_coactions(node, timed, &mut parts.large),
    }
    parts.large.drain(|other, tally| {
        if source.wants(tally) {
            found(other, tally);
        }
    });
}

/// Adds up what `source` says of a row in which it adds at most `adds` times.
#[inline]
fn add_small(node: u32, source: &Source<'_>, adds: usize, small: &mut SmallRow) {
    small.begin(adds);
    match source {
        Source::Shared(shared) | Source::Related(shared, _) => {
            shared.for_each(node, |others, weight| {
                for &other in others {
                    small.entry(other).share(weight);
                }
            });
        }
        Source::Timed(timed) => coaction::add_few_coactions(node, timed, small),
    }
}

impl Source<'_> {
    /// Whether so much is enough for a pair to be linked.
    #[inline]
    fn wants(&self, tally: &Tally) -> bool {
        match self {
            Source::Shared(shared) | Source::Related(shared, _) => {
                tally.shared >= shared.min_shared
            }
            Source::Timed(timed) => tally.co_actions >= timed.min_co_actions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};
    use crate::kernels::coaction::Weight;
    use crate::kernels::company::Company;
    use crate::sparse::postings::{Actions, Postings};

    const NODES: usize = 90;

    /// Who has what, by chance.
    fn has(stage: u64, things: u64) -> Rows {
        Rows::build(NODES, |node, row| {
            let pick = |i| below(draw(stage, u64::from(node), i), things) as u32;
            row.extend((0..below(draw(stage, 7, u64::from(node)), 9)).map(pick));
        })
    }

    fn shared<'a>(of_node: &'a Rows, of_thing: &'a Rows, min_shared: u32) -> Shared<'a> {
        Shared {
            of_node,
            of_thing,
            weight: (0..=NODES as u64).rev().collect(),
            cap: 12,
            min_shared,
        }
    }

    /// Small rows and large ones are added up in different places, to the same sums.
    #[test]
    fn it_does_not_matter_which_rows_are_small() {
        let times: Vec<i64> = (0..2_000)
            .map(|row| below(draw(4, 0, row), 400) as i64)
            .collect();
        let nodes: Vec<u32> = (0..2_000).map(|row| row * NODES as u32 / 2_000).collect();
        let actions = Actions {
            key: |row: usize| Some(below(draw(5, 0, row as u64), 6) as u32),
            times: &times,
            nodes: &nodes,
        };
        let postings = Postings::build(&actions, 6, NODES, 3);
        let company = Company::new(&postings, NODES, 9, None::<&fn(u32, usize) -> Option<u32>>);
        let (some, names) = (has(1, 40), has(2, NODES as u64));
        let (have_some, named_by) = (some.transpose(40), names.transpose(NODES));
        let direct = Direct::new(&names, &named_by, |a, b| u64::from(a + 2 * b));
        let timed = |min_co_actions, weight| {
            Source::Timed(Coactions {
                company: &company,
                weight,
                min_co_actions,
                takes_part: None,
            })
        };
        let sources = [
            timed(2, Weight::PerCoAction(5)),
            Source::Shared(shared(&some, &have_some, 2)),
            Source::Related(shared(&names, &named_by, 1), &direct),
            timed(1, Weight::PerMoment((0..=NODES as u64).collect())),
        ];
        for sources in [&sources[..], &sources[..1], &sources[1..2], &sources[2..3]] {
            let [large, mixed, small] = [0, 60, FEW].map(|few| {
                let mut bench = Workbench::new(NODES, few);
                for node in 0..NODES as u32 {
                    project_row(node, sources, &mut bench);
                }
                bench.pairs
            });
            assert!(small.len() > 100);
            assert_eq!(small, large);
            assert_eq!(small, mixed);
        }
    }
}
