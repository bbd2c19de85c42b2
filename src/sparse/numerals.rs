//! Keys that are decimal numbers of up to eight digits: they need no table, for they are their own numbers.
//!
//! Ids that a database counts up are most of what there is to look up. Nobody keeps books of them while keys are
//! numbered, which many threads do at once; which there are is asked once, of all numbers that were given. A bit for
//! each value that was seen says it: a hundredth of what a table would hold for ids that lie close together, and at
//! most 12.5 MB.

use rayon::prelude::*;

use crate::base::digits::{ZEROS, eight_digits, eight_letters};
use crate::sparse::ranking::{CLASHING, NUMERAL};
use crate::sparse::short_keys::ShortKey;

/// Values are below this.
pub(super) const VALUES: u32 = 100_000_000;

const BITS: usize = 32;

/// Numbers that are looked through together.
const STRETCH: usize = 1 << 18;

/// A bit for each value, as far as there is any.
#[derive(Default)]
struct Marks {
    bits: Vec<u32>,
}

impl Marks {
    /// Marks the decimal numbers among provisional numbers.
    fn mark(mut self, numbers: &[u32]) -> Self {
        for number in numbers {
            if number & (CLASHING | NUMERAL) == NUMERAL {
                let value = (number ^ NUMERAL) as usize;
                if value / BITS >= self.bits.len() {
                    self.bits.resize((value / BITS + 1).next_power_of_two(), 0);
                }
                self.bits[value / BITS] |= 1 << (value % BITS);
            }
        }
        self
    }

    /// What is marked in either.
    fn or(self, other: Self) -> Self {
        let (mut all, few) = if self.bits.len() < other.bits.len() {
            (other, self)
        } else {
            (self, other)
        };
        for (bits, more) in all.bits.iter_mut().zip(few.bits) {
            *bits |= more;
        }
        all
    }
}

/// The values that were seen, numbered in ascending order.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    stretches: Vec<Stretch>,
    count: u32,
}

/// Some values next to each other.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    bits: u32,
    /// How many were seen before them.
    before: u32,
}

impl Seen {
    /// Those among provisional numbers.
    ///
    /// Cost: one pass, and for each thread an eighth of a byte for each value up to the greatest.
    pub(super) fn among(numbers: &[&[u32]]) -> Self {
        let stretches = numbers
            .par_iter()
            .flat_map(|numbers| numbers.par_chunks(STRETCH));
        let marks = stretches
            .fold(Marks::default, Marks::mark)
            .reduce(Marks::default, Marks::or);
        let mut seen = Seen::default();
        seen.stretches = marks
            .bits
            .into_iter()
            .map(|bits| {
                let before = seen.count;
                seen.count += bits.count_ones();
                Stretch { bits, before }
            })
            .collect();
        seen
    }

    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    /// How many smaller values than `value` were seen.
    #[inline]
    pub(super) fn place(&self, value: u32) -> usize {
        let stretch = self.stretches[value as usize / BITS];
        let below = stretch.bits & ((1 << (value as usize % BITS)) - 1);
        (stretch.before + below.count_ones()) as usize
    }

    /// All of them, ascending.
    pub(super) fn values(&self) -> impl Iterator<Item = u32> {
        let stretches = (0u32..).step_by(BITS).zip(&self.stretches);
        stretches.flat_map(|(first, stretch)| {
            let mut bits = stretch.bits;
            std::iter::from_fn(move || {
                let value = (bits != 0).then(|| first + bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
                value
            })
        })
    }

    /// The greatest.
    pub(super) fn last(&self) -> Option<u32> {
        let stretch = self
            .stretches
            .iter()
            .rposition(|stretch| stretch.bits != 0)?;
        let first = (stretch * BITS) as u32;
        Some(first + self.stretches[stretch].bits.ilog2())
    }

    /// All of them, with their places, in the order of their decimal text.
    pub(super) fn in_byte_order(&self) -> Vec<Numeral> {
        let values = self.values().zip(0..);
        let mut numerals: Vec<Numeral> = values
            .map(|(value, place)| Numeral::new(value, place))
            .collect();
        // As many ascending runs as there are lengths, which this sort looks for.
        numerals.sort();
        numerals
    }
}

/// A value that was seen, ordered by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Numeral {
    /// The digits with zeros behind up to eight, and in the lowest four bits how many there are.
    text: u32,
    /// See [`Seen::place`].
    pub(super) place: u32,
}

impl Numeral {
    fn new(value: u32, place: u32) -> Self {
        let length = value.checked_ilog10().unwrap_or(0) + 1;
        Numeral {
            text: (value * 10u32.pow(8 - length)) << 4 | length,
            place,
        }
    }

    /// The same as the key that it was.
    pub(super) fn key(self) -> ShortKey {
        ShortKey::beginning(&eight_letters(self.text >> 4), (self.text & 15) as usize)
    }
}

/// The value of up to eight bytes (as a big-endian number, zeros behind) that are a decimal number as it is usually
/// written: `7`, not `007` or `+7`, which are other keys.
#[inline]
pub(super) fn value_of(text: u64, length: u32) -> Option<u32> {
    if length == 0 || length > 8 || (text >> 56 == u64::from(b'0') && length > 1) {
        return None;
    }
    let unused = ZEROS.checked_shl(8 * length).unwrap_or(0);
    eight_digits(text >> (64 - 8 * length) | unused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::codes::first_eight;
    use crate::sparse::ranking::ABSENT;

    fn value_of_bytes(text: &[u8]) -> Option<u32> {
        value_of(first_eight(text, text.len().min(8)), text.len() as u32)
    }

    fn value(text: &str) -> Option<u32> {
        value_of_bytes(text.as_bytes())
    }

    #[test]
    fn only_numbers_as_usually_written_have_a_value() {
        for number in [
            0, 1, 9, 10, 99, 100, 12_345, 9_999_999, 10_000_000, 99_999_999,
        ] {
            assert_eq!(value(&number.to_string()), Some(number));
        }
        for number in (0..99_999_999).step_by(9_973) {
            assert_eq!(value(&number.to_string()), Some(number));
        }
        for text in [
            "",
            "00",
            "007",
            "-1",
            "+1",
            "1 ",
            " 1",
            "1.0",
            "1e3",
            "123456789",
            "12a",
            "/",
            ":",
            "1:",
            "1/",
            "1\0",
            "\0",
            "?",
            "12345678\0",
            "ü",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
        for byte in 0..=255u8 {
            for text in [
                vec![byte],
                vec![b'1', byte],
                vec![byte, b'1', b'2'],
                vec![b'9'; 7],
            ] {
                let expected = std::str::from_utf8(&text).ok();
                let expected = expected.and_then(|text| {
                    let value: u32 = text.parse().ok()?;
                    (value.to_string() == text).then_some(value)
                });
                assert_eq!(value_of_bytes(&text), expected);
            }
        }
    }

    #[test]
    fn values_have_places_by_size_and_come_in_the_order_of_their_text() {
        let mut values: Vec<u32> = (0..3_000).map(|i| i * i * 11 % VALUES).collect();
        values.extend([0, 1, 31, 32, 33, 10, 100, 99, VALUES - 1, VALUES - 32]);
        let others = [0, 7, ABSENT, CLASHING, CLASHING | 31];
        let mut numbers: Vec<u32> = values.iter().rev().map(|value| NUMERAL | value).collect();
        numbers.extend(others);
        values.sort_unstable();
        values.dedup();
        for parts in [1, 2, 1_000] {
            let parts: Vec<&[u32]> = numbers.chunks(numbers.len().div_ceil(parts)).collect();
            assert_eq!(Seen::among(&parts).len(), values.len());
        }
        let seen = Seen::among(&[&numbers]);
        for (place, &value) in values.iter().enumerate() {
            assert_eq!(seen.place(value), place);
        }
        let mut texts: Vec<(String, usize)> = values.iter().map(u32::to_string).zip(0..).collect();
        texts.sort();
        assert!(seen.values().eq(values.iter().copied()));
        assert_eq!(seen.last(), values.last().copied());
        let found: Vec<Numeral> = seen.in_byte_order();
        assert_eq!(found.len(), texts.len());
        for (numeral, (text, place)) in found.into_iter().zip(texts) {
            assert_eq!(numeral.place as usize, place);
            assert_eq!(
                numeral.key(),
                ShortKey::beginning(text.as_bytes(), text.len())
            );
        }
        let nothing = Seen::among(&[&others]);
        assert_eq!((nothing.len(), nothing.last()), (0, None));
    }
}
