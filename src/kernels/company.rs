//! `Company`: the actions that can make a pair, packed so tightly that the rows of a projection find them in cache.
//!
//! Most actions on a key have nobody near them, or a crowd above the cap. They are left out here, and of the
//! others only what pairing asks for is kept: who, and an order of times. Which actions are inside whose window
//! is worked out once, in the order of keys and times; the rows then read runs of eight bytes.

use rayon::prelude::*;

use crate::sparse::chunks;
use crate::sparse::grouping::{Groups, group};
use crate::sparse::postings::Postings;

/// Actions with company, by key and time.
///
/// Layout: `actions`, `crowd` and, if contents matter, `content` have one entry an action.
#[derive(Debug, Clone, Default)]
pub struct Company {
    pub(crate) actions: Vec<Action>,
    /// Distinct nodes in the window around the action.
    pub(crate) crowd: Vec<u32>,
    /// What the action was done with.
    pub(crate) content: Vec<u32>,
    /// The actions of each node, ascending.
    pub(crate) of_node: Groups<Own>,
}

/// Who acted, and in what order of times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) who: u32,
    /// Grows with key and time: equal for actions on one key at one time, and greater on every later key.
    /// Never 0.
    pub(crate) moment: u32,
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
    /// The postings with company and no crowd above `cap` for which `content` is something.
    ///
    /// Cost: `O(postings)`, in parallel; 24 bytes an action that is kept, 28 with contents.
    pub fn new(
        postings: &Postings,
        nodes: usize,
        cap: u32,
        content: Option<&(impl Fn(u32, usize) -> Option<u32> + Sync)>,
    ) -> Self {
        let pieces: Vec<Piece> = chunks::by_work(&postings.offsets, WORK)
            .into_par_iter()
            .map(|keys| Piece::new(postings, keys, cap, content))
            .collect();
        let mut company = Company::default();
        let mut windows = Vec::with_capacity(pieces.iter().map(|piece| piece.crowd.len()).sum());
        let mut moments = 0;
        for piece in pieces {
            let actions = company.actions.len() as u32;
            let shifted = |action: &Action| Action {
                who: action.who,
                moment: moments + action.moment,
            };
            company.actions.extend(piece.actions.iter().map(shifted));
            company.crowd.extend_from_slice(&piece.crowd);
            company.content.extend_from_slice(&piece.content);
            moments = company.actions.last().map_or(0, |action| action.moment);
            let shifted = |&(first, end): &(u32, u32)| (actions + first, actions + end);
            windows.extend(piece.windows.iter().map(shifted));
        }
        company.of_node = group(company.actions.len(), nodes, |at| {
            let (first, end) = windows[at];
            let own = Own {
                at: at as u32,
                first,
                end,
            };
            (end - first > 1).then(|| (company.actions[at].who, own))
        });
        company
    }
}

/// The company on some keys; places and moments are counted from its beginning.
#[derive(Default)]
struct Piece {
    actions: Vec<Action>,
    crowd: Vec<u32>,
    content: Vec<u32>,
    windows: Vec<(u32, u32)>,
}

impl Piece {
    fn new(
        postings: &Postings,
        keys: std::ops::Range<usize>,
        cap: u32,
        content: Option<&impl Fn(u32, usize) -> Option<u32>>,
    ) -> Self {
        let mut piece = Piece::default();
        let mut times: Vec<i64> = Vec::new();
        let mut moment = 0;
        for key in keys {
            let start = piece.actions.len();
            times.clear();
            for p in postings.of(key as u32) {
                let crowd = postings.crowd[p];
                if !(2..=cap).contains(&crowd) {
                    continue;
                }
                if let Some(content) = content {
                    let Some(content) = content(key as u32, p) else {
                        continue;
                    };
                    piece.content.push(content);
                }
                moment += u32::from(times.last() != Some(&postings.times[p]));
                times.push(postings.times[p]);
                let who = postings.nodes[p];
                piece.actions.push(Action { who, moment });
                piece.crowd.push(crowd);
            }
            let (mut first, mut end) = (0, 0);
            for &time in &times {
                while times[first] < time.saturating_sub(postings.within) {
                    first += 1;
                }
                while end < times.len() && times[end] <= time.saturating_add(postings.within) {
                    end += 1;
                }
                let window = ((start + first) as u32, (start + end) as u32);
                piece.windows.push(window);
            }
        }
        piece
    }
}
