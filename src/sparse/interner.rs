//! `Interner`: many threads turn byte strings into small numbers at once.
//!
//! A decimal number of up to eight digits is its own number. Any other key is looked up by its `Code` in tables that
//! all threads read at the same time, some hundred keys at once, so that the lines of memory that they need are fetched
//! together. Keys that nobody has seen are put in afterwards, by one thread at a time. What is longer than a code goes
//! the same way under 64 bits of hash and its last eight bytes, and is then compared with the text that has its number.
//! Should it be another (one pair among 10^19), it goes to a `DashMap` of its like.
//!
//! A provisional number counts keys as they came (the top bit tells keys that clash, counted by themselves, the next
//! one decimal numbers). It never leaves the program: [`Interner::finish`] renumbers by byte
//! order, so the ids of a [`Dictionary`] depend on the keys alone. The hash is seeded afresh in every
//! process, because keys are chosen by strangers who would otherwise know which of them collide.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use dashmap::DashMap;
use foldhash::quality::RandomState;

use crate::base::patience::locked;
use crate::sparse::cell::{Text, decimal};
use crate::sparse::code_table::{Narrow, Wide};
use crate::sparse::codes::{Code, STAND_IN};
use crate::sparse::dictionary::Dictionary;
use crate::sparse::numerals::{Seen, VALUES, value_of};
use crate::sparse::queue::{FETCHED, Queue};
use crate::sparse::ranking::{CLASHING, Keys, NUMERAL};
use crate::sparse::texts::Texts;

pub use crate::sparse::cell::Cell;
pub use crate::sparse::ranking::{ABSENT, Full, Places, Renumbering};

/// Keys that are looked up before the first new one of them is put in: nobody waits long for a table to be free, and
/// few find it taken.
const LOOKED_UP: usize = 64 * FETCHED;

/// A concurrent set of byte strings with provisional numbers.
#[derive(Default)]
pub struct Interner {
    tables: RwLock<Tables>,
    /// Long keys whose 128 bits another one had first.
    clashing: DashMap<Box<[u8]>, u32, RandomState>,
    clashing_keys: AtomicU32,
    state: RandomState,
}

/// Keys that are numbered as they come.
#[derive(Default)]
struct Tables {
    keys: u32,
    narrow: Narrow,
    /// Among them, for long keys, what [`Interner::stand_in`] makes of them.
    wide: Wide,
    texts: Texts,
}

impl Interner {
    /// Numbers `count` keys at once: `ids[i]` becomes the provisional number of `cell(i)`, or
    /// [`ABSENT`] where that is empty.
    ///
    /// Cost: next to nothing for a decimal number of up to eight digits; one hash and about one cache miss another
    /// key of up to 16 bytes, a UUID or 32 hexadecimal letters; three cache misses another long key.
    ///
    /// # Errors
    /// [`Full`].
    pub fn intern<'k>(
        &self,
        count: usize,
        cell: impl Fn(usize) -> Cell<'k>,
    ) -> Result<Vec<u32>, Full> {
        let code = |index: usize| {
            let Cell { bytes, length } = cell(index);
            self.code(bytes, length)
        };
        self.intern_codes(count, code, |index| Text::There(cell(index).bytes()))
    }

    /// The same for whole numbers, whose keys are what they are in decimal; `None` is absent.
    ///
    /// Cost: as for text.
    ///
    /// # Errors
    /// [`Full`].
    pub fn intern_integers(
        &self,
        count: usize,
        value: impl Fn(usize) -> Option<i64>,
    ) -> Result<Vec<u32>, Full> {
        let code = |index: usize| match value(index) {
            None => Coded::Number(ABSENT),
            Some(value) if (0..i64::from(VALUES)).contains(&value) => numeral(value as u32),
            Some(value) => {
                let (text, start) = decimal(value);
                let text = &text[start..];
                self.code(text, text.len())
            }
        };
        let text = |index| {
            let (digits, first) = decimal(value(index).unwrap_or_default());
            Text::Digits(digits, first)
        };
        self.intern_codes(count, code, text)
    }

    /// What there is to look up for a key.
    #[inline]
    fn code(&self, bytes: &[u8], length: usize) -> Coded {
        match Code::of(bytes, length) {
            Code::Narrow(_, 0) => Coded::Number(ABSENT),
            Code::Narrow(word, class) => match value_of(word, class) {
                Some(value) => numeral(value),
                None => Coded::Narrow(word, class),
            },
            Code::Wide(word, class) => Coded::Wide(word, class),
            Code::Long => Coded::Wide(self.stand_in(&bytes[..length]), STAND_IN),
        }
    }

    /// What a long key is looked up by: a hash of all its bytes, and its last eight.
    #[inline]
    fn stand_in(&self, key: &[u8]) -> u128 {
        let end = key.last_chunk().map_or(0, |end| u64::from_be_bytes(*end));
        u128::from(self.state.hash_one(key)) << 64 | u128::from(end)
    }

    /// Numbers `count` keys; `text` is the whole of a long one.
    fn intern_codes<'k>(
        &self,
        count: usize,
        code: impl Fn(usize) -> Coded,
        text: impl Fn(usize) -> Text<'k>,
    ) -> Result<Vec<u32>, Full> {
        let mut ids = Vec::with_capacity(count);
        let mut narrow = Queue::default();
        let mut wide = Queue::default();
        while ids.len() < count {
            let end = count.min(ids.len() + LOOKED_UP);
            let tables = self.read();
            while ids.len() < end {
                for index in ids.len()..end.min(ids.len() + FETCHED) {
                    ids.push(match code(index) {
                        Coded::Number(number) => number,
                        Coded::Narrow(word, class) => narrow.push(word, class, index, &self.state),
                        Coded::Wide(word, class) => wide.push(word, class, index, &self.state),
                    });
                }
                narrow.look_up(&tables.narrow, &mut ids);
                wide.look_up(&tables.wide, &mut ids);
                for index in wide.looked_up(STAND_IN) {
                    if ids[index] != ABSENT {
                        ids[index] = self.told_apart(&tables.texts, ids[index], &text(index))?;
                    }
                }
            }
            drop(tables);
            if narrow.has_absent() || wide.has_absent() {
                self.put_absent(&mut narrow, &mut wide, &text, &mut ids)?;
            }
        }
        Ok(ids)
    }

    /// Puts the keys in that were not there, unless somebody else has done so in the meantime.
    fn put_absent<'k>(
        &self,
        narrow: &mut Queue<u64>,
        wide: &mut Queue<u128>,
        text: &impl Fn(usize) -> Text<'k>,
        ids: &mut [u32],
    ) -> Result<(), Full> {
        let mut tables = locked(|| self.tables.try_write(), || self.tables.write());
        let Tables {
            keys,
            narrow: narrow_table,
            wide: wide_table,
            texts,
        } = &mut *tables;
        for key in narrow.take_absent() {
            let (number, _) = key.put_in(narrow_table, keys, &self.state)?;
            ids[key.index as usize] = number;
        }
        for key in wide.take_absent() {
            let index = key.index as usize;
            let (number, new) = key.put_in(wide_table, keys, &self.state)?;
            ids[index] = number;
            if key.class == STAND_IN {
                let text = text(index);
                if new {
                    texts.put(number, text.bytes());
                }
                ids[index] = self.told_apart(texts, number, &text)?;
            }
        }
        Ok(())
    }

    /// The number that a long key's stand-in has, or another one if that number's text is another.
    #[inline]
    fn told_apart(&self, texts: &Texts, number: u32, text: &Text) -> Result<u32, Full> {
        if texts.get(number) == text.bytes() {
            Ok(number)
        } else {
            self.intern_clashing(text.bytes())
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        locked(|| self.tables.try_read(), || self.tables.read())
    }

    /// The map's guards live no longer than the statement that copies the number out.
    #[cold]
    fn intern_clashing(&self, key: &[u8]) -> Result<u32, Full> {
        let next = || self.clashing_keys.fetch_add(1, Ordering::Relaxed);
        let local = *self.clashing.entry(key.into()).or_insert_with(next);
        if local < ABSENT - CLASHING {
            Ok(CLASHING | local)
        } else {
            Err(Full)
        }
    }

    /// How provisional numbers lie in a dense array; `numbers` are all that were given and are still in use.
    ///
    /// Cost: one pass over them.
    pub fn places(&self, numbers: &[&[u32]]) -> Places {
        Places {
            numbered: self.read().keys as usize,
            numerals: Seen::among(numbers),
            clashing: self.clashing.len(),
        }
    }

    /// Drops the keys that `keep` refuses (by [`Places::dense`] of `places`, which are this interner's) and numbers the
    /// rest in byte order.
    ///
    /// Cost: a parallel sort of the distinct keys, 32 bytes each.
    ///
    /// # Errors
    /// [`Full`].
    pub fn finish(
        self,
        places: Places,
        keep: impl Fn(usize) -> bool + Sync,
    ) -> Result<(Dictionary, Renumbering), Full> {
        let mut clashing: Vec<Box<[u8]>> = vec![Box::default(); self.clashing.len()];
        for (key, local) in self.clashing {
            clashing[local as usize] = key;
        }
        let tables = self
            .tables
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let keys = Keys {
            narrow: tables.narrow,
            wide: tables.wide,
            texts: tables.texts,
            clashing,
        };
        keys.rank(places, keep)
    }
}

/// What there is to look up for a key.
enum Coded {
    /// Nothing: this is its number.
    Number(u32),
    /// Bits and class in a table.
    Narrow(u64, u32),
    Wide(u128, u32),
}

#[inline]
fn numeral(value: u32) -> Coded {
    Coded::Number(NUMERAL | value)
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    fn intern(interner: &Interner, keys: &[&'static str]) -> Vec<u32> {
        interner
            .intern(keys.len(), |i| keys[i].as_bytes().into())
            .unwrap()
    }

    #[test]
    fn ranks_follow_byte_order_whatever_came_first() {
        let keys = [
            "7",
            "007",
            "",
            "ünter",
            "7",
            "seventeen bytes a",
            "seventeen bytes b",
            "7\0",
            "c1acafb4986d72da",
            "121.91.168.221",
            "c1acafb4-986d-72da-0123-456789abcdef",
            "c1acafb4-986d-72da-0123-456789abcdeg",
            "c1acafb4986d72da0123456789abcdef",
        ];
        let mut dictionaries = Vec::new();
        for turn in 0..keys.len() {
            let mut turned = keys;
            turned.rotate_left(turn);
            let interner = Interner::default();
            let (first, second) = turned.split_at(turn);
            let numbers = [intern(&interner, first), intern(&interner, second)].concat();
            let places = interner.places(&[&numbers]);
            let (dictionary, renumbering) = interner.finish(places, |_| true).unwrap();
            for (key, number) in turned.iter().zip(numbers) {
                let rank = renumbering.rank(number);
                assert_eq!(rank == ABSENT, key.is_empty());
                if rank != ABSENT {
                    assert_eq!(dictionary.get(rank), key.as_bytes());
                }
            }
            dictionaries.push(dictionary);
        }
        assert_eq!(dictionaries[0].len(), 11);
        assert!(dictionaries.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_key_that_clashes_has_a_number_of_its_own() {
        let interner = Interner::default();
        let [mine, other] = ["a key of many bytes", "what had its bits first"];
        let number = intern(&interner, &[mine])[0];
        // As if another key had been there first, with the same hash and the same end.
        interner
            .tables
            .write()
            .unwrap()
            .texts
            .put(number, other.as_bytes());
        let numbers = intern(&interner, &[mine, "short", mine]);
        assert!(numbers[0] == numbers[2] && numbers[0] != number);
        let places = interner.places(&[&numbers]);
        assert_eq!(places.len(), 3);
        let (dictionary, renumbering) = interner.finish(places, |_| true).unwrap();
        for (key, number) in [(mine, numbers[0]), (other, number), ("short", numbers[1])] {
            assert_eq!(dictionary.get(renumbering.rank(number)), key.as_bytes());
        }
    }

    #[test]
    fn integers_are_their_decimal_text() {
        let values = [
            0,
            7,
            -7,
            99_999_999,
            100_000_000,
            9_999_999_999_999_999,
            10_000_000_000_000_000,
            i64::MAX,
            i64::MIN,
        ];
        for numbers_first in [true, false] {
            let interner = Interner::default();
            let text: Vec<String> = values.iter().map(i64::to_string).collect();
            let as_text = || {
                let cell = |i: usize| text[i].as_bytes().into();
                interner.intern(values.len(), cell).unwrap()
            };
            let as_numbers = || {
                let value = |i: usize| values.get(i).copied();
                let mut ids = interner.intern_integers(values.len() + 1, value).unwrap();
                assert_eq!(ids.pop(), Some(ABSENT));
                ids
            };
            let (one, other) = if numbers_first {
                (as_numbers(), as_text())
            } else {
                (as_text(), as_numbers())
            };
            assert_eq!(one, other);
            assert_eq!(interner.places(&[&one]).len(), values.len());
        }
    }

    #[test]
    fn keys_that_are_not_kept_leave_no_trace() {
        let interner = Interner::default();
        let numbers = intern(&interner, &["a", "b", "c"]);
        let places = interner.places(&[&numbers]);
        let dropped = places.dense(numbers[1]);
        let (dictionary, renumbering) = interner.finish(places, |place| place != dropped).unwrap();
        assert_eq!(dictionary.iter().collect::<Vec<_>>(), [b"a", b"c"]);
        assert_eq!(
            numbers
                .iter()
                .map(|&n| renumbering.rank(n))
                .collect::<Vec<_>>(),
            [0, ABSENT, 1]
        );
    }

    #[test]
    fn threads_agree_on_one_number_per_key() {
        let interner = Interner::default();
        let keys: Vec<String> = (0..5_000u32).map(|i| format!("k{}", i % 1_000)).collect();
        let blocks: Vec<Vec<u32>> = keys
            .par_chunks(100)
            .map(|block| {
                interner
                    .intern(block.len(), |i| block[i].as_bytes().into())
                    .unwrap()
            })
            .collect();
        let numbers = blocks.concat();
        for i in 0..4_000 {
            assert_eq!(numbers[i], numbers[i + 1_000]);
        }
        assert_eq!(interner.places(&[&numbers]).len(), 1_000);
    }
}
