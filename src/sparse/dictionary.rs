//! `Dictionary`: distinct byte strings, numbered in byte order.

/// Distinct keys in ascending byte order; the id of a key is its rank.
///
/// Layout: key `i` is `bytes[ends[i - 1] .. ends[i]]` (`ends[-1]` is 0).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// All keys, one after the other.
    bytes: Vec<u8>,
    /// Where each key ends.
    ends: Vec<u64>,
}

impl Dictionary {
    /// From keys that are strictly ascending.
    ///
    /// # Panics
    /// In debug builds, if they are not.
    pub fn from_sorted<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut dictionary = Dictionary::default();
        for key in keys {
            dictionary.push(key);
        }
        dictionary
    }

    /// Makes room for `keys` more, of so many `bytes` together.
    pub(super) fn reserve(&mut self, keys: usize, bytes: usize) {
        self.ends.reserve_exact(keys);
        self.bytes.reserve_exact(bytes);
    }

    /// Adds a key that comes after all others (checked in debug builds).
    #[inline]
    pub(super) fn push(&mut self, key: &[u8]) {
        debug_assert!(self.is_empty() || self.get(self.len() as u32 - 1) < key);
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len() as u64);
    }

    /// From its two arrays (see [`Self::parts`]); `None` unless they describe ascending keys.
    pub fn from_parts(bytes: Vec<u8>, ends: Vec<u64>) -> Option<Self> {
        let in_order = ends.windows(2).all(|pair| pair[0] <= pair[1]);
        if !in_order || ends.last().copied().unwrap_or(0) != bytes.len() as u64 {
            return None;
        }
        let dictionary = Dictionary { bytes, ends };
        let ascending =
            (1..dictionary.len() as u32).all(|id| dictionary.get(id - 1) < dictionary.get(id));
        ascending.then_some(dictionary)
    }

    /// The key bytes and the end of each key, as stored in a snapshot.
    pub fn parts(&self) -> (&[u8], &[u64]) {
        (&self.bytes, &self.ends)
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is no key.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The key of `id`.
    ///
    /// # Panics
    /// If there is no such id.
    pub fn get(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let start = if id == 0 {
            0
        } else {
            self.ends[id - 1] as usize
        };
        &self.bytes[start..self.ends[id] as usize]
    }

    /// The id of `key`, by binary search.
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.get(middle as u32).cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle as u32),
            }
        }
        None
    }

    /// The keys in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len() as u32).map(|id| self.get(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_it_holds_and_nothing_else() {
        let keys: [&[u8]; 4] = [b"", b"007", b"7", b"\xff"];
        let dictionary = Dictionary::from_sorted(keys);
        for (id, key) in keys.iter().enumerate() {
            assert_eq!(dictionary.find(key), Some(id as u32));
            assert_eq!(dictionary.get(id as u32), *key);
        }
        assert_eq!(dictionary.find(b"0"), None);
    }

    #[test]
    fn refuses_parts_that_are_not_ascending() {
        assert!(Dictionary::from_parts(b"ab".to_vec(), vec![1, 2]).is_some());
        assert!(Dictionary::from_parts(b"ba".to_vec(), vec![1, 2]).is_none());
        assert!(Dictionary::from_parts(b"ab".to_vec(), vec![2, 1]).is_none());
        assert!(Dictionary::from_parts(b"ab".to_vec(), vec![1, 3]).is_none());
    }
}
