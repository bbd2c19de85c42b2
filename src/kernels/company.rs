//! `Company`: the actions that can make a pair, packed so tightly that the rows of a projection find them in cache.
//!
//! Most actions on a key have nobody near them, or a crowd above the cap. They are left out here, and of the
//! others only what pairing asks for is kept: who, and which happened at one time. Which actions are inside whose window
//! is worked out once, in the order of keys and times; the rows then read runs of eight bytes.

mod from_actions;
mod from_postings;

use std::ops::Range;

use crate::kernels::moments::Moments;
use crate::sparse::grouping::Groups;

/// Actions with company, by key and time.
///
/// Layout: `who` and, where they matter, `crowd` and `content` have one entry an action. Looking around asks for `who`
/// alone.
#[derive(Debug, Clone, Default)]
pub struct Company {
    /// Who acted.
    pub(crate) who: Vec<u32>,
    /// In the order of keys and times.
    pub(crate) moments: Moments,
    /// Distinct nodes in the window around the action.
    pub(crate) crowd: Vec<u32>,
    /// What the action was done with.
    pub(crate) content: Vec<u32>,
    /// The actions of each node, ascending: each an [`Own`] in two words.
    of_node: Groups<[u32; 2]>,
    /// Actions with so many in their window that [`Own`] has no room to say it, ascending, and the windows of these.
    wide: Vec<Wide>,
}

/// An action and its window.
type Wide = (u32, Range<u32>);

/// An action of a node, and how many lie before and after it in its window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) at: u32,
    near: Near,
}

impl Own {
    /// In two words, of which many are made without writing any.
    fn packed(self) -> [u32; 2] {
        let Near { before, after } = self.near;
        [self.at, u32::from(after) << u16::BITS | u32::from(before)]
    }
}

impl From<[u32; 2]> for Own {
    #[inline]
    fn from([at, near]: [u32; 2]) -> Self {
        let near = Near {
            before: near as u16,
            after: (near >> u16::BITS) as u16,
        };
        Own { at, near }
    }
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

impl Company {
    /// Where the actions of `node` are.
    #[inline]
    pub(crate) fn places(&self, node: u32) -> Range<usize> {
        self.of_node.range(node)
    }

    /// The action at a place.
    #[inline]
    pub(crate) fn own(&self, place: usize) -> Own {
        Own::from(self.of_node.items[place])
    }

    /// Brings the windows of some [`places`](Self::places) near. Loads that wait for nothing come all at once;
    /// going through window after window would wait for each.
    #[inline]
    pub(crate) fn call(&self, places: Range<usize>) {
        let items = &self.of_node.items;
        let called = items[places.start..places.end.min(items.len())]
            .iter()
            .fold(0, |called, &own| {
                let window = self.window(Own::from(own));
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

/// For actions on one key at `times` (ascending), the first of which is action `first`: how many are `near` each, and which windows
/// are wide.
#[inline]
fn look_around(times: &[i64], within: i64, first: usize, near: &mut [Near], wide: &mut Vec<Wide>) {
    let (mut start, mut end) = (0, 0);
    for ((&time, near), at) in times.iter().zip(near).zip(first as u32..) {
        while times[start] < time.saturating_sub(within) {
            start += 1;
        }
        while end < times.len() && times[end] <= time.saturating_add(within) {
            end += 1;
        }
        let window = (first + start) as u32..(first + end) as u32;
        *near = Near::new(at, &window).unwrap_or_else(|| {
            wide.push((at, window));
            Near {
                before: WIDE,
                after: WIDE,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::postings::{Actions, Postings};

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
            for own in company
                .of_node
                .items
                .iter()
                .step_by(37)
                .map(|&own| Own::from(own))
            {
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
