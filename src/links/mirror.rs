//! From finished rows of pairs to the graph that communities are found in: each pair in both its rows.
//!
//! Rows come in the order of nodes and hold larger nodes only. So if all pairs are gone through in that order,
//! every row gets its smaller neighbours first, ascending, and then its own: no row needs sorting. The rows of
//! the graph are cut into ranges of about equally many arcs, and each range goes through the pairs by itself,
//! so that what it writes to stays small and no two write to the same place.
//!
//! Ranges are written from the last to the first, because the pairs of a node are in no row before its own: what
//! is behind is freed, and pairs and graph together never take more than the graph alone in the end. For that to
//! be true the pairs lie in few large blocks, which go back to the system when they are freed, as thousands of
//! small ones would not. Before that, pairs may leave whose nodes are in no heavy pair: a search need not go past them.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rayon::prelude::*;

use crate::base::weight::MICRO;
use crate::kernels::pairs::Pairs;
use crate::links::thinning::{Kept, Room, Row, Thinning};
use crate::sparse::chunks;
use crate::sparse::graph::Graph;

/// Micro-units in one unit of a stored link weight: 32 bits then reach 4 million nats.
pub const MICRO_PER_STORED: u64 = 1000;

/// Stored weight units in one unit (nat).
pub const STORED_PER_UNIT: f64 = (MICRO / MICRO_PER_STORED) as f64;

/// Ranges of rows. Each costs two searches in every row of pairs.
const RANGES: u64 = 16;
/// Ranges written side by side, before what is behind them is freed.
const RANGES_AT_ONCE: usize = 4;

/// Pairs in a block: each of its lists is then as large as what allocators ask the system for by itself.
const BLOCK: usize = 1 << 23;
/// Rows of pairs that one task looks at.
const ROWS_PER_TASK: usize = 1 << 12;
/// What a pair weighs at least.
const LIGHTEST: u32 = 1;
/// Pairs counted by one task.
const COUNTED: usize = 1 << 16;

/// A weight in micro-units as it is stored.
pub(super) fn stored(micro: u64) -> u32 {
    let stored = u32::try_from(micro.div_ceil(MICRO_PER_STORED));
    stored.unwrap_or(u32::MAX).max(LIGHTEST)
}

/// Some finished rows in the form that is kept: eight bytes a pair.
#[derive(Default)]
pub(super) struct Piece {
    rows: PairRows,
    /// Pairs, with those that were left out.
    pub(super) pairs: u64,
    /// The same by the number of the source.
    pub(super) by_source: Vec<u64>,
}

/// Rows of pairs, in the order of nodes.
#[derive(Default)]
struct PairRows {
    /// Each row with a pair: its node, and where it ends in `other` and `weight`.
    ends: Vec<(u32, u32)>,
    /// The larger node.
    other: Vec<u32>,
    /// Thousandths of a unit, at least [`LIGHTEST`], saturating.
    weight: Vec<u32>,
}

impl PairRows {
    /// Each row with a pair: `(node, others, weights)`.
    fn iter(&self) -> impl Iterator<Item = Paired<'_>> {
        self.of(&self.ends, 0)
    }

    /// The same in runs of rows, for tasks.
    fn runs(&self) -> impl IndexedParallelIterator<Item = impl Iterator<Item = Paired<'_>>> {
        let runs = self.ends.par_chunks(ROWS_PER_TASK).enumerate();
        runs.map(|(nth, ends)| {
            let before = (nth * ROWS_PER_TASK).checked_sub(1);
            self.of(ends, before.map_or(0, |row| self.ends[row].1))
        })
    }

    /// The rows that end at `ends`, the first of which begins at `start`.
    fn of<'a>(&'a self, ends: &'a [(u32, u32)], start: u32) -> impl Iterator<Item = Paired<'a>> {
        let starts = std::iter::once(start).chain(ends.iter().map(|row| row.1));
        ends.iter().zip(starts).map(|(&(node, end), start)| {
            let row = start as usize..end as usize;
            (node, &self.other[row.clone()], &self.weight[row])
        })
    }

    /// Of `rows` the pairs of nodes that both stay.
    fn among<'a>(rows: impl Iterator<Item = Paired<'a>>, stays: impl Fn(u32) -> bool) -> Self {
        let mut left = PairRows::default();
        for (node, others, weights) in rows.filter(|row| stays(row.0)) {
            let before = left.other.len();
            for (&other, &weight) in others.iter().zip(weights) {
                if stays(other) {
                    left.other.push(other);
                    left.weight.push(weight);
                }
            }
            if left.other.len() > before {
                left.ends.push((node, left.other.len() as u32));
            }
        }
        left
    }

    /// Appends the rows that come next.
    fn append(&mut self, rows: &PairRows) {
        let before = self.other.len() as u32;
        let ends = rows.ends.iter().map(|&(node, end)| (node, before + end));
        self.ends.extend(ends);
        self.other.extend_from_slice(&rows.other);
        self.weight.extend_from_slice(&rows.weight);
    }

    /// With room for `pairs`.
    fn with_room(pairs: usize) -> Self {
        PairRows {
            ends: Vec::new(),
            other: Vec::with_capacity(pairs),
            weight: Vec::with_capacity(pairs),
        }
    }
}

/// A node, the larger ones it is paired with, and how much.
type Paired<'a> = (u32, &'a [u32], &'a [u32]);

/// All finished rows, to be mirrored.
#[derive(Default)]
pub(super) struct Blocks(Vec<PairRows>);

impl Blocks {
    /// Appends the rows that come next.
    pub(super) fn push(&mut self, piece: &Piece) {
        let rows = &piece.rows;
        let fits = |block: &PairRows| block.other.len() + rows.other.len() <= BLOCK;
        if !self.0.last().is_some_and(fits) {
            let room = BLOCK.max(rows.other.len());
            self.0.push(PairRows::with_room(room));
        }
        if let Some(block) = self.0.last_mut() {
            block.append(rows);
        }
    }

    /// The pairs of nodes that both have a pair of at least `least`, with each other or with others. Cost: `O(pairs)`,
    /// in parallel; what is left is there twice for a moment.
    pub(super) fn among(mut self, nodes: usize, least: u32) -> Self {
        if least <= LIGHTEST {
            return self;
        }
        let bound: Vec<AtomicBool> = (0..nodes).map(|_| AtomicBool::new(false)).collect();
        let is_bound = |node: u32| bound[node as usize].load(Ordering::Relaxed);
        for rows in self.0.iter().map(PairRows::runs) {
            rows.flatten_iter().for_each(|(node, others, weights)| {
                let heavy = others.iter().zip(weights).filter(|pair| *pair.1 >= least);
                for (&other, _) in heavy {
                    bound[node as usize].store(true, Ordering::Relaxed);
                    bound[other as usize].store(true, Ordering::Relaxed);
                }
            });
        }
        for block in &mut self.0 {
            let runs = block.runs().map(|rows| PairRows::among(rows, is_bound));
            let runs: Vec<PairRows> = runs.collect();
            *block = PairRows::with_room(runs.iter().map(|rows| rows.other.len()).sum());
            for rows in &runs {
                block.append(rows);
            }
        }
        self
    }
}

impl Piece {
    /// Links that are kept.
    pub(super) fn kept(&self) -> usize {
        self.rows.other.len()
    }

    /// What is kept of `pairs`, whose rows come in the order of nodes and may be in any order themselves.
    pub(super) fn new(pairs: &Pairs, thinning: Thinning) -> Self {
        let mut rows = PairRows::default();
        let (mut weights, mut room, mut words) = (Vec::new(), Room::default(), Vec::new());
        let mut start = 0;
        for row in pairs.node.chunk_by(|a, b| a == b) {
            let end = start + row.len();
            weights.clear();
            weights.extend(pairs.weight[start..end].iter().copied().map(stored));
            let row = Row {
                node: row[0],
                others: &pairs.other[start..end],
                weights: &weights,
                sources: &pairs.sources[start..end],
            };
            let mut kept = Kept {
                others: &mut rows.other,
                weights: &mut rows.weight,
            };
            let first = kept.others.len();
            thinning.keep(&row, &mut room, &mut kept);
            in_order(
                &mut rows.other[first..],
                &mut rows.weight[first..],
                &mut words,
            );
            rows.ends.push((row.node, rows.other.len() as u32));
            start = end;
        }
        let used = pairs.sources.iter().fold(0, |used, bits| used | bits);
        let by_source = (0..u32::BITS - used.leading_zeros()).map(|source| {
            let linked = pairs.sources.iter().map(|&bits| bits >> source & 1);
            linked.map(u64::from).sum()
        });
        Piece {
            rows,
            pairs: pairs.len() as u64,
            by_source: by_source.collect(),
        }
    }
}

/// Brings a row into the order of its `others`, with their `weights`.
fn in_order(others: &mut [u32], weights: &mut [u32], words: &mut Vec<u64>) {
    if others.is_sorted() {
        return;
    }
    // Other and weight in one word: such are sorted fastest.
    words.clear();
    let row = others.iter().zip(&*weights);
    words.extend(row.map(|(&other, &weight)| u64::from(other) << 32 | u64::from(weight)));
    words.sort_unstable();
    for ((other, weight), &word) in others.iter_mut().zip(weights).zip(&*words) {
        (*other, *weight) = ((word >> 32) as u32, word as u32);
    }
}

/// The graph on `nodes` nodes of all `blocks`.
///
/// Cost: `O(pairs)`; 16 bytes a pair, those of the blocks included.
pub(super) fn mirror(nodes: usize, mut blocks: Blocks) -> Graph {
    let offsets = offsets(nodes, &blocks);
    let arcs = offsets[nodes];
    let (mut neighbours, mut weights) = (vec![0; arcs as usize], vec![0; arcs as usize]);
    let mut rest = (neighbours.as_mut_slice(), weights.as_mut_slice());
    let mut ranges = Vec::new();
    for range in chunks::by_work(&offsets, (arcs + nodes as u64).div_ceil(RANGES)) {
        let length = (offsets[range.end] - offsets[range.start]) as usize;
        let (neighbours, more_neighbours) = rest.0.split_at_mut(length);
        let (weights, more_weights) = rest.1.split_at_mut(length);
        rest = (more_neighbours, more_weights);
        ranges.push((range, neighbours, weights));
    }
    for ranges in ranges.rchunks_mut(RANGES_AT_ONCE) {
        ranges
            .par_iter_mut()
            .with_max_len(1)
            .for_each(|(range, neighbours, weights)| {
                fill(&offsets, range.clone(), &blocks, neighbours, weights);
            });
        let first = ranges.first().map_or(0, |(range, ..)| range.start as u32);
        let behind = |block: &PairRows| block.ends.first().is_none_or(|row| row.0 >= first);
        while blocks.0.last().is_some_and(behind) {
            blocks.0.pop();
        }
    }
    Graph::from_rows(offsets, neighbours, Some(weights))
}

/// Writes the rows in `range`, which begin at `offsets`, less where the first begins.
fn fill(
    offsets: &[u64],
    range: Range<usize>,
    blocks: &Blocks,
    neighbours: &mut [u32],
    weights: &mut [u32],
) {
    let first = offsets[range.start];
    let starts = offsets[range.clone()].iter();
    let mut next: Vec<usize> = starts.map(|&start| (start - first) as usize).collect();
    let (low, high) = (range.start as u32, range.end as u32);
    let rows = blocks.0.iter().flat_map(PairRows::iter);
    for (node, others, values) in rows.take_while(|row| row.0 < high) {
        let from = others.partition_point(|&other| other < low);
        let to = from + others[from..].partition_point(|&other| other < high);
        for (other, &value) in others[from..to].iter().zip(&values[from..to]) {
            let slot = &mut next[(other - low) as usize];
            (neighbours[*slot], weights[*slot]) = (node, value);
            *slot += 1;
        }
        if node >= low {
            let start = next[(node - low) as usize];
            let own = start..start + others.len();
            neighbours[own.clone()].copy_from_slice(others);
            weights[own].copy_from_slice(values);
        }
    }
}

/// Where the rows begin that have each pair from both its ends.
fn offsets(nodes: usize, blocks: &Blocks) -> Vec<u64> {
    let degree: Vec<AtomicU32> = (0..nodes).map(|_| AtomicU32::new(0)).collect();
    for block in &blocks.0 {
        for (node, others, _) in block.iter() {
            degree[node as usize].fetch_add(others.len() as u32, Ordering::Relaxed);
        }
        block.other.par_chunks(COUNTED).for_each(|others| {
            for &other in others {
                degree[other as usize].fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let mut offsets = Vec::with_capacity(nodes + 1);
    let mut end = 0;
    offsets.push(0);
    offsets.extend(degree.into_iter().map(|degree| {
        end += u64::from(degree.into_inner());
        end
    }));
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance;

    #[test]
    fn every_pair_is_in_both_rows_and_rows_ascend() {
        let nodes = 300u32;
        let weight = |a: u32, b: u32| u64::from(a.min(b) * 7 + a.max(b)) * 1_000;
        let linked = |a: u32, b: u32| {
            let bits = chance::draw(9, u64::from(a.min(b)), u64::from(a.max(b)));
            a != b && bits.is_multiple_of(5)
        };
        let row = |node| (node + 1..nodes).filter(move |&other| linked(node, other));
        let pieces = (0..nodes).step_by(32).map(|first| {
            let mut pairs = Pairs::default();
            for node in first..nodes.min(first + 32) {
                let mut others: Vec<u32> = row(node).collect();
                let middle = node as usize % others.len().max(1);
                others.rotate_left(middle);
                for other in others {
                    pairs.node.push(node);
                    pairs.other.push(other);
                    pairs.weight.push(weight(node, other));
                    pairs.sources.push(2);
                }
            }
            Piece::new(&pairs, Thinning::NONE)
        });
        let mut blocks = Blocks::default();
        let mut pairs = 0;
        for piece in pieces {
            blocks.push(&piece);
            pairs += piece.by_source[1];
            // As if the next did not fit: blocks are freed while others are still needed.
            blocks.0.push(PairRows::default());
        }
        let graph = mirror(nodes as usize, blocks);
        assert_eq!(graph.arcs() as u64, 2 * pairs);
        for node in 0..nodes {
            let expected: Vec<(u32, u32)> = (0..nodes)
                .filter(|&other| linked(node, other))
                .map(|other| (other, (weight(node, other) / 1_000).max(1) as u32))
                .collect();
            assert_eq!(graph.edges(node).collect::<Vec<_>>(), expected);
        }
        assert_eq!(mirror(0, Blocks::default()).nodes(), 0);
    }

    #[test]
    fn nodes_without_a_heavy_pair_leave_with_all_their_pairs() {
        let rows = [
            (0, vec![1, 2, 4], vec![5, 9, 5]),
            (1, vec![2, 3], vec![5, 5]),
            (4, vec![5], vec![12]),
            (6, vec![7], vec![8]),
        ];
        let mut blocks = Blocks::default();
        for (node, others, weights) in rows {
            let mut pairs = Pairs::default();
            for (&other, &weight) in others.iter().zip(&weights) {
                pairs.node.push(node);
                pairs.other.push(other);
                pairs.weight.push(weight * MICRO_PER_STORED);
                pairs.sources.push(1);
            }
            blocks.push(&Piece::new(&pairs, Thinning::NONE));
        }
        let graph = mirror(8, blocks.among(8, 9));
        assert_eq!(graph.edges(0).collect::<Vec<_>>(), [(2, 9), (4, 5)]);
        assert_eq!(graph.edges(2).collect::<Vec<_>>(), [(0, 9)]);
        assert_eq!(graph.edges(4).collect::<Vec<_>>(), [(0, 5), (5, 12)]);
        assert_eq!(graph.arcs(), 6);
    }
}
