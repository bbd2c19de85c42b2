//! `Inside`: a community copied out of its graph, small enough to stay in the nearest caches.

use super::local_moving::Level;
use crate::sparse::quotient::{ArcWeights, ROWS_AT_ONCE, Sum};

/// The nodes of a community, numbered from 0, and the arcs between them.
///
/// Layout: node `i` has the ties `ends[i - 1] .. ends[i]`, each to another node of the community; loops are
/// left out. `S` holds the sum of all weights.
#[derive(Default)]
pub(super) struct Inside<S> {
    masses: Vec<u64>,
    ends: Vec<usize>,
    ties: Vec<(u32, S)>,
}

impl<S: Sum> Inside<S> {
    /// Copies `members`; `place` numbers them in a row, and nobody else with the same numbers.
    pub(super) fn copy<W: ArcWeights>(
        &mut self,
        level: &Level<W>,
        members: &[u32],
        place: impl Fn(u32) -> u32,
    ) {
        self.clear();
        let Some(first) = members.first().map(|&v| place(v)) else {
            return;
        };
        let count = members.len() as u32;
        let mut end = 0;
        for near in members.chunks(ROWS_AT_ONCE) {
            level.rows.touch(near);
            for &v in near {
                self.masses.push(level.masses[v as usize]);
                self.ties
                    .resize(end + level.rows.neighbours(v).len(), (0, S::default()));
                let mut kept = end;
                for (u, weight) in level.rows.edges(v) {
                    // Written in any case and counted if it is inside: whether it is cannot be predicted.
                    let other = place(u).wrapping_sub(first);
                    self.ties[kept] = (other, S::try_from(weight).unwrap_or_default());
                    kept += usize::from(other < count) & usize::from(u != v);
                }
                end = kept;
                self.ends.push(end);
            }
        }
        self.ties.truncate(end);
    }

    /// The graph of the parts, of which there are `count`, given each node's: into `merged`.
    pub(super) fn quotient(&self, part_by_node: &[u32], count: usize, merged: &mut Self) {
        merged.clear();
        merged.masses.resize(count, 0);
        let mut next = vec![0; count + 1];
        for (&part, &mass) in part_by_node.iter().zip(&self.masses) {
            merged.masses[part as usize] += mass;
            next[part as usize + 1] += 1;
        }
        for part in 0..count {
            next[part + 1] += next[part];
        }
        let mut members = vec![0; part_by_node.len()];
        for (v, &part) in part_by_node.iter().enumerate() {
            let slot = &mut next[part as usize];
            members[*slot] = v;
            *slot += 1;
        }
        // Now `next[part]` is where the part's members end.
        let mut sums = vec![0u64; count];
        let mut start = 0;
        for (part, &end) in next[..count].iter().enumerate() {
            let first = merged.ties.len();
            for &v in &members[start..end] {
                for &(u, weight) in self.ties(v) {
                    let other = part_by_node[u as usize];
                    let sum = &mut sums[other as usize];
                    if *sum == 0 && other as usize != part {
                        merged.ties.push((other, S::default()));
                    }
                    *sum += weight.into();
                }
            }
            sums[part] = 0;
            for (other, weight) in &mut merged.ties[first..] {
                let sum = std::mem::take(&mut sums[*other as usize]);
                *weight = S::try_from(sum).unwrap_or_default();
            }
            merged.ends.push(merged.ties.len());
            start = end;
        }
    }

    fn clear(&mut self) {
        self.masses.clear();
        self.ends.clear();
        self.ties.clear();
    }

    pub(super) fn nodes(&self) -> usize {
        self.masses.len()
    }

    /// Mass by node.
    pub(super) fn masses(&self) -> &[u64] {
        &self.masses
    }

    #[inline]
    pub(super) fn ties(&self, node: usize) -> &[(u32, S)] {
        let start = node.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ties[start..self.ends[node]]
    }

    /// Weight from `node` to all others.
    pub(super) fn cut(&self, node: usize) -> u64 {
        self.ties(node)
            .iter()
            .map(|&(_, weight)| weight.into())
            .sum()
    }

    /// Weight of all arcs.
    pub(super) fn weight(&self) -> u64 {
        self.ties.iter().map(|&(_, weight)| weight.into()).sum()
    }
}
