//! `Interner`: many threads turn byte strings into small numbers at once.
//!
//! Keys of up to 16 bytes are numbers themselves and live in `ShortKeys` tables, spread over shards
//! by the top bits of their hash. A caller hands over a whole block of keys; they are sorted by
//! shard, so that every shard is locked once per block instead of once per key, and the lines of
//! memory that a shard's keys need are fetched together before the first is looked up. What is a
//! decimal number is looked for in `Numerals` before, which needs none of this. Longer keys
//! come one at a time and own memory: they live in a `DashMap`, whose look-ups of known keys do not
//! keep each other out.
//!
//! A provisional number says where a key lies (`local << 6 | shard`; the top bit tells long keys, counted by themselves) and
//! depends on who came first. It never leaves the program: [`Interner::finish`] renumbers by byte
//! order, so the ids of a [`Dictionary`] depend on the keys alone. The hash is seeded afresh in every
//! process, because keys are chosen by strangers who would otherwise know which of them collide.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dashmap::DashMap;
use foldhash::quality::RandomState;
use rayon::prelude::*;

use crate::sparse::dictionary::Dictionary;
use crate::sparse::numerals::{Numerals, value_of};
use crate::sparse::short_keys::{ShortKey, ShortKeys};

/// The number of an empty key.
pub const ABSENT: u32 = u32::MAX;

const SHARD_BITS: u32 = 6;
const SHARDS: usize = 1 << SHARD_BITS;
/// Keys whose lines of memory are fetched together.
const FETCHED: usize = 128;
/// Stands for a key that is no number: there is no such key in `Numerals`.
const NO_VALUE: u32 = u32::MAX;
/// The bit that tells long keys.
const LONG: u32 = 1 << 31;
/// Shards of the map of long keys: many more than threads, so that they seldom meet.
const LONG_SHARDS: usize = 256;
/// Keys in one shard at the most.
const SHARD_KEYS: u32 = LONG >> SHARD_BITS;

/// There are more distinct keys than 32-bit ids can tell apart: about two thousand million
/// of up to 16 bytes, and as many longer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more distinct keys than 32-bit ids can number")]
pub struct Full;

/// A key where it stands in memory: the first `length` of `bytes`.
///
/// What follows in `bytes` is no part of it, but where something follows, a short key is loaded at
/// once instead of byte by byte.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'k> {
    bytes: &'k [u8],
    length: usize,
}

impl<'k> Cell<'k> {
    /// `text[start .. start + length]`.
    ///
    /// # Panics
    /// If that is outside of `text`.
    #[inline]
    pub fn within(text: &'k [u8], start: usize, length: usize) -> Self {
        let bytes = &text[start..];
        assert!(length <= bytes.len(), "a cell ends where its text ends");
        Cell { bytes, length }
    }

    /// The key.
    #[inline]
    pub fn bytes(&self) -> &'k [u8] {
        &self.bytes[..self.length]
    }
}

impl<'k> From<&'k [u8]> for Cell<'k> {
    fn from(bytes: &'k [u8]) -> Self {
        let length = bytes.len();
        Cell { bytes, length }
    }
}

/// A concurrent set of byte strings with provisional numbers.
pub struct Interner {
    short: Vec<Mutex<ShortKeys>>,
    numerals: Numerals,
    long: DashMap<Box<[u8]>, u32, RandomState>,
    long_keys: AtomicU32,
    state: RandomState,
}

impl Default for Interner {
    fn default() -> Self {
        Interner {
            short: (0..SHARDS).map(|_| Mutex::default()).collect(),
            numerals: Numerals::default(),
            long: DashMap::with_hasher_and_shard_amount(RandomState::default(), LONG_SHARDS),
            long_keys: AtomicU32::new(0),
            state: RandomState::default(),
        }
    }
}

/// Buffers that a thread reuses from block to block.
#[derive(Default)]
pub struct Scratch {
    /// In the order of the keys.
    pending: Vec<Pending>,
    /// The same, shard by shard.
    by_shard: Vec<Pending>,
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

impl Interner {
    /// Numbers `count` keys at once: `ids[i]` becomes the provisional number of `cell(i)`, or
    /// [`ABSENT`] where that is empty.
    ///
    /// Cost: one hash and about one cache miss a short key, and 64 locks a call; two locks and three
    /// cache misses a long key.
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
        scratch.pending.clear();
        let mut keys = [ShortKey::default(); FETCHED];
        let mut values = [NO_VALUE; FETCHED];
        for (few, ids) in ids.chunks_mut(FETCHED).enumerate() {
            let first = few * FETCHED;
            for (place, id) in ids.iter_mut().enumerate() {
                let Cell { bytes, length } = cell(first + place);
                let key = ShortKey::beginning(bytes, length);
                if !key.is_whole() {
                    *id = self.intern_long(&bytes[..length])?;
                }
                keys[place] = key;
                values[place] = value_of(key).unwrap_or(NO_VALUE);
            }
            let known = self.known(&values[..ids.len()]);
            for (place, id) in ids.iter_mut().enumerate() {
                let key = keys[place];
                if let Some(number) = known[place].checked_sub(1) {
                    *id = number;
                } else if key.is_whole() && key.length > 0 {
                    let index = (first + place) as u32;
                    scratch.pending.push(self.pending(key, index));
                }
            }
        }
        self.intern_pending(scratch, &mut ids)?;
        Ok(ids)
    }

    /// The same for whole numbers, whose keys are what they are in decimal; `None` is absent.
    ///
    /// Cost: about one cache miss a number that was seen before and lies near others; else as for text.
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
        scratch.pending.clear();
        let mut values = [NO_VALUE; FETCHED];
        for (few, ids) in ids.chunks_mut(FETCHED).enumerate() {
            let first = few * FETCHED;
            for (place, slot) in values[..ids.len()].iter_mut().enumerate() {
                let value = value(first + place).and_then(|value| u32::try_from(value).ok());
                *slot = value.unwrap_or(NO_VALUE);
            }
            let known = self.known(&values[..ids.len()]);
            for (place, id) in ids.iter_mut().enumerate() {
                if let Some(number) = known[place].checked_sub(1) {
                    *id = number;
                } else if let Some(value) = value(first + place) {
                    let (text, start) = decimal(value);
                    let text = &text[start..];
                    let key = ShortKey::beginning(text, text.len());
                    if key.is_whole() {
                        let index = (first + place) as u32;
                        scratch.pending.push(self.pending(key, index));
                    } else {
                        *id = self.intern_long(text)?;
                    }
                }
            }
        }
        self.intern_pending(scratch, &mut ids)?;
        Ok(ids)
    }

    /// What [`Numerals`] says of a few values, one after the other without a question in between, so that the
    /// processor waits for all of them at the same time.
    #[inline]
    fn known(&self, values: &[u32]) -> [u32; FETCHED] {
        let mut known = [0; FETCHED];
        for (known, &value) in known.iter_mut().zip(values) {
            *known = self.numerals.get(value);
        }
        known
    }

    /// Numbers what the scratch holds, shard by shard.
    fn intern_pending(&self, scratch: &mut Scratch, ids: &mut [u32]) -> Result<(), Full> {
        let starts = scratch.sort_by_shard();
        // Tasks begin at different shards, or they would queue up behind each other at every one.
        let first = scratch.pending.first().map_or(0, |key| key.hash as usize);
        for shard in (0..SHARDS).map(|turn| first.wrapping_add(turn) % SHARDS) {
            let block = &scratch.by_shard[starts[shard] as usize..starts[shard + 1] as usize];
            if !block.is_empty() {
                let mut table = lock(&self.short[shard]);
                self.intern_block(&mut table, shard as u32, block, ids)?;
            }
        }
        Ok(())
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

    /// Looks up the keys of one shard in two passes: fetch, then find.
    fn intern_block(
        &self,
        table: &mut ShortKeys,
        shard: u32,
        block: &[Pending],
        ids: &mut [u32],
    ) -> Result<(), Full> {
        for few in block.chunks(FETCHED) {
            let fetched = few.iter().fold(0, |sum: u32, pending| {
                sum.wrapping_add(table.touch(pending.hash))
            });
            std::hint::black_box(fetched);
            for pending in few {
                let key = ShortKey {
                    word: pending.word,
                    length: pending.length,
                };
                let local = table
                    .intern(key, pending.hash, SHARD_KEYS, |word| self.hash(word) as u32)
                    .ok_or(Full)?;
                let number = local << SHARD_BITS | shard;
                ids[pending.index as usize] = number;
                if let Some(value) = value_of(key) {
                    self.numerals.put(value, number);
                }
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
    fn intern_long(&self, key: &[u8]) -> Result<u32, Full> {
        let known = self.long.get(key).map(|local| *local);
        let local = known.unwrap_or_else(|| {
            let next = || self.long_keys.fetch_add(1, Ordering::Relaxed);
            *self.long.entry(key.into()).or_insert_with(next)
        });
        if local < ABSENT - LONG {
            Ok(LONG | local)
        } else {
            Err(Full)
        }
    }

    /// How provisional numbers lie in a dense array.
    pub fn places(&self) -> Places {
        let mut bases = Vec::with_capacity(SHARDS);
        let mut base = 0;
        for shard in &self.short {
            bases.push(base);
            base += lock(shard).len() as usize;
        }
        Places {
            bases,
            short: base,
            long: self.long.len(),
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
        let mut long: Vec<Box<[u8]>> = vec![Box::default(); places.long];
        for (key, local) in self.long {
            long[local as usize] = key;
        }
        let shards = self.short;
        let short = shards
            .into_par_iter()
            .enumerate()
            .flat_map_iter(|(shard, table)| {
                let table = table.into_inner().unwrap_or_else(PoisonError::into_inner);
                let keys: Vec<Sortable> = table
                    .iter()
                    .map(|(key, local)| Sortable::new(key, local << SHARD_BITS | shard as u32))
                    .collect();
                keys
            });
        let long_keys = long.par_iter().enumerate().map(|(local, key)| {
            Sortable::new(ShortKey::beginning(key, key.len()), LONG | local as u32)
        });
        let mut kept: Vec<Sortable> = short
            .chain(long_keys)
            .filter(|item| keep(places.dense(item.number)))
            .collect();
        if kept.len() >= ABSENT as usize {
            return Err(Full);
        }
        let whole = |item: &Sortable| match item.number & LONG {
            0 => &[][..],
            _ => &long[(item.number ^ LONG) as usize],
        };
        kept.par_sort_unstable_by(|a, b| {
            a.key().cmp(&b.key()).then_with(|| whole(a).cmp(whole(b)))
        });
        let mut ids = vec![ABSENT; places.len()];
        let mut dictionary = Dictionary::default();
        dictionary.reserve(kept.len());
        for (id, item) in kept.iter().enumerate() {
            ids[places.dense(item.number)] = id as u32;
            if item.key().is_whole() {
                dictionary.push(&item.key().bytes()[..item.length as usize]);
            } else {
                dictionary.push(whole(item));
            }
        }
        Ok((dictionary, Renumbering { places, ids }))
    }
}

impl Scratch {
    /// Counting sort of the keys: those of shard `s` are
    /// `by_shard[starts[s] .. starts[s + 1]]`.
    fn sort_by_shard(&mut self) -> [u32; SHARDS + 1] {
        let mut starts = [0u32; SHARDS + 1];
        for key in &self.pending {
            starts[key.shard as usize + 1] += 1;
        }
        for shard in 0..SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts;
        self.by_shard.resize(self.pending.len(), Pending::default());
        for key in &self.pending {
            let slot = &mut next[key.shard as usize];
            self.by_shard[*slot as usize] = *key;
            *slot += 1;
        }
        starts
    }
}

/// A number in decimal, and where in the array it begins.
fn decimal(value: i64) -> ([u8; 20], usize) {
    let mut text = [0; 20];
    let mut first = text.len();
    let mut rest = value.unsigned_abs();
    loop {
        first -= 1;
        text[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        first -= 1;
        text[first] = b'-';
    }
    (text, first)
}

fn lock(shard: &Mutex<ShortKeys>) -> MutexGuard<'_, ShortKeys> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A key on its way to its rank. The first 16 bytes decide nearly every comparison without a look
/// at the key itself.
struct Sortable {
    word: u128,
    length: u32,
    number: u32,
}

impl Sortable {
    fn new(key: ShortKey, number: u32) -> Self {
        let ShortKey { word, length } = key;
        Sortable {
            word,
            length,
            number,
        }
    }

    #[inline]
    fn key(&self) -> ShortKey {
        ShortKey {
            word: self.word,
            length: self.length,
        }
    }
}

/// A dense order of provisional numbers: those of shard 0, then those of shard 1, and so on, then
/// those of long keys.
#[derive(Debug, Clone)]
pub struct Places {
    bases: Vec<usize>,
    short: usize,
    long: usize,
}

impl Places {
    /// The place of a provisional number that is not [`ABSENT`], below [`Self::len`].
    #[inline]
    pub fn dense(&self, number: u32) -> usize {
        if number & LONG == 0 {
            self.bases[number as usize % SHARDS] + (number >> SHARD_BITS) as usize
        } else {
            self.short + (number ^ LONG) as usize
        }
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        self.short + self.long
    }

    /// True when none was given.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// From provisional numbers to ranks.
pub struct Renumbering {
    places: Places,
    ids: Vec<u32>,
}

impl Renumbering {
    /// The rank of the key with this provisional number; [`ABSENT`] stays [`ABSENT`], as does the
    /// number of a key that was not kept.
    #[inline]
    pub fn rank(&self, number: u32) -> u32 {
        if number == ABSENT {
            ABSENT
        } else {
            self.ids[self.places.dense(number)]
        }
    }
}

#[cfg(test)]
mod tests {
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
            let mut as_text = |scratch: &mut Scratch| {
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
