//! `Texts`: byte strings by number, one behind the other.

/// Byte strings of some of the numbers `0..`, each given once.
#[derive(Default)]
pub(super) struct Texts {
    /// Where each one begins and how long it is; nothing for numbers that have none.
    places: Vec<(u64, u32)>,
    bytes: Vec<u8>,
}

impl Texts {
    /// Gives `number` its text, which is shorter than 4 GiB.
    pub(super) fn put(&mut self, number: u32, text: &[u8]) {
        let places = self.places.len().max(number as usize + 1);
        self.places.resize(places, (0, 0));
        self.places[number as usize] = (self.bytes.len() as u64, text.len() as u32);
        self.bytes.extend_from_slice(text);
    }

    /// The text of `number`; empty if it has none.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let place = self.places.get(number as usize);
        let (start, length) = place.copied().unwrap_or_default();
        &self.bytes[start as usize..][..length as usize]
    }
}
