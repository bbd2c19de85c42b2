//! `Interner`: many threads turn byte strings into small numbers at once.
//!
//! Keys are spread over shards by the top bits of their hash. A caller hands over a whole block of
//! keys; they are first sorted by shard, so that every shard is locked once per block instead of once
//! per key, and the keys of one shard are looked up back to back while its table is in cache.
//!
//! A provisional number says where a key lies (`local << 6 | shard`) and depends on who came first.
//! It never leaves the program: [`Interner::finish`] renumbers by byte order, so the ids of a
//! [`Dictionary`] depend on the keys alone. The hash is seeded afresh in every process, because keys
//! are chosen by strangers who would otherwise know which of them collide.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::sparse::dictionary::Dictionary;

/// The number of an empty key.
pub const ABSENT: u32 = u32::MAX;

const SHARD_BITS: u32 = 6;
const SHARDS: usize = 1 << SHARD_BITS;
/// Keys in one shard at the most; keeps every provisional number below [`ABSENT`].
const SHARD_KEYS: u32 = (1 << (32 - SHARD_BITS)) - 1;

/// Slots of a shard that holds anything.
const LEAST_SLOTS: usize = 16;

/// There are more distinct keys than 32-bit ids can tell apart (about four thousand million), or
/// more than 256 GiB of key bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more distinct keys than 32-bit ids can number")]
pub struct Full;

/// A slot of a shard's table: free while `length` is 0, for no key is empty. The key's first and
/// last eight bytes stand in the slot itself, so that a key of up to 16 bytes is recognised without a
/// look elsewhere: one cache miss a look-up, half a cache line a slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    ends: [u64; 2],
    hash: u32,
    length: u32,
    /// Where the key lies in the arena.
    start: u32,
    local: u32,
}

/// The first and the last eight bytes of a key, which overlap in a short one; together with its
/// length they are all of a key of up to 16 bytes.
#[inline]
fn ends(key: &[u8]) -> [u64; 2] {
    if let (Some(first), Some(last)) = (key.first_chunk::<8>(), key.last_chunk::<8>()) {
        [u64::from_le_bytes(*first), u64::from_le_bytes(*last)]
    } else if let (Some(first), Some(last)) = (key.first_chunk::<4>(), key.last_chunk::<4>()) {
        [
            u32::from_le_bytes(*first).into(),
            u32::from_le_bytes(*last).into(),
        ]
    } else {
        [
            key.iter()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
            0,
        ]
    }
}

/// The keys whose hash begins with the same bits: open addressing, linear probing, at most three
/// slots of four in use.
#[derive(Default)]
struct Shard {
    slots: Vec<Slot>,
    arena: Vec<u8>,
    keys: u32,
}

impl Shard {
    #[inline]
    fn intern(&mut self, hash: u32, key: &[u8]) -> Result<u32, Full> {
        if self.keys as usize * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let ends = ends(key);
        let mut at = self.home(hash);
        loop {
            let slot = &self.slots[at];
            if slot.length == 0 {
                return self.insert(at, hash, key);
            }
            if slot.ends == ends
                && slot.length as usize == key.len()
                && (key.len() <= 16 || self.key(slot) == key)
            {
                return Ok(slot.local);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn insert(&mut self, at: usize, hash: u32, key: &[u8]) -> Result<u32, Full> {
        let start = u32::try_from(self.arena.len()).map_err(|_| Full)?;
        let length = u32::try_from(key.len()).map_err(|_| Full)?;
        let local = self.keys;
        if local >= SHARD_KEYS {
            return Err(Full);
        }
        self.arena.extend_from_slice(key);
        self.slots[at] = Slot {
            ends: ends(key),
            hash,
            length,
            start,
            local,
        };
        self.keys += 1;
        Ok(local)
    }

    #[cold]
    fn grow(&mut self) {
        let wider = vec![Slot::default(); (self.slots.len() * 2).max(LEAST_SLOTS)];
        for slot in std::mem::replace(&mut self.slots, wider) {
            if slot.length > 0 {
                let mut at = self.home(slot.hash);
                while self.slots[at].length > 0 {
                    at = (at + 1) & (self.slots.len() - 1);
                }
                self.slots[at] = slot;
            }
        }
    }

    /// Where the search for a key begins; the number of slots is a power of two.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn key(&self, slot: &Slot) -> &[u8] {
        &self.arena[slot.start as usize..][..slot.length as usize]
    }

    fn used(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(|slot| slot.length > 0)
    }
}

/// A concurrent set of byte strings with provisional numbers.
pub struct Interner {
    shards: Vec<Mutex<Shard>>,
    state: RandomState,
}

impl Default for Interner {
    fn default() -> Self {
        Interner {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            state: RandomState::default(),
        }
    }
}

/// Buffers that a thread reuses from block to block.
#[derive(Default)]
pub struct Scratch {
    hashes: Vec<u64>,
    by_shard: Vec<u32>,
}

impl Interner {
    /// Numbers `count` keys at once: `ids[i]` becomes the provisional number of `key(i)`, or
    /// [`ABSENT`] where that is empty.
    ///
    /// Cost: one hash and about one cache miss a key; 64 locks a call.
    ///
    /// # Errors
    /// [`Full`].
    pub fn intern<'k>(
        &self,
        count: usize,
        key: impl Fn(usize) -> &'k [u8],
        scratch: &mut Scratch,
    ) -> Result<Vec<u32>, Full> {
        let mut ids = vec![ABSENT; count];
        let starts = self.sort_by_shard(count, &key, scratch);
        for shard in 0..SHARDS {
            let block = &scratch.by_shard[starts[shard] as usize..starts[shard + 1] as usize];
            if block.is_empty() {
                continue;
            }
            let mut locked = lock(&self.shards[shard]);
            for &index in block {
                let local =
                    locked.intern(scratch.hashes[index as usize] as u32, key(index as usize))?;
                ids[index as usize] = local << SHARD_BITS | shard as u32;
            }
        }
        Ok(ids)
    }

    /// Counting sort of the keys that are not empty: those of shard `s` are
    /// `scratch.by_shard[starts[s] .. starts[s + 1]]`.
    fn sort_by_shard<'k>(
        &self,
        count: usize,
        key: &impl Fn(usize) -> &'k [u8],
        scratch: &mut Scratch,
    ) -> [u32; SHARDS + 1] {
        let mut starts = [0u32; SHARDS + 1];
        scratch.hashes.clear();
        for index in 0..count {
            let key = key(index);
            let mut hasher = self.state.build_hasher();
            hasher.write(key);
            let hash = hasher.finish();
            scratch.hashes.push(hash);
            starts[shard_of(hash) + 1] += u32::from(!key.is_empty());
        }
        for shard in 0..SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts;
        scratch.by_shard.clear();
        scratch.by_shard.resize(starts[SHARDS] as usize, 0);
        for (index, &hash) in scratch.hashes.iter().enumerate() {
            if !key(index).is_empty() {
                let slot = &mut next[shard_of(hash)];
                scratch.by_shard[*slot as usize] = index as u32;
                *slot += 1;
            }
        }
        starts
    }

    /// How provisional numbers lie in a dense array.
    pub fn places(&self) -> Places {
        let mut bases = Vec::with_capacity(SHARDS + 1);
        let mut base = 0;
        for shard in &self.shards {
            bases.push(base);
            base += lock(shard).keys as usize;
        }
        bases.push(base);
        Places { bases }
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
        let shards: Vec<Shard> = self
            .shards
            .into_iter()
            .map(|shard| shard.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let mut kept: Vec<Sortable> = shards
            .par_iter()
            .enumerate()
            .flat_map_iter(|(number, shard)| {
                let base = places.bases[number];
                let keep = &keep;
                let kept = shard
                    .used()
                    .filter(move |slot| keep(base + slot.local as usize));
                kept.map(move |slot| Sortable {
                    prefix: prefix(shard.key(slot)),
                    start: slot.start,
                    length: slot.length,
                    number: slot.local << SHARD_BITS | number as u32,
                })
            })
            .collect();
        if kept.len() >= ABSENT as usize {
            return Err(Full);
        }
        let key = |item: &Sortable| {
            let shard = &shards[item.number as usize % SHARDS];
            &shard.arena[item.start as usize..][..item.length as usize]
        };
        kept.par_sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| key(a).cmp(key(b))));
        let mut ids = vec![ABSENT; places.len()];
        for (id, item) in kept.iter().enumerate() {
            ids[places.dense(item.number)] = id as u32;
        }
        let dictionary = Dictionary::from_sorted(kept.iter().map(key));
        Ok((dictionary, Renumbering { places, ids }))
    }
}

fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A key on its way to its rank. The first 16 bytes decide nearly every comparison without a look
/// at the key itself.
struct Sortable {
    prefix: u128,
    start: u32,
    length: u32,
    number: u32,
}

fn prefix(key: &[u8]) -> u128 {
    let mut first = [0; 16];
    let length = key.len().min(16);
    first[..length].copy_from_slice(&key[..length]);
    u128::from_be_bytes(first)
}

/// A dense order of provisional numbers: those of shard 0, then those of shard 1, and so on.
#[derive(Debug, Clone)]
pub struct Places {
    bases: Vec<usize>,
}

impl Places {
    /// The place of a provisional number that is not [`ABSENT`], below [`Self::len`].
    #[inline]
    pub fn dense(&self, number: u32) -> usize {
        self.bases[number as usize % SHARDS] + (number >> SHARD_BITS) as usize
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        self.bases.last().copied().unwrap_or(0)
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
            .intern(keys.len(), |i| keys[i].as_bytes(), &mut scratch)
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
                    .intern(block.len(), |i| block[i].as_bytes(), &mut scratch)
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
