//! `Marks`: which of many numbers were seen, handed out in ascending order without a sort.
//!
//! A bit per number, a bit per word of those, and a bit per word of these again: the few words that are in
//! use are found by counting zeros, and emptied on the way, so a row of a hundred numbers among a million
//! costs a hundred words and not a million bits.

/// A set of numbers below a limit.
///
/// Layout: bit `i % 64` of `bits[i / 64]` says whether `i` is in; a bit of `words` whether that word of
/// `bits` is not zero, a bit of `blocks` whether that word of `words` is not.
#[derive(Debug, Default)]
pub struct Marks {
    bits: Vec<u64>,
    words: Vec<u64>,
    blocks: Vec<u64>,
}

impl Marks {
    /// An empty set of numbers below `limit`.
    pub fn new(limit: usize) -> Self {
        let [bits, words, blocks] = [6, 12, 18].map(|shift| vec![0; (limit >> shift) + 1]);
        Marks {
            bits,
            words,
            blocks,
        }
    }

    /// Adds `number`, which is below the limit.
    #[inline]
    pub fn set(&mut self, number: u32) {
        let word = &mut self.bits[number as usize >> 6];
        if *word == 0 {
            self.words[number as usize >> 12] |= 1 << (number >> 6 & 63);
            self.blocks[number as usize >> 18] |= 1 << (number >> 12 & 63);
        }
        *word |= 1 << (number & 63);
    }

    /// Hands out all numbers, ascending, and leaves the set empty.
    #[inline]
    pub fn drain(&mut self, mut visit: impl FnMut(u32)) {
        for (at, block) in self.blocks.iter_mut().enumerate() {
            for_each_bit(std::mem::take(block), at, |at| {
                for_each_bit(std::mem::take(&mut self.words[at]), at, |at| {
                    for_each_bit(std::mem::take(&mut self.bits[at]), at, |number| {
                        visit(number as u32);
                    });
                });
            });
        }
    }
}

/// The numbers of the bits that are set in word `at` of a list of words.
#[inline]
fn for_each_bit(mut word: u64, at: usize, mut visit: impl FnMut(usize)) {
    while word != 0 {
        visit(at * 64 + word.trailing_zeros() as usize);
        word &= word - 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_out_once_and_in_order(
            rounds in prop::collection::vec(prop::collection::vec(0u32..1_000_000, 0..200), 1..4)
        ) {
            let mut marks = Marks::new(1_000_000);
            for numbers in rounds {
                for &number in &numbers {
                    marks.set(number);
                }
                let mut drained = Vec::new();
                marks.drain(|number| drained.push(number));
                let expected: BTreeSet<u32> = numbers.into_iter().collect();
                prop_assert!(drained.into_iter().eq(expected));
            }
        }
    }
}
