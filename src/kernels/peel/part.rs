//! `Part`: a piece of a bipartite graph, and what is left of it without some edges.

use crate::sparse::rows::Rows;

/// A bipartite graph whose nodes are its rows and, behind them, its columns.
///
/// Layout: node `v` is called `names[v]`, a row if `v < rows`, else a column; both kinds ascend by name.
/// The neighbours of `v` are `others[offsets[v] .. offsets[v + 1]]`, ascending; an edge stands at both
/// ends and is worth `worth[column]` (rows: 0).
#[derive(Debug, Default)]
pub(super) struct Part {
    names: Vec<u32>,
    rows: usize,
    offsets: Vec<u64>,
    others: Vec<u32>,
    worth: Vec<u32>,
}

impl Part {
    /// All rows and columns, with those edges that are worth something.
    pub(super) fn whole(of_row: &Rows, worth: &[u32]) -> Self {
        let (rows, columns) = (of_row.len(), worth.len());
        let edges_of = |row: u32| {
            of_row
                .get(row)
                .iter()
                .copied()
                .filter(|&column| worth[column as usize] > 0)
        };
        let mut offsets = vec![0u64; rows + columns + 1];
        for row in 0..rows as u32 {
            for column in edges_of(row) {
                offsets[row as usize + 1] += 1;
                offsets[rows + column as usize + 1] += 1;
            }
        }
        for node in 0..rows + columns {
            offsets[node + 1] += offsets[node];
        }
        let mut next = offsets.clone();
        let mut others = vec![0; offsets.last().map_or(0, |&end| end as usize)];
        for row in 0..rows as u32 {
            for column in edges_of(row) {
                let column = rows as u32 + column;
                for (from, to) in [(row, column), (column, row)] {
                    let slot = &mut next[from as usize];
                    others[*slot as usize] = to;
                    *slot += 1;
                }
            }
        }
        Part {
            names: (0..rows as u32).chain(0..columns as u32).collect(),
            rows,
            offsets,
            others,
            worth: std::iter::repeat_n(0, rows)
                .chain(worth.iter().copied())
                .collect(),
        }
    }

    /// Number of nodes.
    pub(super) fn nodes(&self) -> usize {
        self.names.len()
    }

    /// Neighbours of `node` with the worth of the edge.
    #[inline]
    pub(super) fn edges(&self, node: u32) -> impl Iterator<Item = (u32, u64)> {
        let range = self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize;
        self.others[range].iter().map(move |&other| {
            // Columns stand behind rows, so the larger end is the column.
            let column = node.max(other);
            (other, u64::from(self.worth[column as usize]))
        })
    }

    /// What the edges of every node are worth together.
    pub(super) fn ties(&self) -> Vec<u64> {
        (0..self.nodes() as u32)
            .map(|node| self.edges(node).map(|(_, worth)| worth).sum())
            .collect()
    }

    /// What all edges are worth: each once.
    pub(super) fn total(ties: &[u64]) -> u64 {
        ties.iter().sum::<u64>() / 2
    }

    /// The names of the rows and of the columns among `nodes`, which ascend.
    pub(super) fn names(&self, nodes: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let border = nodes.partition_point(|&node| (node as usize) < self.rows);
        let names = |nodes: &[u32]| nodes.iter().map(|&v| self.names[v as usize]).collect();
        (names(&nodes[..border]), names(&nodes[border..]))
    }

    /// The connected pieces that remain when the edges inside `taken` go, and then, again and again,
    /// every node whose edges are worth `floor` or less: no block denser than `floor` loses anything by
    /// that, because its sparsest member is tied to it by at least its density. O(edges).
    pub(super) fn without(&self, taken: &[bool], floor: u64) -> Vec<Part> {
        let stays = |u: u32, v: u32| !(taken[u as usize] && taken[v as usize]);
        let mut ties: Vec<u64> = (0..self.nodes() as u32)
            .map(|u| {
                let edges = self.edges(u).filter(|&(v, _)| stays(u, v));
                edges.map(|(_, worth)| worth).sum()
            })
            .collect();
        let mut loose: Vec<u32> = (0..self.nodes() as u32)
            .filter(|&node| ties[node as usize] <= floor)
            .collect();
        let mut child_of: Vec<u32> = vec![UNSEEN; self.nodes()];
        for &node in &loose {
            child_of[node as usize] = GONE;
        }
        while let Some(u) = loose.pop() {
            for (v, worth) in self.edges(u).filter(|&(v, _)| stays(u, v)) {
                ties[v as usize] -= worth;
                if child_of[v as usize] == UNSEEN && ties[v as usize] <= floor {
                    child_of[v as usize] = GONE;
                    loose.push(v);
                }
            }
        }
        let mut pieces = Vec::new();
        for start in 0..self.nodes() as u32 {
            if child_of[start as usize] == UNSEEN {
                let piece = self.reach(start, stays, &mut child_of);
                pieces.push(self.cut(&piece, stays, &child_of));
            }
        }
        pieces
    }

    /// The nodes connected to `start`, ascending; marks them with their number in that list.
    fn reach(
        &self,
        start: u32,
        stays: impl Fn(u32, u32) -> bool,
        child_of: &mut [u32],
    ) -> Vec<u32> {
        let mut piece = vec![start];
        child_of[start as usize] = 0;
        let mut looked_at = 0;
        while let Some(&u) = piece.get(looked_at) {
            looked_at += 1;
            for (v, _) in self.edges(u) {
                if child_of[v as usize] == UNSEEN && stays(u, v) {
                    child_of[v as usize] = 0;
                    piece.push(v);
                }
            }
        }
        piece.sort_unstable();
        for (number, &node) in piece.iter().enumerate() {
            child_of[node as usize] = number as u32;
        }
        piece
    }

    fn cut(&self, piece: &[u32], stays: impl Fn(u32, u32) -> bool, child_of: &[u32]) -> Part {
        let mut part = Part {
            rows: piece.partition_point(|&node| (node as usize) < self.rows),
            names: piece
                .iter()
                .map(|&node| self.names[node as usize])
                .collect(),
            worth: piece
                .iter()
                .map(|&node| self.worth[node as usize])
                .collect(),
            offsets: vec![0],
            others: Vec::new(),
        };
        for &u in piece {
            let edges = self.edges(u).map(|(v, _)| v);
            let here = edges.filter(|&v| child_of[v as usize] != GONE && stays(u, v));
            part.others.extend(here.map(|v| child_of[v as usize]));
            part.offsets.push(part.others.len() as u64);
        }
        part
    }
}

/// Marks a node that no piece has reached yet.
const UNSEEN: u32 = u32::MAX;
/// Marks a node that is too loosely tied for any piece.
const GONE: u32 = u32::MAX - 1;
