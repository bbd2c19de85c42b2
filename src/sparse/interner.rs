//! `Interner`: many threads turn byte strings into small numbers at once.
//!
//! Keys of up to 16 bytes are numbers themselves and live in `ShortKeys` tables, spread over shards
//! by the top bits of their hash. A caller hands over a whole block of keys; they are sorted by
//! shard, so that every shard is locked once per block instead of once per key, and the lines of
//! memory that a shard's keys need are fetched together before the first is looked up. A decimal number of up to
//! eight digits is its own number and only marked in `Numerals`. A longer key goes the same way under 64 bits of hash and its last eight bytes, and is then compared with the text that has
//! its number. Should it be another (one pair among 10^19), it goes to a `DashMap` of its like.
//!
//! A provisional number says where a key lies (`local << 6 | shard`; the top bit tells keys that clash, counted by
//! themselves, the next one decimal numbers) and depends on who came first. It never leaves the program: [`Interner::finish`] renumbers by byte
//! order, so the ids of a [`Dictionary`] depend on the keys alone. The hash is seeded afresh in every
//! process, because keys are chosen by strangers who would otherwise know which of them collide.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dashmap::DashMap;
use foldhash::quality::RandomState;

use crate::sparse::cell::{Text, decimal};
use crate::sparse::dictionary::Dictionary;
use crate::sparse::numerals::{Numerals, VALUES, value_of};
use crate::sparse::ranking::{CLASHING, Keys, NUMERAL, SHARD_BITS, SHARDS};
use crate::sparse::short_keys::{SHORT_BYTES, ShortKey, ShortKeys};
use crate::sparse::texts::Texts;

pub use crate::sparse::cell::Cell;
pub use crate::sparse::ranking::{ABSENT, Full, Places, Renumbering};

/// Keys whose lines of memory are fetched together.
const FETCHED: usize = 128;
/// Keys in one shard at the most.
const SHARD_KEYS: u32 = NUMERAL >> SHARD_BITS;

/// A concurrent set of byte strings with provisional numbers.
pub struct Interner {
    shards: Vec<Mutex<Shard>>,
    numerals: Numerals,
    /// Long keys whose 128 bits another one had first.
    clashing: DashMap<Box<[u8]>, u32, RandomState>,
    clashing_keys: AtomicU32,
    state: RandomState,
}

impl Default for Interner {
    fn default() -> Self {
        Interner {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            numerals: Numerals::default(),
            clashing: DashMap::with_hasher(RandomState::default()),
            clashing_keys: AtomicU32::new(0),
            state: RandomState::default(),
        }
    }
}

/// The keys of one shard.
#[derive(Default)]
struct Shard {
    /// Short keys, and for long ones what [`Interner::stand_in`] makes of them.
    table: ShortKeys,
    texts: Texts,
}

/// Buffers that a thread reuses from block to block.
pub struct Scratch {
    /// In the order of the keys.
    pending: Vec<Pending>,
    /// The same, shard by shard.
    by_shard: Vec<Pending>,
    /// Where each shard begins; before sorting, how many keys the one before has.
    starts: [u32; SHARDS + 1],
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch {
            pending: Vec::new(),
            by_shard: Vec::new(),
            starts: [0; SHARDS + 1],
        }
    }
}

/// A short key on its way to its shard.
#[derive(Clone, Copy, Default)]
struct Pending {
    word: u128,
    length: u32,
    hash: u32,
    shard: u32,
    /// Where its number is to go.
    index: u32,
}

impl Pending {
    #[inline]
    fn key(&self) -> ShortKey {
        ShortKey {
            word: self.word,
            length: self.length,
        }
    }
}

impl Interner {
    /// Numbers `count` keys at once: `ids[i]` becomes the provisional number of `cell(i)`, or
    /// [`ABSENT`] where that is empty.
    ///
    /// Cost: next to nothing for a decimal number of up to eight digits; one hash and about one cache miss another short
    /// key, and 64 locks a call; three cache misses a long key.
    ///
    /// # Errors
    /// [`Full`].
    pub fn intern<'k>(
        &self,
        count: usize,
        cell: impl Fn(usize) -> Cell<'k>,
        scratch: &mut Scratch,
    ) -> Result<Vec<u32>, Full> {
        let mut ids = vec![ABSENT; count];
        scratch.begin(count);
        for (index, id) in ids.iter_mut().enumerate() {
            let Cell { bytes, length } = cell(index);
            let mut key = ShortKey::beginning(bytes, length);
            if let Some(value) = value_of(key) {
                self.numerals.mark(value);
                *id = NUMERAL | value;
            } else if key.length > 0 {
                if !key.is_whole() {
                    key = self.stand_in(&bytes[..length]);
                }
                scratch.push(self.pending(key, index as u32));
            }
        }
        self.intern_pending(scratch, |index| Text::There(cell(index).bytes()), &mut ids)?;
        Ok(ids)
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
        scratch: &mut Scratch,
    ) -> Result<Vec<u32>, Full> {
        let mut ids = vec![ABSENT; count];
        scratch.begin(count);
        for (index, id) in ids.iter_mut().enumerate() {
            let Some(value) = value(index) else { continue };
            if (0..i64::from(VALUES)).contains(&value) {
                self.numerals.mark(value as u32);
                *id = NUMERAL | value as u32;
            } else {
                let (text, start) = decimal(value);
                let text = &text[start..];
                let mut key = ShortKey::beginning(text, text.len());
                if !key.is_whole() {
                    key = self.stand_in(text);
                }
                scratch.push(self.pending(key, index as u32));
            }
        }
        let text = |index| {
            let (digits, first) = decimal(value(index).unwrap_or_default());
            Text::Digits(digits, first)
        };
        self.intern_pending(scratch, text, &mut ids)?;
        Ok(ids)
    }

    /// Numbers what the scratch holds, shard by shard; `text` is the whole of a long key.
    fn intern_pending<'k>(
        &self,
        scratch: &mut Scratch,
        text: impl Fn(usize) -> Text<'k>,
        ids: &mut [u32],
    ) -> Result<(), Full> {
        scratch.sort_by_shard();
        let starts = &scratch.starts;
        // Tasks begin at different shards, or they would queue up behind each other at every one.
        let first = scratch.pending.first().map_or(0, |key| key.hash as usize);
        for shard in (0..SHARDS).map(|turn| first.wrapping_add(turn) % SHARDS) {
            let block = &scratch.by_shard[starts[shard] as usize..starts[shard + 1] as usize];
            if !block.is_empty() {
                let mut table = lock(&self.shards[shard]);
                self.intern_block(&mut table, shard as u32, block, &text, ids)?;
            }
        }
        Ok(())
    }

    /// What a long key is looked up by: a hash of all its bytes, and its last eight.
    #[inline]
    fn stand_in(&self, key: &[u8]) -> ShortKey {
        let end = key.last_chunk().map_or(0, |end| u64::from_be_bytes(*end));
        ShortKey {
            word: u128::from(self.state.hash_one(key)) << 64 | u128::from(end),
            length: SHORT_BYTES as u32 + 1,
        }
    }

    #[inline]
    fn pending(&self, key: ShortKey, index: u32) -> Pending {
        let hash = self.hash(key.word);
        Pending {
            word: key.word,
            length: key.length,
            hash: hash as u32,
            shard: (hash >> (64 - SHARD_BITS)) as u32,
            index,
        }
    }

    /// Looks up the keys of one shard in passes: fetch, find where a key belongs, fetch where else it may be, find or put
    /// it there, and compare what is long. What is looked at without having been fetched before is waited for alone.
    fn intern_block<'k>(
        &self,
        shard: &mut Shard,
        number: u32,
        block: &[Pending],
        text: &impl Fn(usize) -> Text<'k>,
        ids: &mut [u32],
    ) -> Result<(), Full> {
        for few in block.chunks(FETCHED) {
            let fetched = few.iter().fold(0, |sum: u32, pending| {
                sum.wrapping_add(shard.table.touch(pending.hash))
            });
            std::hint::black_box(fetched);
            let mut late = [0u8; FETCHED];
            let mut lates = 0;
            let mut longest = 0;
            for (place, pending) in few.iter().enumerate() {
                longest = longest.max(pending.length);
                if let Some(local) = shard.table.find_at_home(pending.key(), pending.hash) {
                    ids[pending.index as usize] = local << SHARD_BITS | number;
                } else {
                    late[lates] = place as u8;
                    lates += 1;
                }
            }
            let late = || late[..lates].iter().map(|&place| &few[place as usize]);
            let fetched = late().fold(0, |sum: u32, pending| {
                sum.wrapping_add(shard.table.touch_next(pending.hash))
            });
            std::hint::black_box(fetched);
            for pending in late() {
                let known = shard.table.len();
                let hash = |word| self.hash(word) as u32;
                let local = shard
                    .table
                    .intern(pending.key(), pending.hash, SHARD_KEYS, hash);
                let local = local.ok_or(Full)?;
                ids[pending.index as usize] = local << SHARD_BITS | number;
                if local == known && pending.length as usize > SHORT_BYTES {
                    let text = text(pending.index as usize);
                    shard.texts.put(local, text.bytes());
                }
            }
            if longest as usize > SHORT_BYTES {
                self.compare(shard, few, text, ids)?;
            }
        }
        Ok(())
    }

    /// Sends long keys away that are not the one whose number they were given.
    fn compare<'k>(
        &self,
        shard: &Shard,
        few: &[Pending],
        text: &impl Fn(usize) -> Text<'k>,
        ids: &mut [u32],
    ) -> Result<(), Full> {
        for pending in few.iter().filter(|key| key.length as usize > SHORT_BYTES) {
            let index = pending.index as usize;
            let text = text(index);
            if shard.texts.get(ids[index] >> SHARD_BITS) != text.bytes() {
                ids[index] = self.intern_clashing(text.bytes())?;
            }
        }
        Ok(())
    }

    #[inline]
    fn hash(&self, word: u128) -> u64 {
        let mut hasher = self.state.build_hasher();
        hasher.write_u128(word);
        hasher.finish()
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

    /// How provisional numbers lie in a dense array.
    pub fn places(&self) -> Places {
        let mut bases = Vec::with_capacity(SHARDS);
        let mut base = 0;
        for shard in &self.shards {
            bases.push(base);
            base += lock(shard).table.len() as usize;
        }
        Places {
            bases,
            sharded: base,
            numerals: self.numerals.seen(),
            clashing: self.clashing.len(),
        }
    }

    /// Drops the keys that `keep` refuses (by [`Places::dense`]) and numbers the rest in byte order.
    ///
    /// Cost: a parallel sort of the distinct keys, 32 bytes each.
    ///
    /// # Errors
    /// [`Full`].
    pub fn finish(
        self,
        keep: impl Fn(usize) -> bool + Sync,
    ) -> Result<(Dictionary, Renumbering), Full> {
        let places = self.places();
        let mut clashing: Vec<Box<[u8]>> = vec![Box::default(); self.clashing.len()];
        for (key, local) in self.clashing {
            clashing[local as usize] = key;
        }
        let shards = self.shards.into_iter();
        let (tables, texts) = shards
            .map(|shard| shard.into_inner().unwrap_or_else(PoisonError::into_inner))
            .map(|shard| (shard.table, shard.texts))
            .unzip();
        let keys = Keys {
            tables,
            texts,
            clashing,
        };
        keys.rank(places, keep)
    }
}

impl Scratch {
    /// Empties the buffers, and makes room for `count` keys.
    fn begin(&mut self, count: usize) {
        self.pending.clear();
        self.pending.reserve(count);
        self.starts = [0; SHARDS + 1];
    }

    #[inline]
    fn push(&mut self, key: Pending) {
        self.starts[key.shard as usize + 1] += 1;
        self.pending.push(key);
    }

    /// Counting sort of the keys: those of shard `s` are
    /// `by_shard[starts[s] .. starts[s + 1]]`.
    fn sort_by_shard(&mut self) {
        for shard in 0..SHARDS {
            self.starts[shard + 1] += self.starts[shard];
        }
        let mut next = self.starts;
        self.by_shard.resize(self.pending.len(), Pending::default());
        for key in &self.pending {
            let slot = &mut next[key.shard as usize];
            self.by_shard[*slot as usize] = *key;
            *slot += 1;
        }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    fn intern(interner: &Interner, keys: &[&'static str]) -> Vec<u32> {
        let mut scratch = Scratch::default();
        interner
            .intern(keys.len(), |i| keys[i].as_bytes().into(), &mut scratch)
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
        ];
        let mut dictionaries = Vec::new();
        for turn in 0..keys.len() {
            let mut turned = keys;
            turned.rotate_left(turn);
            let interner = Interner::default();
            let (first, second) = turned.split_at(turn);
            let numbers = [intern(&interner, first), intern(&interner, second)].concat();
            let (dictionary, renumbering) = interner.finish(|_| true).unwrap();
            for (key, number) in turned.iter().zip(numbers) {
                let rank = renumbering.rank(number);
                assert_eq!(rank == ABSENT, key.is_empty());
                if rank != ABSENT {
                    assert_eq!(dictionary.get(rank), key.as_bytes());
                }
            }
            dictionaries.push(dictionary);
        }
        assert_eq!(dictionaries[0].len(), 6);
        assert!(dictionaries.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_key_that_clashes_has_a_number_of_its_own() {
        let interner = Interner::default();
        let [mine, other] = ["a key of many bytes", "what had its bits first"];
        let number = intern(&interner, &[mine])[0];
        // As if another key had been there first, with the same hash and the same end.
        let shard = &interner.shards[number as usize % SHARDS];
        lock(shard)
            .texts
            .put(number >> SHARD_BITS, other.as_bytes());
        let numbers = intern(&interner, &[mine, "short", mine]);
        assert!(numbers[0] == numbers[2] && numbers[0] != number);
        assert_eq!(interner.places().len(), 3);
        let (dictionary, renumbering) = interner.finish(|_| true).unwrap();
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
            let mut scratch = Scratch::default();
            let text: Vec<String> = values.iter().map(i64::to_string).collect();
            let as_text = |scratch: &mut Scratch| {
                let cell = |i: usize| text[i].as_bytes().into();
                interner.intern(values.len(), cell, scratch).unwrap()
            };
            let as_numbers = |scratch: &mut Scratch| {
                let value = |i: usize| values.get(i).copied();
                let mut ids = interner
                    .intern_integers(values.len() + 1, value, scratch)
                    .unwrap();
                assert_eq!(ids.pop(), Some(ABSENT));
                ids
            };
            let (one, other) = if numbers_first {
                (as_numbers(&mut scratch), as_text(&mut scratch))
            } else {
                (as_text(&mut scratch), as_numbers(&mut scratch))
            };
            assert_eq!(one, other);
            assert_eq!(interner.places().len(), values.len());
        }
    }

    #[test]
    fn keys_that_are_not_kept_leave_no_trace() {
        let interner = Interner::default();
        let numbers = intern(&interner, &["a", "b", "c"]);
        let places = interner.places();
        let dropped = places.dense(numbers[1]);
        let (dictionary, renumbering) = interner.finish(|place| place != dropped).unwrap();
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
                let mut scratch = Scratch::default();
                interner
                    .intern(block.len(), |i| block[i].as_bytes().into(), &mut scratch)
                    .unwrap()
            })
            .collect();
        let numbers = blocks.concat();
        for i in 0..4_000 {
            assert_eq!(numbers[i], numbers[i + 1_000]);
        }
        assert_eq!(interner.places().len(), 1_000);
    }
}
