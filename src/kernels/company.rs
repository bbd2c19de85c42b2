//! `Company`: the actions that can make a pair, packed so tightly that the rows of a projection find them in cache.
//!
//! Most actions on a key have nobody near them, or a crowd above the cap. They are left out here, and of the
//! others only what pairing asks for is kept: who, and an order of times. Which actions are inside whose window
//! is worked out once, in the order of keys and times; the rows then read runs of eight bytes.

use std::ops::Range;

use rayon::prelude::*;

use crate::sparse::chunks;
use crate::sparse::grouping::{Groups, group};
use crate::sparse::postings::Postings;

/// Actions with company, by key and time.
///
/// Layout: `who`, `moment` and, where they matter, `crowd` and `content` have one entry an action. Looking around asks for `who`
/// alone.
#[derive(Debug, Clone, Default)]
pub struct Company {
    /// Who acted.
    pub(crate) who: Vec<u32>,
    /// Grows with key and time: equal for actions on one key at one time, and greater on every later key. Never 0.
    pub(crate) moment: Vec<u32>,
    /// Distinct nodes in the window around the action.
    pub(crate) crowd: Vec<u32>,
    /// What the action was done with.
    pub(crate) content: Vec<u32>,
    /// The actions of each node, ascending.
    pub(crate) of_node: Groups<Own>,
    /// Actions with so many in their window that [`Own`] has no room to say it, ascending, and the windows of these.
    wide: Vec<(u32, Range<u32>)>,
}

/// An action of a node, and how many lie before and after it in its window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) at: u32,
    near: Near,
}

/// How many lie before and after an action; [`WIDE`] twice where they are too many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Near {
    before: u16,
    after: u16,
}

/// More than there are in nearly every window.
const WIDE: u16 = u16::MAX;

impl Near {
    /// Those of `window` around `at`, if there is room.
    fn new(at: u32, window: &Range<u32>) -> Option<Self> {
        let fits = |count: u32| u16::try_from(count).ok().filter(|&count| count < WIDE);
        Some(Near {
            before: fits(at - window.start)?,
            after: fits(window.end - 1 - at)?,
        })
    }
}

/// Postings handled by one task.
const WORK: u64 = 1 << 16;

impl Company {
    /// The postings with company and no crowd above `cap` for which `content` is something; how large their crowds are is
    /// kept where `crowds` are asked for.
    ///
    /// Cost: `O(postings)`, in parallel; 16 bytes an action that is kept, four more with contents and with crowds, and 16 more
    /// while it lasts.
    pub fn new(
        postings: &Postings,
        nodes: usize,
        (cap, crowds): (u32, bool),
        content: Option<&(impl Fn(u32, usize) -> Option<u32> + Sync)>,
    ) -> Self {
        let chosen = Chosen {
            postings,
            cap,
            content,
        };
        let pieces: Vec<(Range<usize>, Count)> = chunks::by_work(&postings.offsets, WORK)
            .into_par_iter()
            .map(|keys| (keys.clone(), chosen.count(keys)))
            .collect();
        let kept = pieces.iter().map(|(_, count)| count.actions).sum();
        let mut company = Company {
            who: vec![0; kept],
            moment: vec![0; kept],
            crowd: vec![0; if crowds { kept } else { 0 }],
            content: vec![0; if content.is_some() { kept } else { 0 }],
            of_node: Groups::default(),
            wide: Vec::new(),
        };
        let mut near = vec![Near::default(); kept];
        let mut rest = Piece {
            who: &mut company.who,
            moment: &mut company.moment,
            crowd: &mut company.crowd,
            content: &mut company.content,
            near: &mut near,
        };
        let mut before = Count::default();
        let mut tasks = Vec::with_capacity(pieces.len());
        for (keys, count) in pieces {
            let (piece, after) = rest.split_at(count.actions);
            rest = after;
            tasks.push((keys, before, piece));
            before.actions += count.actions;
            before.moments += count.moments;
        }
        let wide: Vec<_> = tasks
            .into_par_iter()
            .map(|(keys, before, mut piece)| piece.fill(&chosen, keys, before))
            .collect();
        company.wide = wide.concat();
        company.of_node = group(kept, nodes, |at| {
            let (near, at) = (near[at], at as u32);
            (near != Near::default()).then(|| (company.who[at as usize], Own { at, near }))
        });
        company
    }

    /// Brings the windows of some `places` in [`Self::of_node`] near. Loads that wait for nothing come all at once;
    /// going through window after window would wait for each.
    #[inline]
    pub(crate) fn call(&self, places: Range<usize>) {
        let items = &self.of_node.items;
        let called = items[places.start..places.end.min(items.len())]
            .iter()
            .fold(0, |called, &own| {
                let window = self.window(own);
                called ^ self.who[window.start as usize] ^ self.who[window.end as usize - 1]
            });
        std::hint::black_box(called);
    }

    /// The actions in the window of `own`, itself included.
    #[inline]
    pub(crate) fn window(&self, own: Own) -> Range<u32> {
        let Own {
            at,
            near: Near { before, after },
        } = own;
        if before == WIDE {
            return self.wide_window(at);
        }
        at - u32::from(before)..at + u32::from(after) + 1
    }

    #[cold]
    fn wide_window(&self, at: u32) -> Range<u32> {
        let place = self.wide.partition_point(|(wide, _)| *wide < at);
        self.wide[place].1.clone()
    }

    /// Who acted in a window.
    #[inline]
    pub(crate) fn within(&self, window: &Range<u32>) -> &[u32] {
        &self.who[window.start as usize..window.end as usize]
    }
}

/// How much some keys have in company.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    actions: usize,
    /// Distinct times, key by key.
    moments: u32,
}

/// Which postings are kept.
struct Chosen<'a, F> {
    postings: &'a Postings,
    cap: u32,
    content: Option<&'a F>,
}

impl<F: Fn(u32, usize) -> Option<u32>> Chosen<'_, F> {
    /// Calls `found` for the postings of `key` that are kept, with their contents.
    #[inline]
    fn for_each(&self, key: u32, mut found: impl FnMut(usize, u32)) {
        for posting in self.postings.of(key) {
            if !(2..=self.cap).contains(&self.postings.crowd[posting]) {
                continue;
            }
            let Some(content) = self.content else {
                found(posting, 0);
                continue;
            };
            if let Some(content) = content(key, posting) {
                found(posting, content);
            }
        }
    }

    fn count(&self, keys: Range<usize>) -> Count {
        let mut count = Count::default();
        for key in keys {
            let mut last = None;
            self.for_each(key as u32, |posting, _| {
                let time = self.postings.times[posting];
                count.moments += u32::from(last != Some(time));
                count.actions += 1;
                last = Some(time);
            });
        }
        count
    }
}

/// The company on some keys, to be filled.
struct Piece<'a> {
    who: &'a mut [u32],
    moment: &'a mut [u32],
    crowd: &'a mut [u32],
    content: &'a mut [u32],
    /// How many are around each.
    near: &'a mut [Near],
}

impl Piece<'_> {
    fn split_at(self, count: usize) -> (Self, Self) {
        let (who, more_who) = self.who.split_at_mut(count);
        let (moment, more_moment) = self.moment.split_at_mut(count);
        let (crowd, more_crowd) = self.crowd.split_at_mut(count.min(self.crowd.len()));
        let (content, more_content) = self.content.split_at_mut(count.min(self.content.len()));
        let (near, more_near) = self.near.split_at_mut(count);
        let head = Piece {
            who,
            moment,
            crowd,
            content,
            near,
        };
        let tail = Piece {
            who: more_who,
            moment: more_moment,
            crowd: more_crowd,
            content: more_content,
            near: more_near,
        };
        (head, tail)
    }

    /// Fills in the company on `keys`, where so much is `before` it; which windows are wide.
    fn fill<F: Fn(u32, usize) -> Option<u32>>(
        &mut self,
        chosen: &Chosen<'_, F>,
        keys: Range<usize>,
        before: Count,
    ) -> Vec<(u32, Range<u32>)> {
        let mut wide = Vec::new();
        let postings = chosen.postings;
        let within = postings.within;
        let mut times: Vec<i64> = Vec::new();
        let (mut start, mut moment) = (0, before.moments);
        for key in keys {
            times.clear();
            chosen.for_each(key as u32, |posting, content| {
                let at = start + times.len();
                let time = postings.times[posting];
                moment += u32::from(times.last() != Some(&time));
                times.push(time);
                self.who[at] = postings.nodes[posting];
                self.moment[at] = moment;
                if let Some(slot) = self.crowd.get_mut(at) {
                    *slot = postings.crowd[posting];
                }
                if let Some(slot) = self.content.get_mut(at) {
                    *slot = content;
                }
            });
            let (mut first, mut end) = (0, 0);
            let offset = before.actions + start;
            for ((&time, near), at) in times
                .iter()
                .zip(&mut self.near[start..])
                .zip(offset as u32..)
            {
                while times[first] < time.saturating_sub(within) {
                    first += 1;
                }
                while end < times.len() && times[end] <= time.saturating_add(within) {
                    end += 1;
                }
                let window = (offset + first) as u32..(offset + end) as u32;
                *near = Near::new(at, &window).unwrap_or_else(|| {
                    wide.push((at, window));
                    Near {
                        before: WIDE,
                        after: WIDE,
                    }
                });
            }
            start += times.len();
        }
        wide
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::postings::Actions;

    /// Some windows hold more than sixteen bits can count, on both sides, on one, or on none.
    #[test]
    fn windows_are_those_of_their_times_however_wide() {
        let actions = 2 * usize::from(WIDE) + 40_000;
        let times: Vec<i64> = (0..actions as i64).map(|row| row / 3).collect();
        let nodes: Vec<u32> = (0..actions as u32).map(|row| row / 700).collect();
        let actions = Actions {
            key: |row: usize| Some(u32::from(row >= 60_000)),
            times: &times,
            nodes: &nodes,
        };
        for within in [1, 5_000, i64::from(WIDE) / 3, 30_000] {
            let postings = Postings::build(&actions, 2, 800, within);
            let content = None::<&fn(u32, usize) -> Option<u32>>;
            let company = Company::new(&postings, 800, (u32::MAX, true), content);
            // Whoever has company is kept, so places are the same where everybody has.
            assert_eq!(company.wide.is_empty(), within <= 5_000);
            if within == 1 {
                continue;
            }
            assert_eq!(company.who, postings.nodes);
            assert_eq!(company.of_node.items.len(), postings.len());
            for &own in company.of_node.items.iter().step_by(37) {
                let time = postings.times[own.at as usize];
                let key = u32::from(own.at >= 60_000);
                let expected = postings.between(key, time - within, time + within);
                let window = company.window(own);
                assert_eq!(window.start as usize..window.end as usize, expected);
                assert_eq!(company.within(&window), &postings.nodes[expected]);
            }
        }
    }
}
