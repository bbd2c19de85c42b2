//! From provisional numbers to ranks: all keys of an interner, sorted.

use rayon::prelude::*;

use crate::sparse::code_table::{Narrow, Wide};
use crate::sparse::codes::{STAND_IN, long_key, narrow_key};
use crate::sparse::dictionary::Dictionary;
use crate::sparse::numerals::Seen;
use crate::sparse::short_keys::ShortKey;
use crate::sparse::texts::Texts;

/// The number of an empty key.
pub const ABSENT: u32 = u32::MAX;

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
    pub(super) narrow: Narrow,
    pub(super) wide: Wide,
    /// The long keys that are more than their code, by number.
    pub(super) texts: Texts,
    /// Long keys that clashed with another, by their own number.
    pub(super) clashing: Vec<Box<[u8]>>,
}

impl Keys {
    /// Sorts what `keep` does not refuse. The tables go as soon as their keys are taken out.
    pub(super) fn rank(
        self,
        places: Places,
        keep: impl Fn(usize) -> bool + Sync,
    ) -> Result<(Dictionary, Renumbering), Full> {
        let Keys {
            narrow,
            wide,
            mut texts,
            clashing,
        } = self;
        let mut kept = Vec::with_capacity(places.numbered + places.clashing);
        let codes = narrow.iter();
        kept.extend(
            codes.map(|(bits, class, number)| Sortable::new(narrow_key(bits, class), number)),
        );
        drop(narrow);
        kept.extend(wide.iter().map(|(bits, class, number)| {
            let spelled = long_key(bits, class);
            if let Some(key) = &spelled {
                texts.put(number, key);
            }
            let key = match spelled {
                Some(key) => ShortKey::beginning(&key, key.len()),
                None if class == STAND_IN => {
                    let text = texts.get(number);
                    ShortKey::beginning(text, text.len())
                }
                None => ShortKey::of_word(bits, class),
            };
            Sortable::new(key, number)
        }));
        drop(wide);
        kept.extend(
            (CLASHING..)
                .zip(&clashing)
                .map(|(number, key)| Sortable::new(ShortKey::beginning(key, key.len()), number)),
        );
        let text = |number: u32| match number & CLASHING {
            0 => texts.get(number),
            _ => &clashing[(number ^ CLASHING) as usize],
        };
        kept.retain(|item| keep(places.dense(item.number)));
        let mut numerals = places.numerals.in_byte_order();
        numerals.retain(|numeral| keep(places.numbered + numeral.place as usize));
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
        // Nearly all are told apart by their first bytes, and that comparison has no branch in it.
        kept.par_sort_unstable_by_key(|item| item.word);
        for alike in kept.chunk_by_mut(|a, b| a.word == b.word) {
            if alike.len() > 1 {
                alike.par_sort_unstable_by(|a, b| {
                    a.key().cmp(&b.key()).then_with(|| whole(a).cmp(whole(b)))
                });
            }
        }
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
                    places.numbered + place as usize,
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
                places.numbered + place as usize,
                &key.bytes()[..key.length as usize],
            );
        }
        let numerals = by_value(&places, &ids);
        let renumbering = Renumbering {
            places,
            ids,
            numerals,
        };
        Ok((dictionary, renumbering))
    }
}

/// The ranks of decimal numbers by value, if they lie close together.
fn by_value(places: &Places, ids: &[u32]) -> Vec<u32> {
    let seen = &places.numerals;
    let room = seen.last().map_or(0, |last| last as usize + 1);
    if room > NUMERAL_ROOM * seen.len() {
        return Vec::new();
    }
    let mut ranks = vec![ABSENT; room];
    for (value, &rank) in seen.values().zip(&ids[places.numbered..]) {
        ranks[value as usize] = rank;
    }
    ranks
}

/// A key on its way to its rank. The first 16 bytes decide nearly every comparison without a look
/// at the key itself.
#[derive(Clone, Copy)]
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

/// A dense order of provisional numbers: those of keys in the order they came, then decimal numbers, then those of keys
/// that clash.
#[derive(Debug, Clone)]
pub struct Places {
    pub(super) numbered: usize,
    pub(super) numerals: Seen,
    pub(super) clashing: usize,
}

impl Places {
    /// The place of a provisional number that is not [`ABSENT`], below [`Self::len`].
    #[inline]
    pub fn dense(&self, number: u32) -> usize {
        if number & CLASHING != 0 {
            self.numbered + self.numerals.len() + (number ^ CLASHING) as usize
        } else if number & NUMERAL != 0 {
            self.numbered + self.numerals.place(number ^ NUMERAL)
        } else {
            number as usize
        }
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        self.numbered + self.numerals.len() + self.clashing
    }

    /// True when none was given.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// From provisional numbers to ranks.
pub struct Renumbering {
    places: Places,
    /// By place.
    ids: Vec<u32>,
    /// By value, for decimal numbers; empty where they lie so far apart that this would take much memory.
    numerals: Vec<u32>,
}

/// Memory for values that nobody has, for each that somebody has.
const NUMERAL_ROOM: usize = 8;

impl Renumbering {
    /// The rank of the key with this provisional number; [`ABSENT`] stays [`ABSENT`], as does the
    /// number of a key that was not kept.
    #[inline]
    pub fn rank(&self, number: u32) -> u32 {
        if number == ABSENT {
            return ABSENT;
        }
        let numeral = number.wrapping_sub(NUMERAL) as usize;
        match self.numerals.get(numeral) {
            Some(&rank) => rank,
            None => self.ids[self.places.dense(number)],
        }
    }
}
