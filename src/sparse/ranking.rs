//! From provisional numbers to ranks: all keys of an interner, sorted.

use rayon::prelude::*;

use crate::sparse::dictionary::Dictionary;
use crate::sparse::numerals::Seen;
use crate::sparse::short_keys::{ShortKey, ShortKeys};
use crate::sparse::texts::Texts;

/// The number of an empty key.
pub const ABSENT: u32 = u32::MAX;

pub(super) const SHARD_BITS: u32 = 6;
pub(super) const SHARDS: usize = 1 << SHARD_BITS;
/// The bit that tells keys that clash.
pub(super) const CLASHING: u32 = 1 << 31;
/// The bit that tells decimal numbers, which are their own numbers otherwise.
pub(super) const NUMERAL: u32 = 1 << 30;

/// There are more distinct keys than 32-bit ids can tell apart: about a thousand million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more distinct keys than 32-bit ids can number")]
pub struct Full;

/// All keys of an interner.
pub(super) struct Keys {
    /// By shard.
    pub(super) tables: Vec<ShortKeys>,
    /// By shard: the long keys by their number there.
    pub(super) texts: Vec<Texts>,
    /// Long keys that clashed with another, by their own number.
    pub(super) clashing: Vec<Box<[u8]>>,
}

impl Keys {
    /// Sorts what `keep` does not refuse. The tables go as soon as their keys are taken out.
    pub(super) fn rank(
        mut self,
        places: Places,
        keep: impl Fn(usize) -> bool + Sync,
    ) -> Result<(Dictionary, Renumbering), Full> {
        let tables = std::mem::take(&mut self.tables);
        let text = |number: u32| match number & CLASHING {
            0 => self.texts[number as usize % SHARDS].get(number >> SHARD_BITS),
            _ => &self.clashing[(number ^ CLASHING) as usize],
        };
        let sortable = |key: ShortKey, number: u32| {
            if key.is_whole() {
                Sortable::new(key, number)
            } else {
                let text = text(number);
                Sortable::new(ShortKey::beginning(text, text.len()), number)
            }
        };
        let mut kept = vec![Sortable::default(); places.sharded + places.clashing];
        let mut rest = kept.as_mut_slice();
        let mut tasks = Vec::with_capacity(SHARDS);
        for (shard, table) in (0u32..).zip(tables) {
            let own = rest.split_off_mut(..table.len() as usize);
            tasks.push((shard, table, own.unwrap_or_default()));
        }
        tasks.into_par_iter().for_each(|(shard, table, own)| {
            for (slot, (key, local)) in own.iter_mut().zip(table.iter()) {
                *slot = sortable(key, local << SHARD_BITS | shard);
            }
        });
        for (slot, (local, key)) in rest.iter_mut().zip((0..).zip(&self.clashing)) {
            *slot = Sortable::new(ShortKey::beginning(key, key.len()), CLASHING | local);
        }
        kept.retain(|item| keep(places.dense(item.number)));
        let mut numerals = places.numerals.in_byte_order();
        numerals.retain(|numeral| keep(places.sharded + numeral.place as usize));
        if kept.len() + numerals.len() >= ABSENT as usize {
            return Err(Full);
        }
        let whole = |item: &Sortable| {
            if item.key().is_whole() {
                &[][..]
            } else {
                text(item.number)
            }
        };
        kept.par_sort_unstable_by(|a, b| {
            a.key().cmp(&b.key()).then_with(|| whole(a).cmp(whole(b)))
        });
        let mut ids = vec![ABSENT; places.len()];
        let mut dictionary = Dictionary::default();
        let length = |item: &Sortable| {
            if item.key().is_whole() {
                item.length as usize
            } else {
                whole(item).len()
            }
        };
        let bytes: usize = kept.par_iter().map(length).sum();
        dictionary.reserve(kept.len() + numerals.len(), bytes + 8 * numerals.len());
        let mut push = |place: usize, key: &[u8]| {
            ids[place] = dictionary.len() as u32;
            dictionary.push(key);
        };
        let mut numerals = numerals
            .into_iter()
            .map(|one| (one.key(), one.place))
            .peekable();
        for item in &kept {
            while let Some((key, place)) = numerals.next_if(|(key, _)| *key < item.key()) {
                push(
                    places.sharded + place as usize,
                    &key.bytes()[..key.length as usize],
                );
            }
            if item.key().is_whole() {
                let bytes = item.key().bytes();
                push(places.dense(item.number), &bytes[..item.length as usize]);
            } else {
                push(places.dense(item.number), whole(item));
            }
        }
        for (key, place) in numerals {
            push(
                places.sharded + place as usize,
                &key.bytes()[..key.length as usize],
            );
        }
        Ok((dictionary, Renumbering { places, ids }))
    }
}

/// A key on its way to its rank. The first 16 bytes decide nearly every comparison without a look
/// at the key itself.
#[derive(Clone, Copy, Default)]
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
/// decimal numbers, then those of keys that clash.
#[derive(Debug, Clone)]
pub struct Places {
    pub(super) bases: Vec<usize>,
    pub(super) sharded: usize,
    pub(super) numerals: Seen,
    pub(super) clashing: usize,
}

impl Places {
    /// The place of a provisional number that is not [`ABSENT`], below [`Self::len`].
    #[inline]
    pub fn dense(&self, number: u32) -> usize {
        if number & CLASHING != 0 {
            self.sharded + self.numerals.len() + (number ^ CLASHING) as usize
        } else if number & NUMERAL != 0 {
            self.sharded + self.numerals.place(number ^ NUMERAL)
        } else {
            self.bases[number as usize % SHARDS] + (number >> SHARD_BITS) as usize
        }
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        self.sharded + self.numerals.len() + self.clashing
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
