//! `Cell`: a key where it stands in memory, and numbers as keys.

/// A key where it stands in memory: the first `length` of `bytes`.
///
/// What follows in `bytes` is no part of it, but where something follows, a short key is loaded at
/// once instead of byte by byte.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'k> {
    pub(super) bytes: &'k [u8],
    pub(super) length: usize,
}

impl<'k> Cell<'k> {
    /// `text[start .. start + length]`.
    ///
    /// # Panics
    /// If that is outside of `text`.
    #[inline]
    pub fn within(text: &'k [u8], start: usize, length: usize) -> Self {
        let bytes = &text[start..];
        assert!(length <= bytes.len(), "a cell ends where its text ends");
        Cell { bytes, length }
    }

    /// The key.
    #[inline]
    pub fn bytes(&self) -> &'k [u8] {
        &self.bytes[..self.length]
    }
}

impl<'k> From<&'k [u8]> for Cell<'k> {
    fn from(bytes: &'k [u8]) -> Self {
        let length = bytes.len();
        Cell { bytes, length }
    }
}

/// A long key on its way: where it stands, or the digits it is made of.
pub(super) enum Text<'k> {
    There(&'k [u8]),
    Digits([u8; 20], usize),
}

impl Text<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Text::There(bytes) => bytes,
            Text::Digits(digits, first) => &digits[*first..],
        }
    }
}

/// A number in decimal, and where in the array it begins.
pub(super) fn decimal(value: i64) -> ([u8; 20], usize) {
    let mut text = [0; 20];
    let mut first = text.len();
    let mut rest = value.unsigned_abs();
    loop {
        first -= 1;
        text[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        first -= 1;
        text[first] = b'-';
    }
    (text, first)
}
