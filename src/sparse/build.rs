//! Unordered edges to [`Graph`]: a parallel counting sort by row.
//!
//! Three passes: count the entries of every row, scatter each edge into the rows of both its ends,
//! sort every row and merge what names the same neighbour. Threads race for the slots *inside* a
//! row; sorting the row afterwards erases who won, so the graph does not depend on them.
//!
//! Encoding: while scattered, an entry is its neighbour alone (`u32`), or `neighbour << 32 | weight`
//! (`u64`) where weights matter; both sort by neighbour.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

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

/// Rows of a chunk that one task sorts and merges.
const ROWS_PER_CHUNK: usize = 4096;

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
    let offsets = count_rows(nodes, &batches);
    match parallel {
        Parallel::Collapse => {
            let rows = scatter_plain(&offsets, batches);
            let (offsets, neighbours) = merge_rows(offsets, rows, |row| {
                row.sort_unstable();
                Ok(deduplicate(row, |kept, next| kept == next))
            })?;
            Ok(Graph::from_rows(offsets, neighbours, None))
        }
        Parallel::Sum => {
            let rows = scatter_packed(&offsets, batches, |weight, _| weight);
            build_packed(offsets, rows, u32::checked_add, |sum| sum)
        }
        Parallel::Directions => {
            let rows = scatter_packed(&offsets, batches, |_, outgoing| 1 + u32::from(outgoing));
            build_packed(offsets, rows, |seen, way| Some(seen | way), u32::count_ones)
        }
    }
}

/// Row borders: entries of every row, summed up.
fn count_rows(nodes: usize, batches: &[EdgeBatch]) -> Vec<u64> {
    let degrees: Vec<AtomicU32> = (0..nodes).map(|_| AtomicU32::new(0)).collect();
    batches.par_iter().for_each(|batch| {
        for &(u, v) in &batch.ends {
            degrees[u as usize].fetch_add(1, Relaxed);
            if u != v {
                degrees[v as usize].fetch_add(1, Relaxed);
            }
        }
    });
    let mut offsets = Vec::with_capacity(nodes + 1);
    let mut total = 0;
    offsets.push(0);
    offsets.extend(degrees.into_iter().map(|degree| {
        total += u64::from(degree.into_inner());
        total
    }));
    offsets
}

fn cursors(offsets: &[u64]) -> Vec<AtomicU64> {
    offsets
        .iter()
        .map(|&offset| AtomicU64::new(offset))
        .collect()
}

fn scatter_plain(offsets: &[u64], batches: Vec<EdgeBatch>) -> Vec<u32> {
    let next = cursors(offsets);
    let slots: Vec<AtomicU32> = (0..arcs(offsets)).map(|_| AtomicU32::new(0)).collect();
    let put = |row: u32, neighbour: u32| {
        slots[next[row as usize].fetch_add(1, Relaxed) as usize].store(neighbour, Relaxed);
    };
    batches.into_par_iter().for_each(|batch| {
        for (u, v) in batch.ends {
            put(u, v);
            if u != v {
                put(v, u);
            }
        }
    });
    slots.into_iter().map(AtomicU32::into_inner).collect()
}

fn scatter_packed(
    offsets: &[u64],
    batches: Vec<EdgeBatch>,
    value: impl Fn(u32, bool) -> u32 + Sync,
) -> Vec<u64> {
    let next = cursors(offsets);
    let slots: Vec<AtomicU64> = (0..arcs(offsets)).map(|_| AtomicU64::new(0)).collect();
    let put = |row: u32, neighbour: u32, value: u32| {
        let slot = next[row as usize].fetch_add(1, Relaxed) as usize;
        slots[slot].store(u64::from(neighbour) << 32 | u64::from(value), Relaxed);
    };
    batches.into_par_iter().for_each(|batch| {
        for (edge, (u, v)) in batch.ends.into_iter().enumerate() {
            let weight = batch.weights.get(edge).copied().unwrap_or(1);
            put(u, v, value(weight, true));
            if u != v {
                put(v, u, value(weight, false));
            }
        }
    });
    slots.into_iter().map(AtomicU64::into_inner).collect()
}

fn arcs(offsets: &[u64]) -> u64 {
    offsets.last().copied().unwrap_or(0)
}

/// Sorts and merges packed rows, then parts neighbours from weights.
fn build_packed(
    offsets: Vec<u64>,
    rows: Vec<u64>,
    merge: impl Fn(u32, u32) -> Option<u32> + Sync,
    finish: impl Fn(u32) -> u32 + Sync,
) -> Result<Graph, WeightOverflow> {
    let (offsets, rows) = merge_rows(offsets, rows, |row| {
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

/// Runs `tidy` on every row, which sorts it and says how many entries stay at its front (or which
/// neighbour's weight overflowed), and closes the gaps.
fn merge_rows<T: Copy + Send>(
    offsets: Vec<u64>,
    mut entries: Vec<T>,
    tidy: impl Fn(&mut [T]) -> Result<usize, u32> + Sync,
) -> Result<(Vec<u64>, Vec<T>), WeightOverflow> {
    let nodes = offsets.len() - 1;
    let mut kept = vec![0u32; nodes];
    let mut rest = entries.as_mut_slice();
    let mut chunks = Vec::with_capacity(nodes.div_ceil(ROWS_PER_CHUNK));
    for (chunk, kept) in kept.chunks_mut(ROWS_PER_CHUNK).enumerate() {
        let first = chunk * ROWS_PER_CHUNK;
        let length = (offsets[first + kept.len()] - offsets[first]) as usize;
        let (head, tail) = rest.split_at_mut(length);
        rest = tail;
        chunks.push((first, kept, head));
    }
    chunks
        .into_par_iter()
        .try_for_each(|(first, kept, entries)| {
            let base = offsets[first];
            for (i, kept) in kept.iter_mut().enumerate() {
                let row =
                    (offsets[first + i] - base) as usize..(offsets[first + i + 1] - base) as usize;
                let node = (first + i) as u32;
                *kept = tidy(&mut entries[row]).map_err(|other| WeightOverflow {
                    node: node.min(other),
                    neighbour: node.max(other),
                })? as u32;
            }
            Ok(())
        })?;
    Ok(close_gaps(offsets, entries, &kept))
}

/// Moves rows together that have become shorter.
fn close_gaps<T: Copy>(
    mut offsets: Vec<u64>,
    mut entries: Vec<T>,
    kept: &[u32],
) -> (Vec<u64>, Vec<T>) {
    if kept.iter().map(|&kept| u64::from(kept)).sum::<u64>() == entries.len() as u64 {
        return (offsets, entries);
    }
    let mut end = 0;
    for (node, &kept) in kept.iter().enumerate() {
        let start = offsets[node] as usize;
        entries.copy_within(start..start + kept as usize, end);
        offsets[node] = end as u64;
        end += kept as usize;
    }
    offsets[kept.len()] = end as u64;
    entries.truncate(end);
    entries.shrink_to_fit();
    (offsets, entries)
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
