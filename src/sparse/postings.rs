//! `Postings`: for each key, who acted on it and when, in the order of time.

use rayon::prelude::*;

use super::chunks;

/// Timed lists, one per key.
///
/// Layout: the postings of key `k` are `offsets[k] .. offsets[k + 1]`; `times` (microseconds) ascend
/// inside a key, equal times by node and then by `rows` (where the posting came from).
/// `crowd[p]` is the number of distinct nodes in the closed window `times[p] ± within` on the same
/// key, so it is at least 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Postings {
    /// Where each key's postings lie.
    pub offsets: Vec<u64>,
    /// When.
    pub times: Vec<i64>,
    /// Who.
    pub nodes: Vec<u32>,
    /// Which input row.
    pub rows: Vec<u32>,
    /// How many distinct nodes were there within the window.
    pub crowd: Vec<u32>,
    /// Half-width of the closed window, microseconds.
    pub within: i64,
}

/// One action before it is sorted in: `(key, time, node, row)`.
pub type Action = (u32, i64, u32, u32);

/// Postings handled by one task.
const WORK: u64 = 1 << 15;

impl Postings {
    /// Sorts `actions` in, for `keys` keys and `nodes` nodes. `O(A log A)` work, in parallel.
    pub fn build(mut actions: Vec<Action>, keys: usize, nodes: usize, within: i64) -> Self {
        actions.par_sort_unstable();
        let mut offsets = vec![0u64; keys + 1];
        for action in &actions {
            offsets[action.0 as usize + 1] += 1;
        }
        for key in 0..keys {
            offsets[key + 1] += offsets[key];
        }
        let mut postings = Postings {
            offsets,
            times: actions.par_iter().map(|action| action.1).collect(),
            nodes: actions.par_iter().map(|action| action.2).collect(),
            rows: actions.par_iter().map(|action| action.3).collect(),
            crowd: Vec::new(),
            within,
        };
        drop(actions);
        postings.crowd = postings.count_crowds(nodes);
        postings
    }

    /// Number of keys.
    pub fn keys(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Number of postings.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// True when there is no posting.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Where the postings of `key` lie.
    #[inline]
    pub fn of(&self, key: u32) -> std::ops::Range<usize> {
        self.offsets[key as usize] as usize..self.offsets[key as usize + 1] as usize
    }

    /// Postings of `key` with `from ≤ time ≤ to`, by binary search.
    #[inline]
    pub fn between(&self, key: u32, from: i64, to: i64) -> std::ops::Range<usize> {
        let range = self.of(key);
        let times = &self.times[range.clone()];
        let start = times.partition_point(|&time| time < from);
        let end = start + times[start..].partition_point(|&time| time <= to);
        range.start + start..range.start + end
    }

    /// Distinct nodes among some postings.
    pub fn distinct_nodes(&self, range: std::ops::Range<usize>) -> u32 {
        let mut nodes = self.nodes[range].to_vec();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len() as u32
    }

    fn count_crowds(&self, nodes: usize) -> Vec<u32> {
        let pieces: Vec<Vec<u32>> = chunks::by_work(&self.offsets, WORK)
            .into_par_iter()
            .map_init(
                || vec![0u32; nodes],
                |present, keys| {
                    let mut crowd = Vec::new();
                    for key in keys {
                        self.crowds_of(key as u32, present, &mut crowd);
                    }
                    crowd
                },
            )
            .collect();
        pieces.concat()
    }

    /// Two pointers over one key's postings; `present` counts the postings of each node inside the
    /// window and is all zero before and after.
    fn crowds_of(&self, key: u32, present: &mut [u32], crowd: &mut Vec<u32>) {
        let range = self.of(key);
        let (times, nodes) = (&self.times[range.clone()], &self.nodes[range]);
        let (mut first, mut end, mut distinct) = (0, 0, 0u32);
        for &time in times {
            while end < times.len() && times[end] <= time.saturating_add(self.within) {
                let count = &mut present[nodes[end] as usize];
                distinct += u32::from(*count == 0);
                *count += 1;
                end += 1;
            }
            while times[first] < time.saturating_sub(self.within) {
                let count = &mut present[nodes[first] as usize];
                *count -= 1;
                distinct -= u32::from(*count == 0);
                first += 1;
            }
            crowd.push(distinct);
        }
        for &node in &nodes[first..end] {
            present[node as usize] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowds_are_distinct_nodes_in_the_closed_window() {
        let mut actions: Vec<Action> = Vec::new();
        for i in 0..4000u64 {
            let bits = crate::base::chance::draw(5, 0, i);
            actions.push((
                (bits % 17) as u32,
                (bits >> 8) as i64 % 3000,
                (bits >> 40) as u32 % 50,
                i as u32,
            ));
        }
        let postings = Postings::build(actions, 17, 50, 60);
        for key in 0..17 {
            for p in postings.of(key) {
                let time = postings.times[p];
                let mut who: Vec<u32> = postings
                    .of(key)
                    .filter(|&o| (postings.times[o] - time).abs() <= 60)
                    .map(|o| postings.nodes[o])
                    .collect();
                who.sort_unstable();
                who.dedup();
                assert_eq!(postings.crowd[p] as usize, who.len());
                let between = postings.between(key, time - 60, time + 60);
                assert!(between.contains(&p));
            }
        }
    }
}
