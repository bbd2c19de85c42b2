//! Rows without what leads out of a group: the arcs between nodes of equal label; and rows without nodes that are
//! then left alone.
//!
//! Counted first and copied then, both in parallel over chunks of nodes; order inside a row stays.

use rayon::prelude::*;

/// Rows of one task.
const NODES_PER_CHUNK: usize = 4096;

/// Borrowed rows: the arcs of node `v` are `offsets[v] .. offsets[v + 1]`; `weights` is empty where no
/// weights are kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arcs<'a, T> {
    pub(super) offsets: &'a [u64],
    pub(super) targets: &'a [u32],
    pub(super) weights: &'a [T],
}

impl<T: Copy + Default + Send + Sync> Arcs<'_, T> {
    /// Offsets, targets and weights of the arcs whose ends have equal `labels`.
    pub(super) fn within(&self, labels: &[u32]) -> (Vec<u64>, Vec<u32>, Vec<T>) {
        let nodes = self.offsets.len().saturating_sub(1);
        let kept: Vec<u64> = (0..nodes)
            .into_par_iter()
            .with_min_len(NODES_PER_CHUNK)
            .map(|v| self.kept(v, labels).count() as u64)
            .collect();
        let mut offsets = Vec::with_capacity(self.offsets.len());
        let mut end = 0;
        offsets.extend(self.offsets.first().map(|_| 0));
        offsets.extend(kept.into_iter().map(|count| {
            end += count;
            end
        }));
        let mut targets = vec![0; end as usize];
        let mut weights = vec![
            T::default();
            if self.weights.is_empty() {
                0
            } else {
                end as usize
            }
        ];
        let mut tasks = Vec::with_capacity(nodes.div_ceil(NODES_PER_CHUNK));
        let (mut targets_left, mut weights_left) = (targets.as_mut_slice(), weights.as_mut_slice());
        for first in (0..nodes).step_by(NODES_PER_CHUNK) {
            let last = (first + NODES_PER_CHUNK).min(nodes);
            let length = (offsets[last] - offsets[first]) as usize;
            let (targets, rest) = targets_left.split_at_mut(length);
            targets_left = rest;
            let (weights, rest) = weights_left.split_at_mut(length.min(weights_left.len()));
            weights_left = rest;
            tasks.push((first..last, targets, weights));
        }
        tasks.into_par_iter().for_each(|(nodes, targets, weights)| {
            let arcs = nodes.flat_map(|v| self.kept(v, labels));
            for (at, arc) in arcs.enumerate() {
                targets[at] = self.targets[arc];
                if let Some(weight) = weights.get_mut(at) {
                    *weight = self.weights[arc];
                }
            }
        });
        (offsets, targets, weights)
    }

    fn kept(&self, v: usize, labels: &[u32]) -> impl Iterator<Item = usize> {
        let own = labels[v];
        (self.offsets[v] as usize..self.offsets[v + 1] as usize)
            .filter(move |&arc| labels[self.targets[arc] as usize] == own)
    }
}

/// Leaves out the nodes without arcs: who is left, ascending, and where their rows begin (with the end of the last).
/// `targets` then mean places in that list. O(nodes + arcs).
pub(super) fn leave_out_unlinked(offsets: &[u64], targets: &mut [u32]) -> (Vec<u32>, Vec<u64>) {
    let mut place = vec![u32::MAX; offsets.len()];
    let (mut linked, mut begins) = (Vec::new(), Vec::new());
    for (v, row) in (0..).zip(offsets.windows(2)) {
        if row[0] < row[1] {
            place[v as usize] = linked.len() as u32;
            linked.push(v);
            begins.push(row[0]);
        }
    }
    begins.extend(offsets.last());
    targets
        .par_iter_mut()
        .with_min_len(NODES_PER_CHUNK)
        .for_each(|target| *target = place[*target as usize]);
    (linked, begins)
}
