//! `Queue`: codes on their way to a table, looked up many at a time.
//!
//! In passes: fetch the lines where they belong, look there, fetch where else they may be, look there. What is looked
//! at without having been fetched before is waited for alone.

use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;

use crate::sparse::ahead::read_ahead;
use crate::sparse::code_table::CodeTable;
use crate::sparse::ranking::{ABSENT, Full, NUMERAL};

/// Codes whose lines of memory are fetched together.
pub(super) const FETCHED: usize = 128;

/// A code on its way to a table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pending<W> {
    word: W,
    pub(super) class: u32,
    hash: u32,
    /// Where its number is to go.
    pub(super) index: u32,
}

/// Codes that are looked up together, and those that were not there.
pub(super) struct Queue<W> {
    /// Of which the first `waiting` are.
    pending: Box<[Pending<W>; FETCHED]>,
    waiting: usize,
    /// How many of them were looked up last.
    looked_up: usize,
    absent: Vec<Pending<W>>,
}

impl<W: Copy + Default> Default for Queue<W> {
    fn default() -> Self {
        Queue {
            pending: Box::new([Pending::default(); FETCHED]),
            waiting: 0,
            looked_up: 0,
            absent: Vec::new(),
        }
    }
}

impl<W: Copy + Default + Eq + Hash> Queue<W> {
    /// Adds a code, at most [`FETCHED`] from look-up to look-up; its number is [`ABSENT`] until then.
    #[inline]
    pub(super) fn push(&mut self, word: W, class: u32, index: usize, state: &RandomState) -> u32 {
        self.pending[self.waiting] = Pending {
            word,
            class,
            hash: hash(word, state),
            index: index as u32,
        };
        self.waiting += 1;
        ABSENT
    }

    /// Writes the numbers of the codes that are in the table, and keeps the others.
    #[inline]
    pub(super) fn look_up<const SLOTS: usize>(
        &mut self,
        table: &CodeTable<W, SLOTS>,
        ids: &mut [u32],
    ) {
        self.looked_up = std::mem::take(&mut self.waiting);
        let few = &self.pending[..self.looked_up];
        read_ahead(few.iter().map(|key| Some(table.touch(key.hash))));
        let mut late = [0u8; FETCHED];
        let mut lates = 0;
        for (place, key) in few.iter().enumerate() {
            if let Some(number) = table.find_at_home(key.word, key.class, key.hash) {
                ids[key.index as usize] = number;
            } else {
                late[lates] = place as u8;
                lates += 1;
            }
        }
        let late = || late[..lates].iter().map(|&place| &few[place as usize]);
        read_ahead(late().map(|key| Some(table.touch_next(key.hash))));
        for key in late() {
            match table.find(key.word, key.class, key.hash) {
                Some(number) => ids[key.index as usize] = number,
                None => self.absent.push(*key),
            }
        }
    }

    /// Where the numbers of those codes of `class` go that were looked up last.
    pub(super) fn looked_up(&self, class: u32) -> impl Iterator<Item = usize> {
        let few = self.pending[..self.looked_up].iter();
        few.filter(move |key| key.class == class)
            .map(|key| key.index as usize)
    }

    /// Whether some were not there.
    pub(super) fn has_absent(&self) -> bool {
        !self.absent.is_empty()
    }

    /// Those that were not there, which are forgotten.
    pub(super) fn take_absent(&mut self) -> impl Iterator<Item = Pending<W>> {
        self.absent.drain(..)
    }
}

impl<W: Copy + Default + Eq + Hash> Pending<W> {
    /// The number of a code in the table, and whether it is new; then it is the next one.
    pub(super) fn put_in<const SLOTS: usize>(
        &self,
        table: &mut CodeTable<W, SLOTS>,
        next: &mut u32,
        state: &RandomState,
    ) -> Result<(u32, bool), Full> {
        if let Some(number) = table.find(self.word, self.class, self.hash) {
            return Ok((number, false));
        }
        let number = *next;
        if number >= NUMERAL {
            return Err(Full);
        }
        let rehash = |word| hash(word, state);
        table.put(self.word, self.class, self.hash, number, rehash);
        *next += 1;
        Ok((number, true))
    }
}

#[inline]
fn hash<W: Hash>(word: W, state: &RandomState) -> u32 {
    state.hash_one(word) as u32
}
