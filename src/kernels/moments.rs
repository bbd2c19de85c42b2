//! `Moments`: which of the actions in company happen at one time on one key.
//!
//! Counting moments asks of an action only whether it lies behind another in the order of keys and times, or at its side. So a
//! moment is the place of its first action, and all that is kept is a bit an action, set where it follows at the same
//! time: for millions of actions that fits the second nearest cache, where a number for each would be a wait for memory.

/// Moments of actions by key and time.
///
/// Layout: of sixty-four actions each, one bit an action and one number; the numbers are seldom asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moments {
    /// Set where an action is at the time of the one before it, on the same key.
    again: Vec<u64>,
    /// Where the first of the sixty-four is such a one: the first action of its moment.
    first: Vec<u32>,
}

/// Actions at the time of the one before them, noted in ascending order: words of bits, of those that are not empty.
#[derive(Debug, Default)]
pub(super) struct Again(Vec<(u32, u64)>);

impl Again {
    /// Notes action `at`, if it is one.
    #[inline]
    pub(super) fn note(&mut self, at: u32, again: bool) {
        if !again {
            return;
        }
        let (word, bit) = (at / u64::BITS, 1 << (at % u64::BITS));
        match self.0.last_mut() {
            Some((last, bits)) if *last == word => *bits |= bit,
            _ => self.0.push((word, bit)),
        }
    }
}

impl Moments {
    /// Of so many actions, of which these, in several parts, happen `again`.
    pub(super) fn new<'a>(actions: usize, again: impl IntoIterator<Item = &'a Again>) -> Self {
        let words = actions.div_ceil(u64::BITS as usize);
        let mut moments = Moments {
            again: vec![0; words],
            first: vec![0; words],
        };
        for &(word, bits) in again.into_iter().flat_map(|again| &again.0) {
            moments.again[word as usize] |= bits;
        }
        for word in 1..words {
            // What the word before says is already complete.
            moments.first[word] = moments.of(u64::BITS * word as u32 - 1) - 1;
        }
        moments
    }

    /// The moment of action `at`: equal for actions on one key at one time, and greater for whatever comes later. Never 0.
    #[inline]
    pub(crate) fn of(&self, at: u32) -> u32 {
        let (word, bit) = ((at / u64::BITS) as usize, at % u64::BITS);
        let passed = (self.again[word] << (u64::BITS - 1 - bit)).leading_ones();
        if passed > bit {
            return self.first[word] + 1;
        }
        at - passed + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};

    #[test]
    fn a_moment_is_the_place_of_its_first_action() {
        for (actions, alike) in [(1, 2), (64, 3), (1_000, 2), (5_000, 300), (700, 10_000)] {
            let again = |at: u32| at > 0 && below(draw(1, alike, u64::from(at)), alike) > 0;
            // Parts may meet inside a word.
            let mut parts = [Again::default(), Again::default()];
            for at in 0..actions {
                parts[usize::from(at > actions / 3)].note(at, again(at));
            }
            let moments = Moments::new(actions as usize, &parts);
            let mut first = 0;
            for at in 0..actions {
                if !again(at) {
                    first = at;
                }
                assert_eq!(moments.of(at), first + 1);
            }
        }
    }
}
