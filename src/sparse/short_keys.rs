//! `ShortKey`: keys of up to 16 bytes as numbers, and what a longer one begins with.
//!
//! Most keys of events are short: decimal numbers, addresses, 64-bit hashes in hex. As big-endian numbers with zeros
//! behind they need no memory of their own, are compared in two instructions, and sort as their bytes do.

/// Bytes of the longest key that is short.
pub(super) const SHORT_BYTES: usize = 16;

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

    /// The first `length` bytes of a number, where nothing else is.
    #[inline]
    pub(super) fn of_word(word: u128, length: u32) -> Self {
        let word = word & USED_BITS[length as usize];
        ShortKey { word, length }
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
            assert_eq!(
                among,
                ShortKey::of_word(
                    u128::from_be_bytes(text[..16].try_into().unwrap()),
                    length as u32
                )
            );
        }
        let long = ShortKey::beginning(text, 20);
        assert!(!long.is_whole() && long > ShortKey::beginning(text, 16));
    }
}
