//! Disjoint sets on atomics: many threads link, the answer is the same.
//!
//! Every set is a tree in `parents`; links always hang the larger root under the smaller, so the
//! root of a finished set is its smallest element whoever linked first.
//!
//! Reference: Sutton, Ben-Nun, Barak, *Optimizing Parallel Graph Connectivity Computation via
//! Subgraph Sampling*, IPDPS 2018 (its `link` and `compress`).

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

/// Elements that are worth a task of their own: most sets of sets are of a handful of elements.
const A_TASK: usize = 4096;

/// Disjoint sets over `0..n`. `parents[x] <= x` always; a root is its own parent.
#[derive(Debug)]
pub struct UnionFind {
    parents: Vec<AtomicU32>,
}

impl UnionFind {
    /// `n` sets of one.
    pub fn new(n: usize) -> Self {
        UnionFind {
            parents: (0..n as u32)
                .into_par_iter()
                .with_min_len(A_TASK)
                .map(AtomicU32::new)
                .collect(),
        }
    }

    /// The parent of `x`: its set's smallest element after [`Self::compress`].
    #[inline]
    pub fn parent(&self, x: u32) -> u32 {
        self.parents[x as usize].load(Relaxed)
    }

    /// The root of `x` now.
    pub fn find(&self, mut x: u32) -> u32 {
        loop {
            let parent = self.parent(x);
            if parent == x {
                return x;
            }
            x = parent;
        }
    }

    /// Hangs `x` where `neighbour` hangs, if that is smaller, and so puts both into one set. Many threads may do so, but each
    /// `x` once, and before anything is linked.
    #[inline]
    pub fn hang(&self, x: u32, neighbour: u32) {
        if neighbour < x {
            self.parents[x as usize].store(self.parent(neighbour), Relaxed);
        }
    }

    /// Hangs `x` under its root. Not while others link.
    #[inline]
    pub fn raise(&self, x: u32) {
        self.parents[x as usize].store(self.find(x), Relaxed);
    }

    /// Hangs `x` under its parent's parent. Others may link at once: only roots are linked, and those stay.
    #[inline]
    pub fn lift(&self, x: u32) {
        let parent = self.parent(x);
        let above = self.parent(parent);
        if above != parent {
            self.parents[x as usize].store(above, Relaxed);
        }
    }

    /// Puts `u` and `v` into one set. May be called from many threads at once.
    #[inline]
    pub fn link(&self, u: u32, v: u32) {
        let (mut a, mut b) = (self.parent(u), self.parent(v));
        while a != b {
            let (high, low) = if a > b { (a, b) } else { (b, a) };
            let parent = self.parent(high);
            if parent == low {
                return;
            }
            let slot = &self.parents[high as usize];
            if parent == high && slot.compare_exchange(high, low, Relaxed, Relaxed).is_ok() {
                return;
            }
            a = self.parent(self.parent(high));
            b = self.parent(low);
        }
    }

    /// Hangs every element directly under its root. Not while others link.
    pub fn compress(&self) {
        self.parents
            .par_iter()
            .with_min_len(A_TASK)
            .for_each(|slot| {
                // Two steps unasked: whether the first is the last nobody can foresee, whether the second is, mostly.
                let mut parent = self.parent(slot.load(Relaxed));
                loop {
                    let above = self.parent(parent);
                    if above == parent {
                        break;
                    }
                    parent = above;
                }
                slot.store(parent, Relaxed);
            });
    }

    /// Puts all `elements` in one set.
    pub fn link_all(&self, elements: &[u32]) {
        for pair in elements.windows(2) {
            self.link(pair[0], pair[1]);
        }
    }

    /// The elements of each set of at least two, ascending, as are the sets by their first.
    pub fn into_parts(self) -> Vec<Vec<u32>> {
        let labels = self.into_labels();
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); labels.len()];
        for (element, root) in (0..).zip(labels) {
            parts[root as usize].push(element);
        }
        parts.retain(|part| part.len() > 1);
        parts
    }

    /// Every element's parent as it is: smaller or itself.
    pub fn into_parents(self) -> Vec<u32> {
        let parents = self.parents.into_iter();
        parents.map(AtomicU32::into_inner).collect()
    }

    /// The smallest element of every element's set.
    pub fn into_labels(self) -> Vec<u32> {
        self.compress();
        self.into_parents()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_element_names_its_set() {
        let sets = UnionFind::new(7);
        for (u, v) in [(6, 5), (5, 1), (3, 4), (4, 3)] {
            sets.link(u, v);
        }
        assert_eq!(sets.find(6), 1);
        assert_eq!(sets.into_labels(), [0, 1, 2, 3, 3, 1, 1]);
    }

    #[test]
    fn what_hangs_is_in_one_set() {
        let sets = UnionFind::new(6);
        for (x, neighbour) in [(5, 4), (4, 2), (3, 1), (1, 3), (0, 5)] {
            sets.hang(x, neighbour);
        }
        sets.link(5, 3);
        assert_eq!(sets.into_labels(), [0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn sets_of_one_are_no_parts() {
        let sets = UnionFind::new(7);
        sets.link_all(&[6, 1, 5]);
        sets.link_all(&[4, 3]);
        sets.link_all(&[2]);
        assert_eq!(sets.into_parts(), [vec![1, 5, 6], vec![3, 4]]);
    }
}
