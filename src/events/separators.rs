//! `Separators`: where two letters stand in a text, found 64 bytes at a time.
//!
//! Cells are short, so a search that starts anew for each of them spends its time starting. Here one
//! pass makes a mask of 64 bits, one a byte, and what follows only counts zeros in it. The loops over
//! bytes are written for the compiler to turn into vector instructions.

const BLOCK_BYTES: usize = 64;

/// Places of either letter, ascending.
pub(super) struct Separators<'t> {
    text: &'t [u8],
    letters: [u8; 2],
    /// Where the current block begins.
    block: usize,
    /// Its places that are still to come.
    mask: u64,
}

impl<'t> Separators<'t> {
    /// Neither letter is NUL.
    pub(super) fn new(text: &'t [u8], letters: [u8; 2]) -> Self {
        Separators {
            text,
            letters,
            block: 0,
            mask: mask_at(text, 0, letters),
        }
    }
}

impl Iterator for Separators<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.block += BLOCK_BYTES;
            if self.block >= self.text.len() {
                return None;
            }
            self.mask = mask_at(self.text, self.block, self.letters);
        }
        let place = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(place)
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
    let found: [u8; BLOCK_BYTES] = std::array::from_fn(|i| {
        u8::from(block[i] == letters[0]) | u8::from(block[i] == letters[1])
    });
    let (eights, _) = found.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |mask, (i, eight)| {
        mask | gather_bits(u64::from_le_bytes(*eight)) << (8 * i)
    })
}

/// The lowest bits of eight bytes as one byte: the factor moves bit `8 i` to bit `56 + i`.
#[inline]
fn gather_bits(bytes: u64) -> u64 {
    bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56
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
            let found: Vec<usize> = Separators::new(&text, [b',', b'\n']).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
