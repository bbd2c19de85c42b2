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
//! Rows that add little are added up in a table in the nearest cache (`small_row`), others in one entry a node; where a pair
//! needs several co-actions, or to share several things, who is met too rarely is left out of the table (`returning`, `repeated`).
//!
//! Cost: `O(Σ d²/2)` additions over things below the cap, memory 16 bytes a node and thread plus the
//! finished rows of the chunks under way. Determinism: weights are integers, rows are cut by the data.

use rayon::prelude::*;

use crate::base::pool::Pool;
use crate::base::run::{Interrupted, Run};
use crate::kernels::accumulator::{Accumulator, PackedRow, Row, Tally};
use crate::kernels::pairs::Pairs;
use crate::kernels::repeated::Repeated;
use crate::kernels::returning::Returning;
use crate::kernels::small_row::{FEW, SmallRow};
use crate::kernels::sources::Source;

/// Everything a thread needs to work on rows.
struct Workbench {
    /// A row that adds more often than this is a large one.
    few: usize,
    /// The sources in the order in which they are added up.
    order: Vec<usize>,
    /// What the first so many of these come to is handed out as well.
    apart: usize,
    /// How the pairs of a row are handed out where there are several sources.
    rows: Order,
    /// How often each source adds, at most.
    adds: Vec<usize>,
    /// All sources of a row; stays empty where there is only one.
    total: Accumulator,
    /// The same of a small row.
    small_total: SmallRow,
    parts: Parts,
    /// The finished rows of a chunk.
    pairs: Pairs,
    /// The same by the sources apart.
    pairs_apart: Pairs,
}

/// One source of a row.
struct Parts {
    /// If it is large.
    large: Accumulator,
    /// If it is large and plain sharing.
    packed: PackedRow,
    /// If it is small.
    small: SmallRow,
    /// If it is small and asks for more than one co-action.
    returning: Returning,
    /// If more than one thing must be shared.
    repeated: Repeated,
}

impl Workbench {
    fn new(nodes: usize, few: usize, apart: &[bool], rows: Order) -> Self {
        let mut order: Vec<usize> = (0..apart.len()).collect();
        // Stable: those apart come first.
        order.sort_by_key(|&number| !apart[number]);
        Workbench {
            few,
            order,
            apart: apart.iter().filter(|&&apart| apart).count(),
            rows,
            adds: Vec::new(),
            total: Accumulator::new(nodes),
            small_total: SmallRow::default(),
            parts: Parts {
                large: Accumulator::new(nodes),
                packed: PackedRow::new(nodes),
                small: SmallRow::default(),
                returning: Returning::default(),
                repeated: Repeated::default(),
            },
            pairs: Pairs::default(),
            pairs_apart: Pairs::default(),
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
    take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let apart = vec![false; sources.len()];
    let make = |pairs: &Pairs, _: &Pairs| make(pairs);
    project_rows(nodes, (sources, &apart, Order::ByNode), run, make, take)
}

/// The same, where the sources that are `apart` are projected by themselves as well: `make` gets the pairs of all
/// sources, and those of these. Within a row they come in any order, the same every time: whoever keeps few of them has
/// few to sort. Cost: as without, and what the second pairs take to write down.
///
/// # Errors
/// [`Interrupted`], or the first error of `take`.
pub fn project_apart<T: Send, E: From<Interrupted>>(
    nodes: usize,
    (sources, apart): (&[Source<'_>], &[bool]),
    run: &Run<'_>,
    make: impl Fn(&Pairs, &Pairs) -> T + Sync,
    take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    project_rows(nodes, (sources, apart, Order::AsMet), run, make, take)
}

fn project_rows<T: Send, E: From<Interrupted>>(
    nodes: usize,
    (sources, apart, rows): (&[Source<'_>], &[bool], Order),
    run: &Run<'_>,
    make: impl Fn(&Pairs, &Pairs) -> T + Sync,
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
                    || Workbench::new(nodes, FEW, apart, rows),
                    |bench| {
                        bench.pairs.clear();
                        bench.pairs_apart.clear();
                        for node in range {
                            project_row(node as u32, sources, bench);
                        }
                        make(&bench.pairs, &bench.pairs_apart)
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

/// The links inside groups of nodes: `group_of[i]` is the group of `members[i]` (ascending, distinct). Cost: their rows.
pub fn project_within(
    nodes: usize,
    sources: &[Source<'_>],
    members: &[u32],
    group_of: &[u32],
) -> Pairs {
    let mut group_by_node = vec![NO_GROUP; nodes];
    for (&member, &group) in members.iter().zip(group_of) {
        group_by_node[member as usize] = group;
    }
    let within = |kept: &mut Pairs, row: &Pairs, _: &Pairs| {
        if let Some(&node) = row.node.first() {
            let group = group_by_node[node as usize];
            kept.extend_where(row, |other| group_by_node[other as usize] == group);
        }
    };
    let apart = vec![false; sources.len()];
    let chunks = project_chosen(nodes, (sources, &apart), members, within);
    chunks.iter().fold(Pairs::default(), |mut all, chunk| {
        all.extend_where(chunk, |_| true);
        all
    })
}

/// Projects the rows of the `chosen` nodes (ascending) alone: `each` is told every row, and what the sources that are
/// `apart` come to in it, and adds it to what has come of the rows before it in its chunk. Cost: these rows.
pub fn project_chosen<T: Default + Send>(
    nodes: usize,
    (sources, apart): (&[Source<'_>], &[bool]),
    chosen: &[u32],
    each: impl Fn(&mut T, &Pairs, &Pairs) + Sync,
) -> Vec<T> {
    let pool = Pool::default();
    let made = chosen.par_chunks(NODES_PER_CHUNK).map(|chunk| {
        pool.with(
            || Workbench::new(nodes, FEW, apart, Order::ByNode),
            |bench| {
                let mut made = T::default();
                for &node in chunk {
                    bench.pairs.clear();
                    bench.pairs_apart.clear();
                    project_row(node, sources, bench);
                    each(&mut made, &bench.pairs, &bench.pairs_apart);
                }
                made
            },
        )
    });
    made.collect()
}

/// Appends the row of `node` to the finished pairs.
fn project_row(node: u32, sources: &[Source<'_>], bench: &mut Workbench) {
    let Workbench {
        few,
        order,
        apart,
        rows,
        adds,
        total,
        small_total,
        parts,
        pairs,
        pairs_apart,
    } = bench;
    match sources {
        _ if *apart > 0 => {}
        [Source::Shared(shared)] if shared.fits_packed(node) => {
            shared.for_each(node, |others, weight| parts.packed.add(others, weight));
            pairs.push_packed(node, &mut parts.packed, shared.min_shared);
            return;
        }
        [source @ (Source::Shared(_) | Source::Timed(_))] => {
            project_source(
                node,
                (source, source.adds(node), *few),
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
    // Tallies know one window that was counted last, so only one timed source goes straight into the sums.
    let mut timed = false;
    for (place, &number) in order.iter().enumerate() {
        let (source, bit) = (&sources[number], 1 << number.min(31));
        let straight = source.wants_all()
            && match source {
                Source::Shared(_) => true,
                Source::Related(..) => false,
                Source::Timed(_) => !std::mem::replace(&mut timed, true),
            };
        match (straight, small) {
            (true, true) => source.add(node, bit, small_total),
            (true, false) => source.add(node, bit, total),
            (false, _) => {
                let source = (source, adds[number], *few);
                project_source(node, source, Order::AsMet, parts, |other, tally| {
                    let sum = if small {
                        small_total.entry(other)
                    } else {
                        total.entry(other)
                    };
                    sum.add(tally, bit);
                });
            }
        }
        if place + 1 == *apart {
            let push = |other: u32, tally: &Tally| pairs_apart.push(node, other, tally);
            match (small, *rows) {
                (true, Order::ByNode) => small_total.show(|_| true, push),
                (true, Order::AsMet) => small_total.show_as_met(|_| true, push),
                (false, _) => total.show(push),
            }
        }
    }
    let push = |other: u32, tally: &Tally| pairs.push(node, other, tally);
    match (small, *rows) {
        (true, Order::ByNode) => small_total.drain(|_| true, push),
        (true, Order::AsMet) => small_total.drain_as_met(|_| true, push),
        (false, _) => total.drain(push),
    }
}

/// How pairs are handed on.
#[derive(Debug, Clone, Copy)]
enum Order {
    ByNode,
    /// Any order, the same every time.
    AsMet,
}

/// Calls `found` for the pairs of `node` by one source, which adds `adds` times at most, and whose row is small if that is no more
/// than `few`; where it is one that links directly and by what is shared, twice for a pair that is linked both ways.
#[inline]
fn project_source(
    node: u32,
    (source, adds, few): (&Source<'_>, usize, usize),
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
    let wanted = |tally: &Tally| source.wants(tally);
    let repeated = source.repeated();
    let adds = match repeated {
        Some(shared) => parts.repeated.note(node, shared),
        None => adds,
    };
    if adds <= few {
        let Parts {
            small,
            returning,
            repeated: noted,
            ..
        } = &mut *parts;
        match source {
            Source::Timed(timed) if !source.wants_all() => {
                returning.add(node, (timed, 0), adds, small);
            }
            _ => {
                small.begin(adds);
                match repeated {
                    Some(_) => noted.add(small),
                    None => source.add(node, 0, small),
                }
            }
        }
        match order {
            Order::ByNode => parts.small.drain(wanted, found),
            Order::AsMet => parts.small.drain_as_met(wanted, found),
        }
        return;
    }
    if let Source::Shared(shared) | Source::Related(shared, _) = source
        && shared.fits_packed(node)
    {
        let packed = &mut parts.packed;
        if repeated.is_some() {
            let noted = &parts.repeated;
            noted.for_each(|others, weight| packed.add(others, weight));
        } else {
            shared.for_each(node, |others, weight| packed.add(others, weight));
        }
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
    source.add(node, 0, &mut parts.large);
    parts.large.drain(|other, tally| {
        if wanted(tally) {
            found(other, tally);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};
    use crate::kernels::coaction::{Coactions, Weight};
    use crate::kernels::company::Company;
    use crate::kernels::direct::Direct;
    use crate::kernels::sources::Shared;
    use crate::sparse::postings::{Actions, Postings};
    use crate::sparse::rows::Rows;

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
        let company = Company::new(
            &postings,
            NODES,
            (9, true),
            None::<&fn(u32, usize) -> Option<u32>>,
        );
        let (some, names) = (has(1, 40), has(2, NODES as u64));
        let (have_some, named_by) = (some.transpose(40), names.transpose(NODES));
        let direct = Direct::new(&names, &named_by, |a, b| u64::from(a + 2 * b));
        let takes_part: Vec<bool> = (0..NODES).map(|node| node % 3 == 0).collect();
        let timed = |min_co_actions, weight| {
            Source::Timed(Coactions {
                company: &company,
                weight,
                min_co_actions,
                takes_part: (min_co_actions == 3).then_some(&takes_part[..]),
            })
        };
        let sources = [
            timed(2, Weight::PerCoAction(5)),
            Source::Shared(shared(&some, &have_some, 2)),
            Source::Related(shared(&names, &named_by, 1), &direct),
            timed(1, Weight::PerMoment((0..=NODES as u64).collect())),
            Source::Shared(shared(&some, &have_some, 1)),
            timed(1, Weight::PerCoAction(3)),
            timed(3, Weight::PerMoment((0..=NODES as u64).collect())),
        ];
        let rows = |sources: &[Source<'_>], few, apart: &[bool]| {
            let mut bench = Workbench::new(NODES, few, apart, Order::ByNode);
            for node in 0..NODES as u32 {
                project_row(node, sources, &mut bench);
            }
            (bench.pairs, bench.pairs_apart)
        };
        let ranges = [0..6, 0..1, 1..2, 2..3, 3..4, 4..5, 2..5, 3..6, 6..7, 5..7];
        for sources in ranges.map(|range| &sources[range]) {
            let [large, mixed, small] =
                [0, 60, FEW].map(|few| rows(sources, few, &vec![false; sources.len()]).0);
            assert!(small.len() > 100);
            assert_eq!(small, large);
            assert_eq!(small, mixed);
        }
        // What some come to by themselves, in the same pass over all.
        let all = rows(&sources[..6], FEW, &[false; 6]).0;
        let (alone, _) = rows(&sources[1..4], FEW, &[false; 3]);
        for few in [0, 60, FEW] {
            let apart = [false, true, true, true, false, false];
            let (both, mut some) = rows(&sources[..6], few, &apart);
            assert_eq!(both, all);
            // Sources are numbered as they are among all.
            some.sources.iter_mut().for_each(|bits| *bits >>= 1);
            assert_eq!(some, alone);
        }
    }
}
