//! `Postings`: for each key, who acted on it and when, in the order of time.

use rayon::prelude::*;

use super::by_time::Desk;
use super::chunks;
use super::grouped_places::group_places;
use super::grouping::Groups;
use crate::base::pool::Pool;

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

/// Postings handled by one task.
const WORK: u64 = 1 << 15;

/// Actions before they are sorted in, as columns of equal length in which nodes ascend.
pub struct Actions<'a, K> {
    /// What was acted on, by row; nothing where the row is no action.
    pub key: K,
    /// When, by row.
    pub times: &'a [i64],
    /// Who, by row.
    pub nodes: &'a [u32],
}

/// How exactly the nodes around a posting are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowds {
    /// All of them.
    Whole,
    /// Whether there is one or more: 1 or 2.
    UpToTwo,
}

/// What of postings is wanted beside keys, times and nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// How exactly crowds are counted.
    pub crowds: Crowds,
    /// Whether it is asked where a posting came from; `rows` is empty otherwise.
    pub rows: bool,
}

/// Postings that a window is first looked for in.
const STEP: usize = 4;

impl Postings {
    /// Sorts `actions` in, for `keys` keys and `nodes` nodes.
    ///
    /// Cost: a counting sort by key and a sort by time within each, in parallel; eight bytes an action
    /// beside the result.
    pub fn build<K: Fn(usize) -> Option<u32> + Sync>(
        actions: &Actions<'_, K>,
        keys: usize,
        nodes: usize,
        within: i64,
    ) -> Self {
        let beside = Beside {
            crowds: Crowds::Whole,
            rows: true,
        };
        Self::build_with(actions, (keys, nodes), within, beside)
    }

    /// The same for so many `(keys, nodes)`, with no more `beside` than is wanted.
    pub fn build_with<K: Fn(usize) -> Option<u32> + Sync>(
        actions: &Actions<'_, K>,
        (keys, nodes): (usize, usize),
        within: i64,
        beside: Beside,
    ) -> Self {
        let Groups {
            offsets,
            items: mut rows,
        } = group_places(actions.times.len(), keys, &actions.key);
        let count = rows.len();
        let mut times = vec![0; count];
        // Nodes take the place of rows that nobody asks for.
        let mut who = vec![0; if beside.rows { count } else { 0 }];
        let mut crowd = vec![0; count];
        let mut rest = (&mut rows[..], &mut times[..], &mut who[..], &mut crowd[..]);
        let mut tasks = Vec::new();
        for keys in chunks::by_work(&offsets, WORK) {
            let length = (offsets[keys.end] - offsets[keys.start]) as usize;
            let (rows, more_rows) = rest.0.split_at_mut(length);
            let (times, more_times) = rest.1.split_at_mut(length);
            let (who, more_who) = rest.2.split_at_mut(length.min(rest.2.len()));
            let (crowd, more_crowd) = rest.3.split_at_mut(length);
            rest = (more_rows, more_times, more_who, more_crowd);
            tasks.push((&offsets[keys.start..=keys.end], rows, times, who, crowd));
        }
        let pool = Pool::default();
        tasks
            .into_par_iter()
            .for_each(|(offsets, rows, times, who, crowd)| {
                pool.with(
                    || (vec![0; nodes], Desk::default()),
                    |(present, desk)| {
                        let keys = || {
                            let place = |end: u64| (end - offsets[0]) as usize;
                            let ends = offsets.windows(2);
                            ends.map(move |ends| place(ends[0])..place(ends[1]))
                        };
                        // What is scattered is fetched with nothing in between: then no wait waits for another.
                        for (time, &row) in times.iter_mut().zip(&*rows) {
                            *time = actions.times[row as usize];
                        }
                        if !beside.rows {
                            for row in &mut *rows {
                                *row = actions.nodes[*row as usize];
                            }
                        }
                        for key in keys() {
                            desk.sort_by_time(&mut rows[key.clone()], &mut times[key]);
                        }
                        for (who, &row) in who.iter_mut().zip(&*rows) {
                            *who = actions.nodes[row as usize];
                        }
                        let who = if beside.rows { who } else { rows };
                        for key in keys() {
                            let (times, who) = (&times[key.clone()], &who[key.clone()]);
                            let crowd = &mut crowd[key];
                            match beside.crowds {
                                Crowds::Whole => count_crowds(times, who, within, present, crowd),
                                Crowds::UpToTwo => count_up_to_two(times, who, within, crowd),
                            }
                        }
                    },
                );
            });
        let (nodes, rows) = if beside.rows {
            (who, rows)
        } else {
            (rows, who)
        };
        Postings {
            offsets,
            times,
            nodes,
            rows,
            crowd,
            within,
        }
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

    /// Postings of `key` with `from ≤ time ≤ to`, by binary search for the first, and for the last in steps that
    /// double: windows are short, and what lies next to the first is in the cache.
    #[inline]
    pub fn between(&self, key: u32, from: i64, to: i64) -> std::ops::Range<usize> {
        let range = self.of(key);
        let times = &self.times[range.clone()];
        let start = first_from(times, from);
        let after = &times[start..];
        let (mut passed, mut reach) = (0, STEP);
        while after.get(reach - 1).is_some_and(|&time| time <= to) {
            (passed, reach) = (reach, 2 * reach);
        }
        let near = &after[passed..reach.min(after.len())];
        let end = start + passed + near.partition_point(|&time| time <= to);
        range.start + start..range.start + end
    }

    /// Distinct nodes among some postings.
    pub fn distinct_nodes(&self, range: std::ops::Range<usize>) -> u32 {
        let mut nodes = self.nodes[range].to_vec();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len() as u32
    }
}

/// Fewer times are searched by halves at once.
const FEW: usize = 64;

/// How many of `times` (ascending) are before `from`. Where many are, the answer is looked for where it would be if they
/// came evenly, and from there in growing steps: what is far away is not fetched.
fn first_from(times: &[i64], from: i64) -> usize {
    let (low, high) = match times {
        [first, .., last] if times.len() >= FEW && *first < from && from <= *last => {
            let share = from.abs_diff(*first) as f64 / last.abs_diff(*first) as f64;
            let guess = ((share * times.len() as f64) as usize).min(times.len() - 1);
            let mut reach = FEW / 2;
            if times[guess] < from {
                let mut low = guess;
                while times.get(low + reach).is_some_and(|&time| time < from) {
                    low += reach;
                    reach *= 2;
                }
                (low, (low + reach).min(times.len()))
            } else {
                let mut high = guess;
                while high > reach && times[high - reach] >= from {
                    high -= reach;
                    reach *= 2;
                }
                (high.saturating_sub(reach), high)
            }
        }
        _ => (0, times.len()),
    };
    low + times[low..high].partition_point(|&time| time < from)
}

/// Two pointers over the postings of one key; `present` counts the postings of each node inside the window
/// and is all zero before and after.
fn count_crowds(times: &[i64], nodes: &[u32], within: i64, present: &mut [u32], crowd: &mut [u32]) {
    if let [alone] = crowd {
        *alone = 1;
        return;
    }
    let (mut first, mut end, mut distinct) = (0, 0, 0u32);
    for (at, (&time, crowd)) in times.iter().zip(crowd).enumerate() {
        while first < end && times[first] < time.saturating_sub(within) {
            let count = &mut present[nodes[first] as usize];
            *count -= 1;
            distinct -= u32::from(*count == 0);
            first += 1;
        }
        let far = |&next: &i64| next > time.saturating_add(within);
        if first == at && times.get(at + 1).is_none_or(far) {
            // Nobody is near, and most often nobody is.
            *crowd = 1;
            (first, end) = (at + 1, at + 1);
            continue;
        }
        while end < times.len() && times[end] <= time.saturating_add(within) {
            let count = &mut present[nodes[end] as usize];
            distinct += u32::from(*count == 0);
            *count += 1;
            end += 1;
        }
        *crowd = distinct;
    }
    for &node in &nodes[first..end] {
        present[node as usize] = 0;
    }
}

/// Whether another node is near is decided by the nearest before and after.
pub(crate) fn count_up_to_two(times: &[i64], nodes: &[u32], within: i64, crowd: &mut [u32]) {
    crowd.fill(1);
    for at in 1..times.len() {
        if nodes[at - 1] == nodes[at] {
            continue;
        }
        // Of two nodes in a row, all at the end of the one are near the first of the other, and the other way round.
        let (before, after) = (times[at - 1], times[at]);
        let far = |&at: &usize| times[at] < after.saturating_sub(within);
        for near in (0..at)
            .rev()
            .take_while(|near| nodes[*near] == nodes[at - 1] && !far(near))
        {
            crowd[near] = 2;
        }
        let far = |&at: &usize| times[at] > before.saturating_add(within);
        let next = (at..times.len()).take_while(|near| nodes[*near] == nodes[at] && !far(near));
        for near in next {
            crowd[near] = 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO_AT_MOST: Beside = Beside {
        crowds: Crowds::UpToTwo,
        rows: false,
    };

    proptest! {
        #[test]
        fn the_first_is_where_halving_finds_it(
            mut times in prop::collection::vec(prop_oneof![-300i64..300, any::<i64>()], 0..400),
            from in prop_oneof![-310i64..310, any::<i64>()],
        ) {
            times.sort_unstable();
            let halving = times.partition_point(|&time| time < from);
            prop_assert_eq!(first_from(&times, from), halving);
        }
    }

    #[test]
    fn crowds_are_distinct_nodes_in_the_closed_window() {
        let actions = 4000;
        let bits = |row: usize| crate::base::chance::draw(5, 0, row as u64);
        let times: Vec<i64> = (0..actions)
            .map(|row| (bits(row) >> 8) as i64 % 3000)
            .collect();
        let mut nodes: Vec<u32> = (0..actions)
            .map(|row| (bits(row) >> 40) as u32 % 50)
            .collect();
        nodes.sort_unstable();
        let actions = Actions {
            key: |row| Some((bits(row) % 18) as u32).filter(|&key| key < 17),
            times: &times,
            nodes: &nodes,
        };
        let postings = Postings::build(&actions, 17, 50, 60);
        let up_to_two = Postings::build_with(&actions, (17, 50), 60, TWO_AT_MOST);
        assert_eq!(
            (&up_to_two.nodes, &up_to_two.times),
            (&postings.nodes, &postings.times)
        );
        assert!(up_to_two.rows.is_empty());
        let two_at_most: Vec<u32> = postings.crowd.iter().map(|&all| all.min(2)).collect();
        assert_eq!(up_to_two.crowd, two_at_most);
        assert!(two_at_most.contains(&1) && postings.crowd.contains(&3));
        assert!(postings.len() < times.len() && postings.len() > times.len() / 2);
        for key in 0..17 {
            let order = |p: usize| (postings.times[p], postings.nodes[p], postings.rows[p]);
            let range = postings.of(key);
            assert!(range.clone().skip(1).all(|p| order(p - 1) < order(p)));
            for p in range {
                let time = postings.times[p];
                let row = postings.rows[p] as usize;
                assert_eq!((actions.key)(row), Some(key));
                assert_eq!((times[row], nodes[row]), (time, postings.nodes[p]));
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
