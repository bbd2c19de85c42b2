//! Stateless seeded chance: every random decision is a pure function of what it is about.
//!
//! A generator with state would tie a result to the order in which threads ask. Here the
//! "random" number of an item is a hash of `(seed, stage, item)`, so it is the same whoever asks,
//! whenever, and on however many threads.

/// One round of the `SplitMix64` finaliser: a bijection on 64 bits with full avalanche.
///
/// Reference: Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
#[inline]
#[must_use]
pub const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// 64 random bits for `item` in `stage` under `seed`.
#[inline]
#[must_use]
pub const fn draw(seed: u64, stage: u64, item: u64) -> u64 {
    mix(mix(mix(seed) ^ stage) ^ item)
}

/// A number in `[0, 1)` with 53 random bits.
#[inline]
#[must_use]
pub const fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// A number in `0..n` (`n > 0`); the bias is below `n / 2^64`.
#[inline]
#[must_use]
pub const fn below(bits: u64, n: u64) -> u64 {
    ((bits as u128 * n as u128) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_every_argument_and_on_nothing_else() {
        let x = draw(1, 2, 3);
        assert_eq!(x, draw(1, 2, 3));
        assert!(
            [draw(0, 2, 3), draw(1, 0, 3), draw(1, 2, 0)]
                .iter()
                .all(|&y| y != x)
        );
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut seen = [0u32; 7];
        for item in 0..70_000 {
            seen[below(draw(9, 0, item), 7) as usize] += 1;
        }
        assert!(
            seen.iter().all(|&n| (9_500..10_500).contains(&n)),
            "{seen:?}"
        );
    }

    #[test]
    fn unit_stays_below_one() {
        assert!(unit(u64::MAX) < 1.0);
        assert_eq!(unit(0), 0.0);
    }
}
