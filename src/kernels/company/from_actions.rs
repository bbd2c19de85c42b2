//! Company straight from actions, for those who link and ask nothing else.
//!
//! Most actions have nobody near them. Postings write down when each happened and how many were there before that is known; here
//! the actions on some keys are fetched, sorted and looked at while they are in the cache, and what is left of them is written to the
//! place where they were. No time and no crowd is ever kept.

use std::ops::Range;

use rayon::prelude::*;

use super::{Company, Near, Own, WIDE, Wide, look_around};
use crate::base::pool::Pool;
use crate::kernels::moments::{Again, Moments};
use crate::sparse::by_time::Desk;
use crate::sparse::chunks;
use crate::sparse::grouped_places::group_places;
use crate::sparse::grouping::{Groups, Parting};
use crate::sparse::postings::{Actions, count_up_to_two};

/// Actions handled by one task.
const WORK: u64 = 1 << 15;

impl Company {
    /// The company among `actions`, for so many `(keys, nodes)`: what [`Company::new`] makes of their postings where no crowd is
    /// capped or asked for and contents may be alike, except for the places of actions.
    ///
    /// Cost: a counting sort by key, a sort by time within each, and a counting sort by node, in parallel; four bytes an action, eight
    /// one with company, and 12 of these while it lasts.
    pub fn of_actions<K: Fn(usize) -> Option<u32> + Sync>(
        actions: &Actions<'_, K>,
        (keys, nodes): (usize, usize),
        within: i64,
    ) -> Self {
        let Groups {
            offsets,
            items: mut who,
        } = group_places(actions.times.len(), keys, &actions.key);
        let count = who.len();
        let parting = Parting::new(nodes);
        // What is not used of it costs nothing.
        let mut entries = vec![(0, [0; 2]); count];
        let mut rest = (&mut who[..], &mut entries[..]);
        let mut tasks = Vec::new();
        for keys in chunks::by_work(&offsets, WORK) {
            let length = (offsets[keys.end] - offsets[keys.start]) as usize;
            let (rows, more_rows) = rest.0.split_at_mut(length);
            let (entries, more_entries) = rest.1.split_at_mut(length);
            rest = (more_rows, more_entries);
            tasks.push((&offsets[keys.start..=keys.end], rows, entries));
        }
        let pool = Pool::default();
        let parts: Vec<_> = tasks
            .into_par_iter()
            .with_max_len(1)
            .map(|(offsets, rows, entries)| {
                pool.with(Table::default, |table| {
                    let first = offsets[0] as usize;
                    table.times.clear();
                    // What is scattered is fetched with nothing in between: then no wait waits for another.
                    let times = rows.iter().map(|&row| actions.times[row as usize]);
                    table.times.extend(times);
                    let near = table.keep_near(offsets, rows, within);
                    for row in &mut rows[..near] {
                        *row = actions.nodes[*row as usize];
                    }
                    let (kept, again, wide) = table.keep_company(&mut rows[..near], within, first);
                    let own = rows[..kept].iter().zip(&table.near).zip(first as u32..);
                    let own = own.map(|((&who, &near), at)| (who, Own { at, near }.packed()));
                    (parting.part(own, entries), again, wide)
                })
            })
            .collect();
        let moments = Moments::new(count, parts.iter().map(|part| &part.1));
        let (mut blocks, mut wide) = (Vec::with_capacity(parts.len()), Vec::new());
        for (block, _, more_wide) in parts {
            blocks.push(block);
            wide.extend(more_wide);
        }
        let of_node = parting.gather(&blocks);
        Company {
            who,
            moments,
            crowd: Vec::new(),
            content: Vec::new(),
            of_node,
            wide,
        }
    }
}

/// Where the actions on some keys are looked at.
#[derive(Debug, Default)]
struct Table {
    by_time: Desk,
    times: Vec<i64>,
    /// Where each run ends of actions that are no more than a window from the next.
    ends: Vec<u32>,
    /// How many nodes are near, up to two.
    crowd: Vec<u32>,
    near: Vec<Near>,
}

impl Table {
    /// Brings the `rows` of each key into the order of their times and moves those to the front that have another
    /// within the window; how many they are.
    fn keep_near(&mut self, offsets: &[u64], rows: &mut [u32], within: i64) -> usize {
        let Table {
            by_time,
            times,
            ends,
            ..
        } = self;
        let within = within.unsigned_abs();
        // A run has two actions at least; one more, because what is no end is written too.
        ends.clear();
        ends.resize(rows.len() / 2 + 1, 0);
        let (mut kept, mut runs) = (0, 0);
        for bounds in offsets.windows(2) {
            let key = (bounds[0] - offsets[0]) as usize..(bounds[1] - offsets[0]) as usize;
            if key.len() < 2 {
                continue;
            }
            by_time.sort_by_time(&mut rows[key.clone()], &mut times[key.clone()]);
            let mut follows = false;
            for at in key.clone() {
                let time = times[at];
                let followed = at + 1 < key.end && times[at + 1].abs_diff(time) <= within;
                // Written in any case and counted if it is so: whether it is cannot be predicted.
                (rows[kept], times[kept]) = (rows[at], time);
                kept += usize::from(follows | followed);
                ends[runs] = kept as u32;
                runs += usize::from(follows && !followed);
                follows = followed;
            }
        }
        ends.truncate(runs);
        kept
    }

    /// Moves those to the front of `who` who have somebody else within the window, the first of whom will be action `first`, and
    /// looks around each: how many they are, which happen again, and which windows are wide.
    fn keep_company(
        &mut self,
        who: &mut [u32],
        within: i64,
        first: usize,
    ) -> (usize, Again, Vec<Wide>) {
        let Table {
            times,
            ends,
            crowd,
            near,
            ..
        } = self;
        near.resize(who.len(), Near::default());
        let (mut again, mut wide) = (Again::default(), Vec::new());
        let (mut start, mut kept) = (0, 0);
        for &end in &*ends {
            let mut run = kept..kept + end as usize - start;
            let mut alike = false;
            for (to, from) in run.clone().zip(start..) {
                (who[to], times[to]) = (who[from], times[from]);
                alike |= to > run.start && who[to] == who[to - 1];
            }
            start = end as usize;
            if alike {
                run.end = keep_accompanied(run.clone(), who, times, within, crowd);
            }
            kept = run.end;
            let (times, near) = (&times[run.clone()], &mut near[run.clone()]);
            let first = first + run.start;
            let [earliest, .., latest] = times else {
                continue;
            };
            if latest.abs_diff(*earliest) <= within.unsigned_abs() && times.len() < WIDE.into() {
                // All of them are near each other.
                let last = times.len() as u16 - 1;
                for (near, before) in near.iter_mut().zip(0..) {
                    let after = last - before;
                    *near = Near { before, after };
                }
            } else {
                look_around(times, within, first, near, &mut wide);
            }
            for (pair, at) in times.windows(2).zip(first as u32 + 1..) {
                again.note(at, pair[0] == pair[1]);
            }
        }
        (kept, again, wide)
    }
}

/// Moves those of a run to its front who have somebody else within the window; where they end.
#[cold]
fn keep_accompanied(
    run: Range<usize>,
    who: &mut [u32],
    times: &mut [i64],
    within: i64,
    crowd: &mut Vec<u32>,
) -> usize {
    crowd.clear();
    crowd.resize(run.len(), 0);
    count_up_to_two(&times[run.clone()], &who[run.clone()], within, crowd);
    let mut kept = run.start;
    for (at, &crowd) in run.zip(&*crowd) {
        (who[kept], times[kept]) = (who[at], times[at]);
        kept += usize::from(crowd > 1);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};
    use crate::sparse::postings::Postings;

    /// Keys of all sizes, nodes that act once and others all the time, and times of which many are alike.
    #[test]
    fn it_is_the_company_of_postings() {
        for (count, keys, span, within) in [
            (30_000, 900, 40_000, 60),
            (30_000, 5, 3_000, 2),
            (3_000, 40, 90, 0),
            (90_000, 1, 9, 8),
            (5_000, 2_000, 1 << 40, 1 << 38),
            (0, 3, 1, 1),
        ] {
            let pick = |stage, row: usize, least| below(draw(stage, count, row as u64), least);
            let times: Vec<i64> = (0..count as usize)
                .map(|row| pick(1, row, span) as i64 - 1_000)
                .collect();
            let mut nodes: Vec<u32> = (0..count as usize)
                .map(|row| (pick(2, row, 40) * pick(3, row, 40) * pick(4, row, 2)) as u32)
                .collect();
            nodes.sort_unstable();
            let actions = Actions {
                key: |row: usize| {
                    let key = pick(5, row, keys) * pick(6, row, keys + 1) / keys;
                    (row % 11 != 5).then_some(key as u32)
                },
                times: &times,
                nodes: &nodes,
            };
            let sizes = (keys as usize, 1_600);
            let postings = Postings::build(&actions, sizes.0, sizes.1, within);
            let content = None::<&fn(u32, usize) -> Option<u32>>;
            let expected = Company::new(&postings, sizes.1, (u32::MAX, false), content);
            let company = Company::of_actions(&actions, sizes, within);
            assert!(count == 0 || within == 0 || !expected.who.is_empty());
            assert_eq!(company.of_node.offsets, expected.of_node.offsets);
            // Windows wider than sixteen bits can say, and none.
            assert_eq!(company.wide.len(), expected.wide.len());
            assert_eq!(company.wide.is_empty(), count != 90_000);
            let mut before = (0, 0);
            for place in 0..expected.of_node.items.len() {
                let (own, known) = (company.own(place), expected.own(place));
                let (window, around) = (company.window(own), expected.window(known));
                assert_eq!(own.at - window.start, known.at - around.start);
                if place % 37 == 0 {
                    assert_eq!(company.within(&window), expected.within(&around));
                }
                assert_eq!(window.len(), around.len());
                let moments = (company.moments.of(own.at), expected.moments.of(known.at));
                if place > 0 {
                    assert_eq!(moments.0.cmp(&before.0), moments.1.cmp(&before.1));
                }
                before = moments;
            }
        }
    }
}
