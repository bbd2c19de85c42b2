//! Texts of few different letters, four bits a letter: what most ids are made of.
//!
//! Two alphabets of sixteen letters hold hexadecimal numbers on the one hand, and addresses, dates and decimal
//! numbers on the other. Eight letters are coded at once, without a branch, and decoded again to see whether they
//! were of the alphabet.

use crate::base::digits::ZEROS;

/// Sixteen letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `+,-./0123456789:`, which stand in this order in ASCII.
    Marks,
    /// `0123456789abcdef`.
    Hex,
}

const LOW_HALVES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
const FIRST_MARKS: u64 = 0x2b2b_2b2b_2b2b_2b2b;
const ONES: u64 = 0x0101_0101_0101_0101;

impl Alphabet {
    /// Eight times the letter whose code is 0.
    #[inline]
    pub(super) fn firsts(self) -> u64 {
        match self {
            Alphabet::Marks => FIRST_MARKS,
            Alphabet::Hex => ZEROS,
        }
    }

    /// Eight letters, the first in the highest byte, as 32 bits, the first in the highest four; `None` if one of them
    /// is not of the alphabet.
    #[inline]
    pub(super) fn encode(self, letters: u64) -> Option<u32> {
        let halves = match self {
            Alphabet::Marks => letters.wrapping_sub(FIRST_MARKS) & LOW_HALVES,
            // A letter above `9` has this bit, and `a` ends in 1.
            Alphabet::Hex => ((letters & LOW_HALVES) + 9 * (letters >> 6 & ONES)) & LOW_HALVES,
        };
        (self.letters(halves) == letters).then(|| join(halves))
    }

    /// The eight letters of [`Self::encode`].
    #[inline]
    pub(super) fn decode(self, code: u32) -> u64 {
        self.letters(split(code))
    }

    /// From codes, one a byte, to letters.
    #[inline]
    fn letters(self, halves: u64) -> u64 {
        match self {
            Alphabet::Marks => halves + FIRST_MARKS,
            Alphabet::Hex => {
                let above_nine = (halves + 6 * ONES) >> 4 & ONES;
                halves + ZEROS + u64::from(b'a' - b'9' - 1) * above_nine
            }
        }
    }
}

/// The lower halves of eight bytes, one behind the other.
#[inline]
fn join(halves: u64) -> u32 {
    let pairs = (halves >> 4 | halves) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs >> 8 | pairs) & 0x0000_ffff_0000_ffff;
    (fours >> 16 | fours) as u32
}

/// The inverse of [`join`].
#[inline]
fn split(code: u32) -> u64 {
    let fours = u64::from(code);
    let fours = (fours << 16 | fours) & 0x0000_ffff_0000_ffff;
    let pairs = (fours << 8 | fours) & 0x00ff_00ff_00ff_00ff;
    (pairs << 4 | pairs) & LOW_HALVES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_an_alphabet_come_back_and_no_others_are_coded() {
        for (alphabet, letters) in [
            (Alphabet::Marks, &b"+,-./0123456789:"[..]),
            (Alphabet::Hex, b"0123456789abcdef"),
        ] {
            let text = |place: usize, byte: u8| {
                let mut text: [u8; 8] = std::array::from_fn(|i| letters[i * 5 % 16]);
                text[place] = byte;
                u64::from_be_bytes(text)
            };
            for place in 0..8 {
                for byte in 0..=255u8 {
                    let text = text(place, byte);
                    let code = alphabet.encode(text);
                    let known = letters.iter().position(|&letter| letter == byte);
                    assert_eq!(
                        code.is_some(),
                        known.is_some(),
                        "{alphabet:?} {byte} at {place}"
                    );
                    if let (Some(code), Some(known)) = (code, known) {
                        assert_eq!(code >> (4 * (7 - place)) & 15, known as u32);
                        assert_eq!(alphabet.decode(code), text);
                    }
                }
            }
            assert_eq!(alphabet.encode(alphabet.firsts()), Some(0));
        }
    }
}
