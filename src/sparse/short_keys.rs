//! `ShortKeys`: a table of keys of up to 16 bytes, each held as one number and its length.
//!
//! Most keys of events are short: decimal numbers, addresses, 64-bit hashes in hex. As big-endian
//! numbers with zeros behind they need no memory of their own, are compared in two instructions, and
//! sort as their bytes do. Open addressing over lines of three slots: a line is one line of the
//! processor's cache, so a look-up that finds its key where it belongs waits for memory once.

/// Bytes of the longest key that is short.
pub(super) const SHORT_BYTES: usize = 16;

/// Lines of an empty table; their number stays a power of two.
const LEAST_LINES: usize = 8;

/// A key of up to 16 bytes, or the first 16 of a longer one. Ordered as the bytes are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ShortKey {
    /// The bytes as a big-endian number, zeros behind.
    pub(super) word: u128,
    /// Number of bytes; 17 for a longer key, which comes after its own beginning.
    pub(super) length: u32,
}

/// By length, the bits of a key's number that are not zeros behind.
const USED_BITS: [u128; SHORT_BYTES + 1] = {
    let mut bits = [0; SHORT_BYTES + 1];
    let mut length = 1;
    while length <= SHORT_BYTES {
        bits[length] = u128::MAX << (8 * (SHORT_BYTES - length));
        length += 1;
    }
    bits
};

impl ShortKey {
    /// The key that is the first `length` bytes of `bytes`. What stands behind it is not looked at,
    /// but lets 16 bytes be loaded at once.
    #[inline]
    pub(super) fn beginning(bytes: &[u8], length: usize) -> Self {
        let word = if let Some(first) = bytes.first_chunk::<SHORT_BYTES>() {
            u128::from_be_bytes(*first) & USED_BITS[length.min(SHORT_BYTES)]
        } else {
            let mut first = [0; SHORT_BYTES];
            first[..length].copy_from_slice(&bytes[..length]);
            u128::from_be_bytes(first)
        };
        ShortKey {
            word,
            length: length.min(SHORT_BYTES + 1) as u32,
        }
    }

    /// Whether this is a whole key.
    #[inline]
    pub(super) fn is_whole(self) -> bool {
        self.length as usize <= SHORT_BYTES
    }

    /// The bytes of a whole key, and zeros behind.
    pub(super) fn bytes(self) -> [u8; SHORT_BYTES] {
        self.word.to_be_bytes()
    }
}

/// Three slots in one line of the processor's cache. A slot is free while its length is 0, for no key
/// is empty; a line fills from the left.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Line {
    words: [u128; SLOTS],
    locals: [u32; SLOTS],
    lengths: [u8; SLOTS],
}

const SLOTS: usize = 3;

/// Distinct short keys with the numbers `0..len`, in the order they came.
pub(super) struct ShortKeys {
    lines: Vec<Line>,
    keys: u32,
}

impl Default for ShortKeys {
    fn default() -> Self {
        ShortKeys {
            lines: vec![Line::default(); LEAST_LINES],
            keys: 0,
        }
    }
}

impl ShortKeys {
    pub(super) fn len(&self) -> u32 {
        self.keys
    }

    /// Reads from the line where the search for a key begins. To do so for many keys before the
    /// first is looked up lets the processor wait for all those lines at the same time.
    #[inline]
    pub(super) fn touch(&self, hash: u32) -> u32 {
        self.lines[self.home(hash)].locals[0]
    }

    /// The same for the line where the search goes on if that one is full.
    #[inline]
    pub(super) fn touch_next(&self, hash: u32) -> u32 {
        let home = self.home(hash);
        let full = self.lines[home].lengths[SLOTS - 1] > 0;
        self.lines[(home + usize::from(full)) & (self.lines.len() - 1)].locals[0]
    }

    /// The number of `key` if it lies in the line where the search for it begins, as nearly all keys do.
    #[inline]
    pub(super) fn find_at_home(&self, key: ShortKey, hash: u32) -> Option<u32> {
        self.lines[self.home(hash)].find(key)
    }

    /// The number of `key`, which is whole and not empty and whose hash is `hash(key)`; a new one if
    /// `limit` allows.
    ///
    /// Keys that differ only in zero bytes at their end may share a hash: at most 16 do.
    #[inline]
    pub(super) fn intern(
        &mut self,
        key: ShortKey,
        hash: u32,
        limit: u32,
        rehash: impl Fn(u128) -> u32,
    ) -> Option<u32> {
        let mut at = self.home(hash);
        loop {
            let line = &self.lines[at];
            if let Some(local) = line.find(key) {
                return Some(local);
            }
            if line.free().is_some() {
                return self.insert(at, key, hash, limit, rehash);
            }
            at = (at + 1) & (self.lines.len() - 1);
        }
    }

    /// Puts a new key into the line `at`, or where it belongs in a larger table.
    #[inline(never)]
    fn insert(
        &mut self,
        at: usize,
        key: ShortKey,
        hash: u32,
        limit: u32,
        rehash: impl Fn(u128) -> u32,
    ) -> Option<u32> {
        if self.keys >= limit {
            return None;
        }
        let mut at = at;
        if self.keys as usize * 4 >= self.lines.len() * SLOTS * 3 {
            self.grow(rehash);
            at = self.home(hash);
        }
        self.put(at, key, self.keys);
        self.keys += 1;
        Some(self.keys - 1)
    }

    /// Puts a key into the first line from `at` on that has room.
    #[inline]
    fn put(&mut self, mut at: usize, key: ShortKey, local: u32) {
        loop {
            let line = &mut self.lines[at];
            if let Some(slot) = line.free() {
                return line.put(slot, key, local);
            }
            at = (at + 1) & (self.lines.len() - 1);
        }
    }

    /// All keys with their numbers, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ShortKey, u32)> {
        self.lines.iter().flat_map(Line::used)
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & (self.lines.len() - 1)
    }

    /// At three slots of four in use, twice the lines.
    #[cold]
    fn grow(&mut self, rehash: impl Fn(u128) -> u32) {
        let wider = vec![Line::default(); self.lines.len() * 2];
        for line in std::mem::replace(&mut self.lines, wider) {
            for (key, local) in line.used() {
                self.put(self.home(rehash(key.word)), key, local);
            }
        }
    }
}

impl Line {
    /// Compares with all slots before it asks whether one was right: which of them it is cannot be
    /// predicted, that one is can.
    #[inline]
    fn find(&self, key: ShortKey) -> Option<u32> {
        let found = (0..SLOTS).fold(SLOTS, |found, slot| {
            if self.words[slot] == key.word {
                slot
            } else {
                found
            }
        });
        let length = *self.lengths.get(found)?;
        if u32::from(length) == key.length {
            Some(self.locals[found])
        } else {
            self.find_by_length(key)
        }
    }

    /// The same where keys differ only in zero bytes at their end.
    #[cold]
    fn find_by_length(&self, key: ShortKey) -> Option<u32> {
        let same = |slot: &usize| {
            self.words[*slot] == key.word && u32::from(self.lengths[*slot]) == key.length
        };
        (0..SLOTS).find(same).map(|slot| self.locals[slot])
    }

    #[inline]
    fn free(&self) -> Option<usize> {
        self.lengths.iter().position(|&length| length == 0)
    }

    #[inline]
    fn put(&mut self, slot: usize, key: ShortKey, local: u32) {
        self.words[slot] = key.word;
        self.locals[slot] = local;
        self.lengths[slot] = key.length as u8;
    }

    fn used(&self) -> impl Iterator<Item = (ShortKey, u32)> {
        let used = self
            .lengths
            .iter()
            .take_while(|&&length| length > 0)
            .count();
        (0..used).map(|slot| {
            let (word, length) = (self.words[slot], self.lengths[slot].into());
            (ShortKey { word, length }, self.locals[slot])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_bytes_do() {
        let mut keys: Vec<&[u8]> = vec![
            b"",
            b"\0",
            b"\0\0",
            b"0",
            b"00",
            b"7",
            b"7\0",
            b"sixteen bytes...",
            b"\xff",
        ];
        keys.sort_unstable();
        let short: Vec<ShortKey> = keys
            .iter()
            .map(|key| ShortKey::beginning(key, key.len()))
            .collect();
        assert!(short.windows(2).all(|pair| pair[0] < pair[1]));
        for (key, short) in keys.iter().zip(short) {
            assert_eq!(&short.bytes()[..key.len()], *key);
            assert!(short.is_whole());
        }
    }

    #[test]
    fn what_follows_a_key_does_not_matter() {
        let text = b"117661,c1acafb4986d72da,121.91.168.221\n";
        for length in 0..=16 {
            let alone = text[..length].to_vec();
            let among = ShortKey::beginning(text, length);
            assert_eq!(among, ShortKey::beginning(&alone, length));
        }
        let long = ShortKey::beginning(text, 20);
        assert!(!long.is_whole() && long > ShortKey::beginning(text, 16));
    }

    #[test]
    fn equal_hashes_and_growth_lose_nothing() {
        let mut table = ShortKeys::default();
        let key = |i: u32| ShortKey::beginning(&i.to_be_bytes(), 4);
        let hash = |word: u128| (word >> 96) as u32 % 3;
        for round in 0..2 {
            for i in 0..500 {
                assert_eq!(
                    table.intern(key(i), hash(key(i).word), 500, hash),
                    Some(i),
                    "round {round}"
                );
            }
        }
        assert_eq!(table.intern(key(500), 0, 500, hash), None);
        let mut found: Vec<(ShortKey, u32)> = table.iter().collect();
        found.sort_unstable();
        assert_eq!(found, (0..500).map(|i| (key(i), i)).collect::<Vec<_>>());
    }
}
