//! `Numerals`: the numbers of keys that are decimal numbers, found by value instead of by a search.
//!
//! Ids that a database counts up lie close together, so their numbers fit a plain array, which is a fifth of the
//! table's size and has no lock, no hash and nothing to compare. It only remembers what the table of
//! keys said; whatever it does not know is asked there.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::base::digits::{ZEROS, eight_digits};
use crate::sparse::short_keys::ShortKey;

/// Values that share a segment: what lies near each other is remembered together or not at all.
const SEGMENT: usize = 1 << 14;
/// Segments at the most: values up to 67 million.
const SEGMENTS: usize = 1 << 12;
/// Segments that are opened without a question.
const FREE_SEGMENTS: usize = 4;
/// Further ones are opened while one value of so many is in use, so a key costs 64 bytes at the most.
const VALUES_A_KEY: usize = 16;

/// Remembers numbers by value; all threads at once.
pub(super) struct Numerals {
    /// One more than the number, by value; 0 where nothing is known.
    segments: Box<[OnceLock<Box<[AtomicU32]>>]>,
    opened: AtomicUsize,
    known: AtomicUsize,
}

impl Default for Numerals {
    fn default() -> Self {
        Numerals {
            segments: (0..SEGMENTS).map(|_| OnceLock::new()).collect(),
            opened: AtomicUsize::new(0),
            known: AtomicUsize::new(0),
        }
    }
}

impl Numerals {
    /// One more than the number of the key that is `value` in decimal; 0 if it is not remembered.
    #[inline]
    pub(super) fn get(&self, value: u32) -> u32 {
        let segment = self.segments.get(value as usize / SEGMENT);
        match segment.and_then(OnceLock::get) {
            Some(segment) => segment[value as usize % SEGMENT].load(Ordering::Relaxed),
            None => 0,
        }
    }

    /// Remembers the number of `value`, if that is worth its memory.
    pub(super) fn put(&self, value: u32, number: u32) {
        let Some(segment) = self.segments.get(value as usize / SEGMENT) else {
            return;
        };
        let segment = match segment.get() {
            Some(segment) => segment,
            None if self.may_open() => segment.get_or_init(|| {
                self.opened.fetch_add(1, Ordering::Relaxed);
                (0..SEGMENT).map(|_| AtomicU32::new(0)).collect()
            }),
            None => return,
        };
        let before = segment[value as usize % SEGMENT].swap(number + 1, Ordering::Relaxed);
        if before == 0 {
            self.known.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn may_open(&self) -> bool {
        let values = self.opened.load(Ordering::Relaxed) * SEGMENT;
        let known = self.known.load(Ordering::Relaxed);
        values < FREE_SEGMENTS * SEGMENT + known * VALUES_A_KEY
    }
}

/// The value of a key that is a decimal number of up to eight digits as it is usually written:
/// `7`, not `007` or `+7`, which are other keys.
#[inline]
pub(super) fn value_of(key: ShortKey) -> Option<u32> {
    if key.length == 0 || key.length > 8 {
        return None;
    }
    let text = (key.word >> 64) as u64;
    if text >> 56 == u64::from(b'0') && key.length > 1 {
        return None;
    }
    let unused = ZEROS.checked_shl(8 * key.length).unwrap_or(0);
    eight_digits(text >> (64 - 8 * key.length) | unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<u32> {
        value_of(ShortKey::beginning(text.as_bytes(), text.len()))
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
                assert_eq!(value_of(ShortKey::beginning(&text, text.len())), expected);
            }
        }
    }

    #[test]
    fn remembers_what_lies_close_and_not_what_is_scattered() {
        let numerals = Numerals::default();
        for value in 0..200_000 {
            numerals.put(value, value ^ 1);
        }
        assert!((0..200_000).all(|value| numerals.get(value) == (value ^ 1) + 1));
        assert_eq!(numerals.get(300_000), 0);
        assert_eq!(numerals.get(u32::MAX), 0);

        let numerals = Numerals::default();
        for value in (0..4_000).map(|i| i * SEGMENT as u32) {
            numerals.put(value, 1);
        }
        assert!(numerals.opened.load(Ordering::Relaxed) <= FREE_SEGMENTS + 1);
        assert_eq!(numerals.get(0), 2);
        assert_eq!(numerals.get(3_999 * SEGMENT as u32), 0);
    }
}
