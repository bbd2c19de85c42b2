//! `Separators`: where two letters stand in a text, found 64 bytes at a time.
//!
//! Cells are short, so a search that starts anew for each of them spends its time starting. Here one
//! pass makes a mask of 64 bits, one a byte, and what follows only counts zeros in it.

use wide::u8x16;

const BLOCK_BYTES: usize = 64;

/// Places of either letter, ascending.
pub(super) struct Separators<'t> {
    text: &'t [u8],
    letters: [u8; 2],
    /// Where the next block begins.
    block: usize,
}

impl<'t> Separators<'t> {
    /// Those in `text[from..]`. Neither letter is NUL.
    pub(super) fn new(text: &'t [u8], from: usize, letters: [u8; 2]) -> Self {
        Separators {
            text,
            letters,
            block: from,
        }
    }

    /// Appends the places behind the letters of the next block; whether there was one.
    #[inline]
    pub(super) fn put_next(&mut self, places: &mut Vec<u32>) -> bool {
        if self.block >= self.text.len() {
            return false;
        }
        let mut mask = mask_at(self.text, self.block, self.letters);
        places.reserve(BLOCK_BYTES);
        while mask != 0 {
            places.push((self.block + mask.trailing_zeros() as usize) as u32 + 1);
            mask &= mask - 1;
        }
        self.block += BLOCK_BYTES;
        true
    }
}

#[inline]
fn mask_at(text: &[u8], at: usize, letters: [u8; 2]) -> u64 {
    let rest = text.get(at..).unwrap_or(&[]);
    if let Some(block) = rest.first_chunk::<BLOCK_BYTES>() {
        mask(block, letters)
    } else {
        let mut block = [0; BLOCK_BYTES];
        block[..rest.len()].copy_from_slice(rest);
        mask(&block, letters)
    }
}

/// Bit `i` says whether `block[i]` is one of `letters`.
#[inline]
fn mask(block: &[u8; BLOCK_BYTES], letters: [u8; 2]) -> u64 {
    let [first, second] = letters.map(u8x16::splat);
    let (sixteens, _) = block.as_chunks::<16>();
    sixteens.iter().rev().fold(0, |mask, sixteen| {
        let sixteen = u8x16::new(*sixteen);
        let found = sixteen.simd_eq(first) | sixteen.simd_eq(second);
        mask << 16 | u64::from(found.to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_every_place_and_no_other(
            text in prop::collection::vec(prop::sample::select(&b",\n-+\x8a\xac\xffa"[..]), 0..300)
        ) {
            let expected: Vec<usize> =
                (0..text.len()).filter(|&at| matches!(text[at], b',' | b'\n')).collect();
            let (mut found, mut separators) = (Vec::new(), Separators::new(&text, 0, [b',', b'\n']));
            while separators.put_next(&mut found) {}
            let found: Vec<usize> = found.into_iter().map(|place| place as usize - 1).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
