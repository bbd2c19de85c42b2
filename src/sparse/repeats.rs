//! Repeats: what is there at least twice, found without sorting what is there once.
//!
//! Of a list most of whose keys come once, sorting spends its time on those. So keys are counted first, in a table of
//! four slots an item that keys share by hash, and items go whose slot nobody else met. What stays holds every
//! repeated key and few others, in its order.

/// Shorter lists are sorted as quickly as they are counted.
const FEW: usize = 32;
/// Slots at most: more would be a table that no cache holds.
const MOST_BITS: u32 = 26;

/// Where keys are counted: they share slots.
#[derive(Debug, Clone, Copy)]
pub struct Slots {
    shift: u32,
}

impl Slots {
    /// Four for each of `items`.
    pub fn of(items: usize) -> Self {
        let bits = (4 * items.max(1)).next_power_of_two().ilog2();
        Slots {
            shift: u32::BITS - bits.min(MOST_BITS),
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        1 << (u32::BITS - self.shift)
    }

    /// That of `key`: the same for the same, below [`Self::count`].
    #[inline]
    pub fn slot(self, key: u32) -> usize {
        (key.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }
}

/// Which keys are worth looking for: all that it was made of, and one in some eight of the others.
#[derive(Debug, Clone)]
pub struct Sieve {
    slots: Slots,
    kept: Vec<bool>,
}

impl Sieve {
    /// Of `keys`.
    pub fn of(keys: &[u32]) -> Self {
        let slots = Slots::of(2 * keys.len());
        let mut kept = vec![false; slots.count()];
        for &key in keys {
            kept[slots.slot(key)] = true;
        }
        Sieve { slots, kept }
    }

    /// Whether `key` may be one of them.
    #[inline]
    pub fn has(&self, key: u32) -> bool {
        self.kept[self.slots.slot(key)]
    }
}

/// Leaves of `items` all whose key another has too, and a few more, in their order. Cost: linear, four bytes an item
/// while it lasts.
pub fn keep_repeats<T: Copy>(items: &mut Vec<T>, key: impl Fn(T) -> u32) {
    keep_repeats_in(&mut Vec::new(), items, key);
}

/// The same, counted in `met`, whose room is kept.
pub fn keep_repeats_in<T: Copy>(met: &mut Vec<u8>, items: &mut Vec<T>, key: impl Fn(T) -> u32) {
    if items.len() < FEW {
        return;
    }
    let slots = Slots::of(items.len());
    met.clear();
    met.resize(slots.count(), 0);
    for &item in &*items {
        let met = &mut met[slots.slot(key(item))];
        *met = met.saturating_add(1);
    }
    let mut kept = 0;
    for at in 0..items.len() {
        // Whether an item stays cannot be predicted, so it is written down without asking.
        let item = items[at];
        items[kept] = item;
        kept += usize::from(met[slots.slot(key(item))] > 1);
    }
    items.truncate(kept);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_repeats_stays_in_its_order(keys in prop::collection::vec(0u32..4000, 0..600)) {
            let all: Vec<(u32, usize)> = keys.iter().copied().zip(0..).collect();
            let mut kept = all.clone();
            keep_repeats(&mut kept, |item| item.0);
            let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
            for &key in &keys {
                *counts.entry(key).or_default() += 1;
            }
            let repeated = |item: &&(u32, usize)| counts[&item.0] > 1;
            prop_assert!(kept.windows(2).all(|pair| pair[0].1 < pair[1].1));
            let stayed: Vec<_> = kept.iter().filter(repeated).collect();
            let expected: Vec<_> = all.iter().filter(repeated).collect();
            prop_assert_eq!(stayed, expected);
        }
    }

    #[test]
    fn a_sieve_keeps_its_own_and_few_others() {
        let own: Vec<u32> = (0..1_000).map(|i| i * 104_729).collect();
        let sieve = Sieve::of(&own);
        assert!(own.iter().all(|&key| sieve.has(key)));
        let others = (0..100_000).filter(|&key| sieve.has(key)).count();
        assert!(others < 20_000, "{others}");
        assert!(!Sieve::of(&[]).has(7));
    }

    #[test]
    fn most_that_come_once_go() {
        let mut items: Vec<u32> = (0..10_000).map(|i| i * 7919).collect();
        items.extend(0..10);
        keep_repeats(&mut items, |item| item);
        assert!(items.len() < 3_500, "{}", items.len());
    }
}
