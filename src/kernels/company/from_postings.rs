//! Company from postings, which know crowds and where they came from.

use std::ops::Range;

use rayon::prelude::*;

use super::{Company, Near, Own, Wide, look_around};
use crate::kernels::moments::{Again, Moments};
use crate::sparse::chunks;
use crate::sparse::grouping::{Groups, group};
use crate::sparse::postings::Postings;

/// Postings handled by one task.
const WORK: u64 = 1 << 16;

impl Company {
    /// The postings with company and no crowd above `cap` for which `content` is something; how large their crowds are is
    /// kept where `crowds` are asked for.
    ///
    /// Cost: `O(postings)`, in parallel; 12 bytes an action that is kept, four more with contents and with crowds, and 16 more
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
        let pieces: Vec<(Range<usize>, usize)> = chunks::by_work(&postings.offsets, WORK)
            .into_par_iter()
            .map(|keys| (keys.clone(), chosen.count(keys)))
            .collect();
        let kept = pieces.iter().map(|(_, count)| count).sum();
        let mut company = Company {
            who: vec![0; kept],
            moments: Moments::default(),
            crowd: vec![0; if crowds { kept } else { 0 }],
            content: vec![0; if content.is_some() { kept } else { 0 }],
            of_node: Groups::default(),
            wide: Vec::new(),
        };
        let mut near = vec![Near::default(); kept];
        let mut rest = Piece {
            who: &mut company.who,
            crowd: &mut company.crowd,
            content: &mut company.content,
            near: &mut near,
        };
        let mut before = 0;
        let mut tasks = Vec::with_capacity(pieces.len());
        for (keys, count) in pieces {
            let (piece, after) = rest.split_at(count);
            rest = after;
            tasks.push((keys, before, piece));
            before += count;
        }
        let parts: Vec<(Again, Vec<Wide>)> = tasks
            .into_par_iter()
            .map(|(keys, before, mut piece)| piece.fill(&chosen, keys, before))
            .collect();
        company.moments = Moments::new(kept, parts.iter().map(|part| &part.0));
        company.wide = parts.into_iter().flat_map(|part| part.1).collect();
        company.of_node = group(kept, nodes, |at| {
            let (near, at) = (near[at], at as u32);
            (near != Near::default()).then(|| (company.who[at as usize], Own { at, near }.packed()))
        });
        company
    }
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

    /// How many they are on some keys.
    fn count(&self, keys: Range<usize>) -> usize {
        let mut count = 0;
        for key in keys {
            self.for_each(key as u32, |_, _| count += 1);
        }
        count
    }
}

/// The company on some keys, to be filled.
struct Piece<'a> {
    who: &'a mut [u32],
    crowd: &'a mut [u32],
    content: &'a mut [u32],
    /// How many are around each.
    near: &'a mut [Near],
}

impl Piece<'_> {
    fn split_at(self, count: usize) -> (Self, Self) {
        let (who, more_who) = self.who.split_at_mut(count);
        let (crowd, more_crowd) = self.crowd.split_at_mut(count.min(self.crowd.len()));
        let (content, more_content) = self.content.split_at_mut(count.min(self.content.len()));
        let (near, more_near) = self.near.split_at_mut(count);
        let head = Piece {
            who,
            crowd,
            content,
            near,
        };
        let tail = Piece {
            who: more_who,
            crowd: more_crowd,
            content: more_content,
            near: more_near,
        };
        (head, tail)
    }

    /// Fills in the company on `keys`, where so many are `before` it; which happen again, and which windows are wide.
    fn fill<F: Fn(u32, usize) -> Option<u32>>(
        &mut self,
        chosen: &Chosen<'_, F>,
        keys: Range<usize>,
        before: usize,
    ) -> (Again, Vec<Wide>) {
        let (mut again, mut wide) = (Again::default(), Vec::new());
        let postings = chosen.postings;
        let within = postings.within;
        let mut times: Vec<i64> = Vec::new();
        let mut start = 0;
        for key in keys {
            times.clear();
            chosen.for_each(key as u32, |posting, content| {
                let at = start + times.len();
                let time = postings.times[posting];
                again.note((before + at) as u32, times.last() == Some(&time));
                times.push(time);
                self.who[at] = postings.nodes[posting];
                if let Some(slot) = self.crowd.get_mut(at) {
                    *slot = postings.crowd[posting];
                }
                if let Some(slot) = self.content.get_mut(at) {
                    *slot = content;
                }
            });
            let near = &mut self.near[start..start + times.len()];
            look_around(&times, within, before + start, near, &mut wide);
            start += times.len();
        }
        (again, wide)
    }
}
