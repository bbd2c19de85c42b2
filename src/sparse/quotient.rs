//! Quotients: one node per community, one arc per pair of linked communities.
//!
//! [`Rows`] is what the community kernels read: a graph's rows with the weights' type resolved at
//! compile time, so that an unweighted graph pays for no weights and a quotient may sum beyond
//! `u32`.

use std::ops::Range;

use rayon::prelude::*;

use super::graph::Graph;
use super::partition::Groups;
use super::scratch::{Pad, Pads};
use super::within::{Arcs, leave_out_unlinked};

/// Weights by arc.
pub trait ArcWeights: Copy + Send + Sync {
    /// Weight of `arc`, positive.
    fn get(self, arc: usize) -> u64;
}

/// Every arc weighs 1.
#[derive(Debug, Clone, Copy)]
pub struct Unweighted;

impl ArcWeights for Unweighted {
    #[inline]
    fn get(self, _: usize) -> u64 {
        1
    }
}

impl<S: Sum> ArcWeights for &[S] {
    #[inline]
    fn get(self, arc: usize) -> u64 {
        self[arc].into()
    }
}

/// Targets, or small weights, that are fetched together.
const IN_A_LINE: usize = 16;

/// Borrowed rows of an undirected graph.
///
/// Layout: row `v` is `targets[offsets[v] .. offsets[v + 1]]`, each neighbour once, in any order;
/// `weights` runs beside `targets`.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, W> {
    offsets: &'a [u64],
    targets: &'a [u32],
    weights: W,
}

impl<'a> Rows<'a, Unweighted> {
    /// The rows of `graph`, whatever its edges weigh.
    pub fn unweighted(graph: &'a Graph) -> Self {
        Rows {
            offsets: graph.offsets(),
            targets: graph.targets(),
            weights: Unweighted,
        }
    }
}

impl<'a> Rows<'a, &'a [u32]> {
    /// The rows of `graph` with its `weights`.
    pub fn weighted(graph: &'a Graph, weights: &'a [u32]) -> Self {
        Rows {
            offsets: graph.offsets(),
            targets: graph.targets(),
            weights,
        }
    }
}

impl<'a, W: ArcWeights> Rows<'a, W> {
    /// Number of nodes.
    #[inline]
    pub fn nodes(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Entries of all rows together.
    #[inline]
    pub fn arcs(&self) -> usize {
        self.targets.len()
    }

    /// Neighbours of `v`.
    #[inline]
    pub fn neighbours(&self, v: u32) -> &'a [u32] {
        &self.targets[self.offsets[v as usize] as usize..self.offsets[v as usize + 1] as usize]
    }

    /// Neighbours of all nodes from `first` to `last`, row by row.
    #[inline]
    pub fn stretch(&self, first: u32, last: u32) -> &'a [u32] {
        &self.targets
            [self.offsets[first as usize] as usize..self.offsets[last as usize + 1] as usize]
    }

    /// Brings the rows of `nodes` near, with their weights. Loads that wait for nothing come all at once; reading row after
    /// row would wait for each.
    #[inline]
    pub fn touch(&self, nodes: &[u32]) {
        let mut read = 0;
        for &v in nodes {
            let row = self.offsets[v as usize] as usize..self.offsets[v as usize + 1] as usize;
            for arc in row.clone().step_by(IN_A_LINE).chain(row.last()) {
                read ^= u64::from(self.targets[arc]) ^ self.weights.get(arc);
            }
        }
        std::hint::black_box(read);
    }

    /// Neighbours of `v` with weights.
    #[inline]
    pub fn edges(&self, v: u32) -> impl Iterator<Item = (u32, u64)> + use<'a, W> {
        let start = self.offsets[v as usize] as usize;
        let weights = self.weights;
        self.neighbours(v)
            .iter()
            .enumerate()
            .map(move |(i, &u)| (u, weights.get(start + i)))
    }
}

/// What sums of weights are kept as: `u32` where all weights of a graph together fit, else `u64`.
pub trait Sum: Copy + Default + Send + Sync + TryFrom<u64> + Into<u64> {}

impl Sum for u32 {}
impl Sum for u64 {}

/// The rows of a quotient graph. Loops are left out: they stay with whoever keeps the masses.
#[derive(Debug, Clone)]
pub struct Quotient<S> {
    offsets: Vec<u64>,
    targets: Vec<u32>,
    weights: Vec<S>,
}

impl<S> Default for Quotient<S> {
    fn default() -> Self {
        Quotient {
            offsets: Vec::new(),
            targets: Vec::new(),
            weights: Vec::new(),
        }
    }
}

impl<S: Sum> Quotient<S> {
    /// Borrowed for reading.
    pub fn rows(&self) -> Rows<'_, &[S]> {
        Rows {
            offsets: &self.offsets,
            targets: &self.targets,
            weights: &self.weights,
        }
    }

    /// The same nodes with the arcs between nodes of equal `labels` (one by node) alone.
    #[must_use]
    pub fn within(&self, labels: &[u32]) -> Self {
        let arcs = Arcs {
            offsets: &self.offsets,
            targets: &self.targets,
            weights: &self.weights,
        };
        let (offsets, targets, weights) = arcs.within(labels);
        Quotient {
            offsets,
            targets,
            weights,
        }
    }

    /// The nodes that have neighbours, ascending, and the quotient of their places in that list.
    #[must_use]
    pub fn linked(mut self) -> (Vec<u32>, Self) {
        let (linked, offsets) = leave_out_unlinked(&self.offsets, &mut self.targets);
        self.offsets = offsets;
        (linked, self)
    }
}

/// Nodes that one task merges.
const NODES_PER_CHUNK: usize = 4096;
/// Rows asked for together, see [`Rows::touch`].
pub const ROWS_AT_ONCE: usize = 16;
/// Runs merged before they are joined to the whole: what is in memory twice at one time.
const RUNS_PER_WAVE: usize = 32;

/// Communities cut into runs that hold some `NODES_PER_CHUNK` nodes each (one community at least).
pub fn even_runs(groups: &Groups) -> Vec<Range<usize>> {
    let (mut runs, mut start, mut nodes) = (Vec::new(), 0, 0);
    for (community, members) in groups.iter().enumerate() {
        nodes += members.len();
        if nodes >= NODES_PER_CHUNK {
            runs.push(start..community + 1);
            (start, nodes) = (community + 1, 0);
        }
    }
    if start < groups.len() {
        runs.push(start..groups.len());
    }
    runs
}

/// The quotient of `rows` by `groups`, whose number each node has in `labels`: arc (c, d) weighs as much as
/// all arcs from c to d.
///
/// # Panics
/// If such a sum does not fit into `S`.
///
/// Cost: O(nodes + arcs), in parallel over communities; the order of a row follows from the
/// members' rows alone.
pub fn quotient<W: ArcWeights, S: Sum>(
    rows: &Rows<W>,
    labels: &[u32],
    groups: &Groups,
) -> Quotient<S> {
    let pads = Pads::new(groups.len());
    let mut whole = Quotient {
        offsets: vec![0],
        ..Quotient::default()
    };
    whole.offsets.reserve_exact(groups.len());
    for runs in even_runs(groups).chunks(RUNS_PER_WAVE) {
        let parts: Vec<Quotient<S>> = runs
            .par_iter()
            .map(|run| pads.with(|pad| merge_run(rows, labels, groups, run.clone(), pad)))
            .collect();
        for part in &parts {
            let base = whole.offsets.last().copied().unwrap_or(0);
            let ends = part.offsets.iter().map(|end| base + end);
            whole.offsets.extend(ends);
        }
        let arcs = whole.offsets.last().map_or(0, |&end| end as usize);
        rayon::join(
            || append(&mut whole.targets, arcs, &parts, |part| &part.targets),
            || append(&mut whole.weights, arcs, &parts, |part| &part.weights),
        );
    }
    whole
}

/// Appends a list of every part, which makes `length` entries in all.
fn append<S: Sync, T: Copy>(
    whole: &mut Vec<T>,
    length: usize,
    parts: &[Quotient<S>],
    list: impl Fn(&Quotient<S>) -> &Vec<T>,
) {
    // Room as a list grows anyway, but once.
    whole.reserve(length - whole.len());
    for part in parts {
        whole.extend_from_slice(list(part));
    }
}

/// The rows of some communities; `offsets` holds their ends alone.
fn merge_run<W: ArcWeights, S: Sum>(
    rows: &Rows<W>,
    labels: &[u32],
    groups: &Groups,
    run: Range<usize>,
    pad: &mut Pad,
) -> Quotient<S> {
    let mut part = Quotient::default();
    let mut outward: Vec<(u32, u64)> = Vec::new();
    for community in run {
        let members = groups.get(community);
        outward.clear();
        for near in members.chunks(ROWS_AT_ONCE) {
            rows.touch(near);
            for &v in near {
                let end = outward.len();
                outward.resize(end + rows.neighbours(v).len(), (0, 0));
                let mut kept = end;
                for (u, weight) in rows.edges(v) {
                    // Written in any case and counted if it leads out: whether it does cannot be predicted.
                    let other = labels[u as usize];
                    outward[kept] = (other, weight);
                    kept += usize::from(other as usize != community);
                }
                outward.truncate(kept);
            }
        }
        pad.tally(outward.len(), outward.iter().copied());
        pad.drain(|other, weight| {
            part.targets.push(other);
            let Ok(weight) = S::try_from(weight) else {
                panic!("the caller chose a type that holds the sum of all weights");
            };
            part.weights.push(weight);
        });
        part.offsets.push(part.targets.len() as u64);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
    use crate::sparse::partition::Partition;

    #[test]
    fn arcs_between_communities_add_up() {
        let ends = vec![(0, 1), (1, 2), (2, 3), (0, 3), (1, 3), (4, 4)];
        let graph = graph_from_edges(
            5,
            vec![EdgeBatch {
                ends,
                weights: Vec::new(),
            }],
            Parallel::Collapse,
        )
        .unwrap();
        let partition = Partition::from_labels(vec![0, 0, 1, 1, 4]);
        let quotient: Quotient<u32> = quotient(
            &Rows::unweighted(&graph),
            partition.labels(),
            &partition.groups(),
        );
        let rows = quotient.rows();
        assert_eq!(rows.nodes(), 3);
        assert_eq!(rows.edges(0).collect::<Vec<_>>(), [(1, 3)]);
        assert_eq!(rows.edges(1).collect::<Vec<_>>(), [(0, 3)]);
        assert_eq!(rows.edges(2).count(), 0);
    }
}
