//! `CodeTable`: from codes to numbers.
//!
//! Open addressing over lines of slots: a line is one line of the processor's cache, so a look-up that finds its code
//! where it belongs waits for memory once. Five codes of 64 bits have room in a line, three of 128.

use crate::sparse::codes::CLASS_BITS;

/// Codes and their numbers in one line of the processor's cache. A slot is free while its class is 0; a line fills from
/// the left.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line<W, const SLOTS: usize> {
    words: [W; SLOTS],
    numbers: [u32; SLOTS],
    /// [`CLASS_BITS`] a slot.
    classes: u32,
}

/// Lines of an empty table; their number stays a power of two.
const LEAST_LINES: usize = 8;

const CLASS: u32 = (1 << CLASS_BITS) - 1;

/// Codes of 64 bits.
pub(super) type Narrow = CodeTable<u64, 5>;
/// Codes of 128 bits.
pub(super) type Wide = CodeTable<u128, 3>;

/// Distinct codes, each with the number it was given.
pub(super) struct CodeTable<W, const SLOTS: usize> {
    lines: Vec<Line<W, SLOTS>>,
    keys: usize,
}

impl<W: Copy + Default + Eq, const SLOTS: usize> Default for CodeTable<W, SLOTS> {
    fn default() -> Self {
        CodeTable {
            lines: vec![Line::default(); LEAST_LINES],
            keys: 0,
        }
    }
}

impl<W: Copy + Default + Eq, const SLOTS: usize> CodeTable<W, SLOTS> {
    /// Reads from the line where the search for a code begins. To do so for many codes before the first is looked up
    /// lets the processor wait for all those lines at the same time.
    #[inline]
    pub(super) fn touch(&self, hash: u32) -> u32 {
        self.lines[self.home(hash)].classes
    }

    /// The same for the line where the search goes on if that one is full.
    #[inline]
    pub(super) fn touch_next(&self, hash: u32) -> u32 {
        let home = self.home(hash);
        let full = self.lines[home].is_full();
        self.lines[(home + usize::from(full)) & (self.lines.len() - 1)].classes
    }

    /// The number of a code if it lies in the line where the search for it begins, as nearly all do.
    #[inline]
    pub(super) fn find_at_home(&self, word: W, class: u32, hash: u32) -> Option<u32> {
        self.lines[self.home(hash)].find(word, class)
    }

    /// The number of a code, wherever it lies.
    #[inline]
    pub(super) fn find(&self, word: W, class: u32, hash: u32) -> Option<u32> {
        let mut at = self.home(hash);
        loop {
            let line = &self.lines[at];
            let found = line.find(word, class);
            if found.is_some() || !line.is_full() {
                return found;
            }
            at = (at + 1) & (self.lines.len() - 1);
        }
    }

    /// Gives a code that is not there its number.
    ///
    /// Codes that differ only in their class may share a hash: at most 32 do.
    pub(super) fn put(
        &mut self,
        word: W,
        class: u32,
        hash: u32,
        number: u32,
        rehash: impl Fn(W) -> u32,
    ) {
        if self.keys * 4 >= self.lines.len() * SLOTS * 3 {
            self.grow(rehash);
        }
        self.put_from(self.home(hash), word, class, number);
        self.keys += 1;
    }

    /// Puts a code into the first line from `at` on that has room.
    #[inline]
    fn put_from(&mut self, mut at: usize, word: W, class: u32, number: u32) {
        while self.lines[at].is_full() {
            at = (at + 1) & (self.lines.len() - 1);
        }
        self.lines[at].put(word, class, number);
    }

    /// All codes: bits, class and number, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (W, u32, u32)> {
        self.lines.iter().flat_map(Line::used)
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & (self.lines.len() - 1)
    }

    /// At three slots of four in use, twice the lines.
    #[cold]
    fn grow(&mut self, rehash: impl Fn(W) -> u32) {
        let wider = vec![Line::default(); self.lines.len() * 2];
        for line in std::mem::replace(&mut self.lines, wider) {
            for (word, class, number) in line.used() {
                self.put_from(self.home(rehash(word)), word, class, number);
            }
        }
    }
}

impl<W: Copy + Default, const SLOTS: usize> Default for Line<W, SLOTS> {
    fn default() -> Self {
        Line {
            words: [W::default(); SLOTS],
            numbers: [0; SLOTS],
            classes: 0,
        }
    }
}

impl<W: Copy + Eq, const SLOTS: usize> Line<W, SLOTS> {
    /// Compares with all slots before it asks whether one was right: which of them it is cannot be
    /// predicted, that one is can.
    #[inline]
    fn find(&self, word: W, class: u32) -> Option<u32> {
        let found = (0..SLOTS).fold(SLOTS, |found, slot| {
            if self.words[slot] == word {
                slot
            } else {
                found
            }
        });
        let number = *self.numbers.get(found)?;
        if self.class(found) == class {
            Some(number)
        } else {
            self.find_by_class(word, class)
        }
    }

    /// The same where codes differ only in their class.
    #[cold]
    fn find_by_class(&self, word: W, class: u32) -> Option<u32> {
        let same = |slot: &usize| self.words[*slot] == word && self.class(*slot) == class;
        (0..SLOTS).find(same).map(|slot| self.numbers[slot])
    }

    #[inline]
    fn class(&self, slot: usize) -> u32 {
        self.classes >> (CLASS_BITS * slot as u32) & CLASS
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.class(SLOTS - 1) > 0
    }

    /// Takes the first free slot, which there is.
    #[inline]
    fn put(&mut self, word: W, class: u32, number: u32) {
        let slot = (0..SLOTS).find(|&slot| self.class(slot) == 0);
        if let Some(slot) = slot {
            self.words[slot] = word;
            self.numbers[slot] = number;
            self.classes |= class << (CLASS_BITS * slot as u32);
        }
    }

    fn used(&self) -> impl Iterator<Item = (W, u32, u32)> {
        let used = (0..SLOTS).take_while(|&slot| self.class(slot) > 0);
        used.map(|slot| (self.words[slot], self.class(slot), self.numbers[slot]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_line_of_the_cache() {
        assert_eq!(size_of::<Line<u64, 5>>(), 64);
        assert_eq!(size_of::<Line<u128, 3>>(), 64);
    }

    #[test]
    fn equal_hashes_and_growth_lose_nothing() {
        let mut table = Narrow::default();
        let hash = |word: u64| word as u32 % 3;
        let code = |i: u64| (i / 2 * 0x1001, 1 + i as u32 % 2);
        for i in 0..500 {
            let (word, class) = code(i);
            assert_eq!(table.find(word, class, hash(word)), None);
            table.put(word, class, hash(word), i as u32, hash);
        }
        for i in 0..500 {
            let (word, class) = code(i);
            assert_eq!(table.find(word, class, hash(word)), Some(i as u32));
        }
        let mut found: Vec<_> = table.iter().collect();
        found.sort_unstable();
        let expected = (0..500).map(|i| (code(i).0, code(i).1, i as u32));
        assert_eq!(found, expected.collect::<Vec<_>>());
    }
}
