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
}

/// An action of a node, and those inside its window: `first..end`, itself included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) at: u32,
    pub(crate) first: u32,
    pub(crate) end: u32,
}

/// Postings handled by one task.
const WORK: u64 = 1 << 16;

impl Company {
    /// The postings with company and no crowd above `cap` for which `content` is something; how large their crowds are is
    /// kept where `crowds` are asked for.
    ///
    /// Cost: `O(postings)`, in parallel; 20 bytes an action that is kept, four more with contents and with crowds, and 24 more
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
        };
        let mut windows = vec![(0, 0); kept];
        let mut rest = Piece {
            who: &mut company.who,
            moment: &mut company.moment,
            crowd: &mut company.crowd,
            content: &mut company.content,
            windows: &mut windows,
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
        tasks
            .into_par_iter()
            .for_each(|(keys, before, mut piece)| piece.fill(&chosen, keys, before));
        // Places alone are grouped: with their windows that would move three times as much.
        let Groups { offsets, items } = group(kept, nodes, |at| {
            let (first, end) = windows[at];
            (end - first > 1).then(|| (company.who[at], at as u32))
        });
        let own = |&at: &u32| {
            let (first, end) = windows[at as usize];
            Own { at, first, end }
        };
        let items = items.par_iter().map(own).collect();
        company.of_node = Groups { offsets, items };
        company
    }

    /// Brings the windows of some `places` in [`Self::of_node`] near. Loads that wait for nothing come all at once;
    /// going through window after window would wait for each.
    #[inline]
    pub(crate) fn call(&self, places: Range<usize>) {
        let items = &self.of_node.items;
        let called = items[places.start..places.end.min(items.len())]
            .iter()
            .fold(0, |called, own| {
                let (first, last) = (own.first as usize, own.end as usize - 1);
                called ^ self.who[first] ^ self.who[last]
            });
        std::hint::black_box(called);
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
    /// Actions inside the window of each: `first..end`.
    windows: &'a mut [(u32, u32)],
}

impl Piece<'_> {
    fn split_at(self, count: usize) -> (Self, Self) {
        let (who, more_who) = self.who.split_at_mut(count);
        let (moment, more_moment) = self.moment.split_at_mut(count);
        let (crowd, more_crowd) = self.crowd.split_at_mut(count.min(self.crowd.len()));
        let (content, more_content) = self.content.split_at_mut(count.min(self.content.len()));
        let (windows, more_windows) = self.windows.split_at_mut(count);
        let head = Piece {
            who,
            moment,
            crowd,
            content,
            windows,
        };
        let tail = Piece {
            who: more_who,
            moment: more_moment,
            crowd: more_crowd,
            content: more_content,
            windows: more_windows,
        };
        (head, tail)
    }

    /// Fills in the company on `keys`, where so much is `before` it.
    fn fill<F: Fn(u32, usize) -> Option<u32>>(
        &mut self,
        chosen: &Chosen<'_, F>,
        keys: Range<usize>,
        before: Count,
    ) {
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
            for (&time, window) in times.iter().zip(&mut self.windows[start..]) {
                while times[first] < time.saturating_sub(within) {
                    first += 1;
                }
                while end < times.len() && times[end] <= time.saturating_add(within) {
                    end += 1;
                }
                let offset = before.actions + start;
                *window = ((offset + first) as u32, (offset + end) as u32);
            }
            start += times.len();
        }
    }
}
