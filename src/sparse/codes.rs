//! `Code`: what a key is looked up by, as few bits as hold it.
//!
//! A *narrow* code is 64 bits and a class: up to eight bytes as they are, or up to sixteen letters of an alphabet that
//! needs four bits a letter. A *wide* one is 128 bits and a class: up to sixteen bytes as they are, a hash of 32
//! hexadecimal letters, or a UUID. All of these are the whole key. Of a longer one it is a hash and its end, which must
//! then be compared.
//!
//! A class says how to read the bits, so two keys have the same bits and class only if they are the same.

use std::ops::{Deref, Range};

use crate::sparse::nibbles::Alphabet;
use crate::sparse::short_keys::{SHORT_BYTES, ShortKey};

/// Bytes of the longest key whose narrow code is itself.
pub(super) const EIGHT: usize = 8;
/// Classes of narrow codes: the length for bytes as they are and for marks, this much more for hexadecimal letters.
const HEX: u32 = SHORT_BYTES as u32 - EIGHT as u32;
/// Classes of wide codes above those that are lengths.
const HASH: u32 = 17;
const UUID: u32 = 18;
/// The class of a wide code that stands for a longer key.
pub(super) const STAND_IN: u32 = 19;
/// Classes are below this; 0 is none.
pub(super) const CLASS_BITS: u32 = 5;

/// The bit of every byte that letters have, and digits and marks have not.
const LETTER_BITS: u128 = 0x4040_4040_4040_4040_4040_4040_4040_4040;

/// Bytes of 128 bits in hexadecimal letters.
const HASH_BYTES: usize = 32;
/// The same with four dashes.
pub(super) const UUID_BYTES: usize = 36;

/// Bits and how to read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Narrow(u64, u32),
    Wide(u128, u32),
    /// The key is longer than codes are.
    Long,
}

impl Code {
    /// The code of the first `length` bytes of `bytes`, more than none.
    #[inline]
    pub(super) fn of(bytes: &[u8], length: usize) -> Self {
        if length <= EIGHT {
            Code::Narrow(first_eight(bytes, length), length as u32)
        } else if length <= SHORT_BYTES {
            Self::of_sixteen(ShortKey::beginning(bytes, length))
        } else {
            Self::of_more(&bytes[..length])
        }
    }

    /// Of a key of nine to sixteen bytes.
    #[inline]
    fn of_sixteen(key: ShortKey) -> Self {
        let ShortKey { word, length } = key;
        // Where there is no letter of the alphabet, nothing but digits is left that would be hexadecimal.
        let (alphabet, class) = match word & LETTER_BITS {
            0 => (Alphabet::Marks, length),
            _ => (Alphabet::Hex, length + HEX),
        };
        match encode(alphabet, key) {
            Some(code) => Code::Narrow(code, class),
            None => Code::Wide(word, length),
        }
    }

    /// Of a longer key.
    fn of_more(key: &[u8]) -> Self {
        let (letters, class) = match key.len() {
            HASH_BYTES => (key.first_chunk().copied(), HASH),
            UUID_BYTES => (without_dashes(key), UUID),
            _ => (None, 0),
        };
        match letters.and_then(|letters| hexadecimal(&letters)) {
            Some(bits) => Code::Wide(bits, class),
            None => Code::Long,
        }
    }
}

/// Up to eight bytes as a big-endian number, zeros behind.
#[inline]
pub(super) fn first_eight(bytes: &[u8], length: usize) -> u64 {
    let word = bytes.first_chunk().map_or_else(
        || {
            let mut first = [0; EIGHT];
            first[..length].copy_from_slice(&bytes[..length]);
            u64::from_be_bytes(first)
        },
        |first| u64::from_be_bytes(*first),
    );
    let unused = 8 * (EIGHT - length) as u32;
    word.checked_shr(unused)
        .unwrap_or(0)
        .checked_shl(unused)
        .unwrap_or(0)
}

/// Nine to sixteen letters of an alphabet; its first letter stands for those that are not there.
#[inline]
fn encode(alphabet: Alphabet, key: ShortKey) -> Option<u64> {
    let high = alphabet.encode((key.word >> 64) as u64)?;
    let absent = alphabet
        .firsts()
        .checked_shr(8 * (key.length - EIGHT as u32));
    let low = alphabet.encode(key.word as u64 | absent.unwrap_or(0))?;
    Some(u64::from(high) << 32 | u64::from(low))
}

/// The key of a narrow code.
#[inline]
pub(super) fn narrow_key(bits: u64, class: u32) -> ShortKey {
    let (alphabet, length) = match class {
        0..=8 => return ShortKey::of_word(u128::from(bits) << 64, class),
        9..=16 => (Alphabet::Marks, class),
        _ => (Alphabet::Hex, class - HEX),
    };
    let high = alphabet.decode((bits >> 32) as u32);
    let low = alphabet.decode(bits as u32);
    ShortKey::of_word(u128::from(high) << 64 | u128::from(low), length)
}

/// The bytes of a wide code of more than sixteen letters; `None` for others, and for what only stands for a key.
pub(super) fn long_key(bits: u128, class: u32) -> Option<Spelled> {
    match class {
        HASH => Some(Spelled::of(&letters(bits))),
        UUID => Some(Spelled::with_dashes(&letters(bits))),
        _ => None,
    }
}

/// The inverse of [`hexadecimal`].
fn letters(bits: u128) -> [u8; HASH_BYTES] {
    let mut letters = [0; HASH_BYTES];
    let (eights, _) = letters.as_chunks_mut::<EIGHT>();
    for (eight, shift) in eights.iter_mut().zip([96, 64, 32, 0]) {
        *eight = Alphabet::Hex.decode((bits >> shift) as u32).to_be_bytes();
    }
    letters
}

/// Up to as many bytes as a UUID has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spelled {
    bytes: [u8; UUID_BYTES],
    length: usize,
}

/// 32 letters as 128 bits, if they are hexadecimal.
#[inline]
fn hexadecimal(letters: &[u8; HASH_BYTES]) -> Option<u128> {
    let (eights, _) = letters.as_chunks::<EIGHT>();
    eights.iter().try_fold(0, |bits, eight| {
        let code = Alphabet::Hex.encode(u64::from_be_bytes(*eight))?;
        Some(bits << 32 | u128::from(code))
    })
}

/// Where letters of a UUID stand: in the UUID, and among its letters.
const PARTS: [(Range<usize>, usize); 5] = [
    (0..8, 0),
    (9..13, 8),
    (14..18, 12),
    (19..23, 16),
    (24..36, 20),
];

/// The letters of what is as long as a UUID, if there are dashes before all parts but the first.
#[inline]
fn without_dashes(key: &[u8]) -> Option<[u8; HASH_BYTES]> {
    let mut letters = [0; HASH_BYTES];
    for (from, to) in PARTS {
        if from.start > 0 && key[from.start - 1] != b'-' {
            return None;
        }
        letters[to..to + from.len()].copy_from_slice(&key[from]);
    }
    Some(letters)
}

impl Spelled {
    fn of(letters: &[u8; HASH_BYTES]) -> Self {
        let mut bytes = [0; UUID_BYTES];
        bytes[..HASH_BYTES].copy_from_slice(letters);
        Spelled {
            bytes,
            length: HASH_BYTES,
        }
    }

    fn with_dashes(letters: &[u8; HASH_BYTES]) -> Self {
        let mut bytes = [b'-'; UUID_BYTES];
        for (to, from) in PARTS {
            let length = to.len();
            bytes[to].copy_from_slice(&letters[from..from + length]);
        }
        Spelled {
            bytes,
            length: UUID_BYTES,
        }
    }
}

impl Deref for Spelled {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(key: &str) -> Code {
        Code::of(key.as_bytes(), key.len())
    }

    #[test]
    fn keys_come_back_whole() {
        let keys = [
            "7",
            "7\0",
            "eight888",
            "c1acafb4986d72da",
            "c1acafb498",
            "121.91.168.221",
            "1.2.3.4:8",
            "2024-01-31",
            "+44123456789",
            "+++++++++",
            "000000000",
            "0000000000",
            "999999999",
            "9999999999999999",
        ];
        for key in keys {
            let Code::Narrow(bits, class) = code(key) else {
                panic!("{key} is narrow")
            };
            assert!(class > 0 && class < 1 << CLASS_BITS);
            let short = narrow_key(bits, class);
            assert_eq!(&short.bytes()[..short.length as usize], key.as_bytes());
        }
        for key in [
            "0123456789abcdef0123456789abcdef",
            "c1acafb4-986d-72da-0123-456789abcdef",
        ] {
            let Code::Wide(bits, class) = code(key) else {
                panic!("{key} is wide")
            };
            assert!(class < STAND_IN);
            assert_eq!(long_key(bits, class).as_deref(), Some(key.as_bytes()));
        }
        for key in [
            "Nine bytes",
            "C1ACAFB4986D72DA",
            "c1acafb4986d72dg",
            "nine:bytes",
        ] {
            let word = ShortKey::beginning(key.as_bytes(), key.len()).word;
            assert_eq!(code(key), Code::Wide(word, key.len() as u32));
            assert_eq!(long_key(word, key.len() as u32), None);
        }
        for key in [
            "a key of many bytes",
            "0123456789ABCDEF0123456789abcdef",
            "c1acafb4-986d-72da-0123-456789abcdeg",
            "c1acafb4-986d-72da-0123_456789abcdef",
            "c1acafb49-86d-72da-0123-456789abcdef",
            "0123456789abcdef0",
        ] {
            assert_eq!(code(key), Code::Long, "{key}");
        }
    }

    #[test]
    fn other_keys_have_other_codes() {
        let letters = ["0", "+", "a", "-", "\0", "5", ":", "f", "."];
        let mut keys = vec![String::new()];
        for length in [1, 2, 7, 8, 9, 10, 15, 16] {
            for letter in letters {
                keys.push(letter.repeat(length));
                keys.push(format!("{}{letter}", "0".repeat(length - 1)));
                keys.push(format!("{letter}{}", "0".repeat(length - 1)));
            }
        }
        keys.sort();
        keys.dedup();
        let codes: Vec<Code> = keys[1..].iter().map(|key| code(key)).collect();
        for (at, one) in codes.iter().enumerate() {
            assert!(!codes[..at].contains(one), "{:?}", keys[at + 1]);
        }
    }

    #[test]
    fn what_follows_a_key_does_not_matter() {
        let text = b"c1acafb4986d72da9012345678901234567890,121.91.168.221";
        for length in 1..=32 {
            let alone = &text[..length];
            assert_eq!(Code::of(text, length), Code::of(alone, length), "{length}");
        }
    }
}
