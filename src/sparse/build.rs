//! Unordered edges to [`Graph`]: a parallel counting sort by row, without a lock or an atomic.
//!
//! Every batch first parts its arcs (each edge from both its ends) by *bucket*, a run of rows so short
//! that what is scattered into it stays in the nearest caches. Then every bucket is one task: count its
//! rows, scatter, sort each row and merge what names the same neighbour. Arcs come in the order of the
//! batches, and rows are sorted, so the graph depends on neither threads nor batches.
//!
//! Encoding: an entry is its neighbour alone (`u32`), or `neighbour << 32 | weight` (`u64`) where weights
//! matter; both sort by neighbour.

use rayon::prelude::*;

use super::graph::Graph;

/// What several edges between the same two nodes become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parallel {
    /// One edge of weight 1.
    Collapse,
    /// One edge with the sum of their weights.
    Sum,
    /// One edge weighing 2 where both directions occur, 1 where only one does: the number of times
    /// a node sees its neighbour when in-neighbours and out-neighbours are counted together.
    Directions,
}

/// Some edges of a graph, in any order.
#[derive(Debug, Clone, Default)]
pub struct EdgeBatch {
    /// The two ends of each edge.
    pub ends: Vec<(u32, u32)>,
    /// Weights beside `ends`, or empty where every edge weighs 1. Read under [`Parallel::Sum`] only.
    pub weights: Vec<u32>,
}

/// Edges between two nodes weigh more together than a `u32` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the edges between nodes {node} and {neighbour} together weigh more than {}",
    u32::MAX
)]
pub struct WeightOverflow {
    /// The smaller end.
    pub node: u32,
    /// The other end.
    pub neighbour: u32,
}

/// Rows of a bucket at least, a power of two: their entries are sorted while they are in cache.
const ROWS_PER_BUCKET: usize = 4096;
/// Buckets at most: as many streams can be written side by side.
const BUCKETS: usize = 1024;

/// The graph on nodes `0..nodes` with these edges; a loop is kept and stands once in its row.
///
/// Cost: O(nodes + edges) plus sorting each row; the batches are freed when they are scattered.
///
/// # Errors
/// [`WeightOverflow`] where a sum of weights does not fit.
///
/// # Panics
/// If an edge names a node that is not below `nodes`.
pub fn graph_from_edges(
    nodes: usize,
    batches: Vec<EdgeBatch>,
    parallel: Parallel,
) -> Result<Graph, WeightOverflow> {
    match parallel {
        Parallel::Collapse => {
            let plain = |neighbour, _, _| neighbour;
            let (offsets, neighbours) = build_rows(nodes, batches, plain, |row| {
                row.sort_unstable();
                Ok(deduplicate(row, |kept, next| kept == next))
            })?;
            Ok(Graph::from_rows(offsets, neighbours, None))
        }
        Parallel::Sum => {
            let value = |neighbour, weight, _| packed(neighbour, weight);
            build_packed(nodes, batches, value, u32::checked_add, |sum| sum)
        }
        Parallel::Directions => {
            let value = |neighbour, _, outgoing| packed(neighbour, 1 + u32::from(outgoing));
            let both = |seen, way| Some(seen | way);
            build_packed(nodes, batches, value, both, u32::count_ones)
        }
    }
}

fn packed(neighbour: u32, value: u32) -> u64 {
    u64::from(neighbour) << 32 | u64::from(value)
}

/// The arcs of some edges, bucket by bucket: those of bucket `b` are `arcs[starts[b] .. starts[b + 1]]`.
struct Bucketed<T> {
    starts: Vec<usize>,
    /// Row within the bucket, and entry.
    arcs: Vec<(u32, T)>,
}

impl<T: Copy + Default> Bucketed<T> {
    fn new(
        batch: &EdgeBatch,
        (buckets, shift): (usize, u32),
        entry: impl Fn(u32, u32, bool) -> T,
    ) -> Self {
        let mut starts = vec![0; buckets + 1];
        for &(u, v) in &batch.ends {
            starts[(u >> shift) as usize + 1] += 1;
            if u != v {
                starts[(v >> shift) as usize + 1] += 1;
            }
        }
        for bucket in 0..buckets {
            starts[bucket + 1] += starts[bucket];
        }
        let mut next = starts.clone();
        let mut arcs = vec![(0, T::default()); starts[buckets]];
        let mut put = |row: u32, entry: T| {
            let slot = &mut next[(row >> shift) as usize];
            arcs[*slot] = (row & ((1 << shift) - 1), entry);
            *slot += 1;
        };
        for (edge, &(u, v)) in batch.ends.iter().enumerate() {
            let weight = batch.weights.get(edge).copied().unwrap_or(1);
            put(u, entry(v, weight, true));
            if u != v {
                put(v, entry(u, weight, false));
            }
        }
        Bucketed { starts, arcs }
    }

    fn of(&self, bucket: usize) -> &[(u32, T)] {
        &self.arcs[self.starts[bucket]..self.starts[bucket + 1]]
    }
}

/// Offsets and entries of all rows. `entry(neighbour, weight, outgoing)` makes an entry; `tidy` sorts a
/// row and says how many entries stay at its front (or which neighbour's weight overflowed).
fn build_rows<T: Copy + Default + Send + Sync>(
    nodes: usize,
    batches: Vec<EdgeBatch>,
    entry: impl Fn(u32, u32, bool) -> T + Sync,
    tidy: impl Fn(&mut [T]) -> Result<usize, u32> + Sync,
) -> Result<(Vec<u64>, Vec<T>), WeightOverflow> {
    let width = nodes
        .div_ceil(BUCKETS)
        .next_power_of_two()
        .max(ROWS_PER_BUCKET);
    let buckets = (nodes.div_ceil(width), width.ilog2());
    let bucketed: Vec<Bucketed<T>> = batches
        .into_par_iter()
        .map(|batch| Bucketed::new(&batch, buckets, &entry))
        .collect();
    let arcs = bucketed.iter().map(|part| part.arcs.len()).sum();
    let mut entries = vec![T::default(); arcs];
    let mut lengths = vec![0u32; nodes];
    let mut rest = entries.as_mut_slice();
    let mut tasks = Vec::with_capacity(buckets.0);
    for (bucket, lengths) in lengths.chunks_mut(width).enumerate() {
        let count = bucketed.iter().map(|part| part.of(bucket).len()).sum();
        let (head, tail) = rest.split_at_mut(count);
        rest = tail;
        tasks.push((bucket, lengths, head));
    }
    let ends: Vec<usize> = tasks
        .into_par_iter()
        .map(|(bucket, lengths, entries)| {
            let parts = || bucketed.iter().flat_map(|part| part.of(bucket));
            fill_bucket(parts, lengths, entries, &tidy).map_err(|(row, other)| {
                let node = (bucket * width + row) as u32;
                WeightOverflow {
                    node: node.min(other),
                    neighbour: node.max(other),
                }
            })
        })
        .collect::<Result<_, _>>()?;
    drop(bucketed);
    let mut offsets = Vec::with_capacity(nodes + 1);
    let mut end = 0;
    offsets.push(end);
    offsets.extend(lengths.iter().map(|&length| {
        end += u64::from(length);
        end
    }));
    close_gaps(&mut entries, &ends, &offsets, width);
    Ok((offsets, entries))
}

/// Scatters the arcs of one bucket, tidies its rows and moves them together at the front of `entries`.
/// Leaves the length of every row and returns how many entries were scattered.
fn fill_bucket<'a, T: Copy + 'a, I: Iterator<Item = &'a (u32, T)>>(
    arcs: impl Fn() -> I,
    lengths: &mut [u32],
    entries: &mut [T],
    tidy: impl Fn(&mut [T]) -> Result<usize, u32>,
) -> Result<usize, (usize, u32)> {
    for &(row, _) in arcs() {
        lengths[row as usize] += 1;
    }
    let mut next = Vec::with_capacity(lengths.len());
    let mut end = 0;
    for &length in &*lengths {
        next.push(end);
        end += length as usize;
    }
    for &(row, entry) in arcs() {
        let slot = &mut next[row as usize];
        entries[*slot] = entry;
        *slot += 1;
    }
    let (mut from, mut to) = (0, 0);
    for (row, length) in lengths.iter_mut().enumerate() {
        let all = from..from + *length as usize;
        from = all.end;
        let kept = tidy(&mut entries[all.clone()]).map_err(|other| (row, other))?;
        entries.copy_within(all.start..all.start + kept, to);
        to += kept;
        *length = kept as u32;
    }
    Ok(entries.len())
}

/// Moves the buckets together where they have become shorter: bucket `b` had `scattered[b]` entries.
fn close_gaps<T: Copy>(entries: &mut Vec<T>, scattered: &[usize], offsets: &[u64], width: usize) {
    let mut from = 0;
    for (bucket, &scattered) in scattered.iter().enumerate() {
        let first = bucket * width;
        let last = (first + width).min(offsets.len() - 1);
        let (to, end) = (offsets[first] as usize, offsets[last] as usize);
        if from != to {
            entries.copy_within(from..from + (end - to), to);
        }
        from += scattered;
    }
    let kept = offsets.last().copied().unwrap_or(0) as usize;
    if kept < entries.len() {
        entries.truncate(kept);
        entries.shrink_to_fit();
    }
}

/// Sorts and merges packed rows, then parts neighbours from weights.
fn build_packed(
    nodes: usize,
    batches: Vec<EdgeBatch>,
    entry: impl Fn(u32, u32, bool) -> u64 + Sync,
    merge: impl Fn(u32, u32) -> Option<u32> + Sync,
    finish: impl Fn(u32) -> u32 + Sync,
) -> Result<Graph, WeightOverflow> {
    let (offsets, rows) = build_rows(nodes, batches, entry, |row| {
        row.sort_unstable();
        let mut overflow = None;
        let kept = deduplicate(row, |kept, next| {
            let same = *kept >> 32 == *next >> 32;
            if same {
                let sum = merge(*kept as u32, *next as u32);
                overflow = overflow.or(if sum.is_none() {
                    Some(*kept >> 32)
                } else {
                    None
                });
                *kept = *kept >> 32 << 32 | u64::from(sum.unwrap_or(u32::MAX));
            }
            same
        });
        overflow.map_or(Ok(kept), |neighbour| Err(neighbour as u32))
    })?;
    let neighbours = rows.par_iter().map(|&entry| (entry >> 32) as u32).collect();
    let weights = rows.par_iter().map(|&entry| finish(entry as u32)).collect();
    Ok(Graph::from_rows(offsets, neighbours, Some(weights)))
}

/// Moves the kept entries to the front and returns how many there are; `absorb(kept, next)` says
/// whether `next` went into `kept`.
fn deduplicate<T: Copy>(row: &mut [T], mut absorb: impl FnMut(&mut T, &T) -> bool) -> usize {
    let mut kept = 0;
    for i in 0..row.len() {
        let next = row[i];
        if kept == 0 || !absorb(&mut row[kept - 1], &next) {
            row[kept] = next;
            kept += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(edges: &[(u32, u32, u32)]) -> Vec<EdgeBatch> {
        vec![EdgeBatch {
            ends: edges.iter().map(|&(u, v, _)| (u, v)).collect(),
            weights: edges.iter().map(|&(_, _, weight)| weight).collect(),
        }]
    }

    #[test]
    fn each_rule_for_parallel_edges_does_what_it_says() {
        let edges = [(0, 1, 2), (1, 0, 3), (0, 1, 5), (2, 1, 7), (2, 2, 4)];
        let collapsed = graph_from_edges(4, batch(&edges), Parallel::Collapse).unwrap();
        assert_eq!(collapsed.neighbours(1), [0, 2]);
        assert_eq!(collapsed.neighbours(2), [1, 2]);
        assert_eq!((collapsed.arcs(), collapsed.degree(3)), (5, 0));
        let summed = graph_from_edges(4, batch(&edges), Parallel::Sum).unwrap();
        assert_eq!(summed.weights(1), Some(&[10, 7][..]));
        assert_eq!(summed.weighted_degree(2), 7 + 2 * 4);
        let directed = graph_from_edges(4, batch(&edges), Parallel::Directions).unwrap();
        assert_eq!(directed.weights(1), Some(&[2, 1][..]));
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let edges = batch(&[(0, 1, u32::MAX), (1, 0, 1)]);
        assert_eq!(
            graph_from_edges(2, edges, Parallel::Sum),
            Err(WeightOverflow {
                node: 0,
                neighbour: 1
            })
        );
    }

    #[test]
    fn no_nodes_make_an_empty_graph() {
        let graph = graph_from_edges(0, Vec::new(), Parallel::Sum).unwrap();
        assert_eq!((graph.nodes(), graph.arcs()), (0, 0));
    }
}
