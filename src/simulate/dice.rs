//! Dice that give the same throw on every machine: distributions over `base::chance`.
//!
//! A [`Dice`] is a counter under a key, and the key is a hash of what the throw is about
//! (`seed`, [`Stage`], item). Two threads that ask about the same item get the same numbers, and
//! nobody's numbers depend on how often somebody else threw.
//!
//! The platform's `exp` and `ln` may differ in the last bit between C libraries, and one flipped
//! bit is another world. So the two are written out here from additions and multiplications, which
//! IEEE 754 fixes exactly.

use crate::base::chance::{below, draw, mix, unit};

/// What a throw is about; keeps the numbers of different decisions independent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Household = 1,
    Account,
    Office,
    Owner,
    Session,
    SessionCount,
    Visit,
    Carrier,
    Crowd,
    Audience,
    Ring,
    RingMember,
    RingAction,
    Recruits,
    AccountName,
    DeviceName,
    AddressName,
    TargetName,
    OwnerName,
    Friends,
}

/// A stream of throws about one item.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    key: u64,
    throws: u64,
}

impl Dice {
    /// The dice of `item` in `stage`.
    pub(super) fn new(seed: u64, stage: Stage, item: u64) -> Self {
        Dice {
            key: draw(seed, stage as u64, item),
            throws: 0,
        }
    }

    /// The dice of a pair, for example of an account in an hour.
    pub(super) fn of_pair(seed: u64, stage: Stage, first: u64, second: u64) -> Self {
        Dice {
            key: draw(draw(seed, stage as u64, first), second, 0),
            throws: 0,
        }
    }

    /// 64 fresh bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.throws += 1;
        mix(self.key ^ self.throws)
    }

    /// Uniform in `[0, 1)`.
    pub(super) fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// Uniform in `0..n`; 0 for `n = 0`.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        below(self.bits(), n)
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Standard normal (Marsaglia's polar method, 1964).
    pub(super) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }

    /// Log-normal of mean 1 with the given spread of its logarithm.
    pub(super) fn log_normal(&mut self, sigma: f64) -> f64 {
        exp(sigma * self.normal() - sigma * sigma / 2.0)
    }

    /// Exponential of the given mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * ln(1.0 - self.unit())
    }

    /// Rank in `0..n` with probability close to ∝ 1 / (rank + 1): Zipf's law of exponent one.
    pub(super) fn zipf(&mut self, n: u64) -> u64 {
        let rank = exp(self.unit() * ln(n as f64 + 1.0)) as u64;
        rank.clamp(1, n.max(1)) - 1
    }

    /// Log-uniform whole number in `low..=high`.
    pub(super) fn log_uniform(&mut self, low: u64, high: u64) -> u64 {
        let (a, b) = (ln(low as f64), ln(high as f64 + 1.0));
        (exp(a + self.unit() * (b - a)) as u64).clamp(low, high)
    }

    /// Index into `shares` (which sum to 1) with those probabilities.
    pub(super) fn pick(&mut self, shares: &[f64]) -> usize {
        let mut left = self.unit();
        for (index, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return index;
            }
        }
        shares.len().saturating_sub(1)
    }
}

/// Poisson count of mean `rate` from one uniform number, by inversion, so the count can only grow
/// with the rate: calibration by scaling all rates is monotone.
///
/// Cost: constant for the common count 0, else O(count). Counts stop at `MAXIMUM`.
pub(super) fn poisson(rate: f64, uniform: f64) -> u32 {
    const MAXIMUM: u32 = 200;
    // 1 − x ≤ e^−x: settles most hours of most accounts without an exponential.
    if uniform < 1.0 - rate {
        return 0;
    }
    let mut chance = exp(-rate);
    let mut below = chance;
    let mut count = 0;
    while uniform >= below && count < MAXIMUM {
        count += 1;
        chance *= rate / f64::from(count);
        below += chance;
    }
    count
}

/// `e^x` by range reduction and a Taylor series; the same bits on every machine.
pub(super) fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let turns = (x / std::f64::consts::LN_2).round();
    let rest = x - turns * std::f64::consts::LN_2;
    let mut sum = 1.0;
    for divisor in (1..=14).rev() {
        sum = 1.0 + rest / f64::from(divisor) * sum;
    }
    sum * f64::from_bits(((turns as i64 + 1023) as u64) << 52)
}

/// `ln x` for positive normal `x`, by its exponent and the series of the inverse hyperbolic tangent.
pub(super) fn ln(x: f64) -> f64 {
    let x = x.max(f64::MIN_POSITIVE);
    let bits = x.to_bits();
    let mut turns = ((bits >> 52) & 0x7FF) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | (1023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        turns += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut series = 0.0;
    for odd in (0..=11).rev() {
        series = 1.0 / f64::from(2 * odd + 1) + square * series;
    }
    turns as f64 * std::f64::consts::LN_2 + 2.0 * s * series
}

/// A secret bijection of `0..n`: position to item and never the same item twice.
///
/// Four Feistel rounds over the next even number of bits; what falls outside is walked on until it
/// is inside (Black and Rogaway, *Ciphers with arbitrary finite domains*, 2002). Under four steps
/// on average.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shuffle {
    key: u64,
    half_bits: u32,
    n: u64,
}

impl Shuffle {
    /// The shuffle of `0..n` that belongs to `item` of `stage`.
    pub(super) fn new(seed: u64, stage: Stage, item: u64, n: u64) -> Self {
        let bits = u64::BITS - n.saturating_sub(1).leading_zeros();
        Shuffle {
            key: draw(seed, stage as u64, item),
            half_bits: bits.div_ceil(2).max(1),
            n,
        }
    }

    /// The item at `position`, which must be below `n`.
    pub(super) fn at(&self, position: u64) -> u64 {
        debug_assert!(position < self.n);
        let mut x = position;
        loop {
            x = self.rounds(x);
            if x < self.n {
                return x;
            }
        }
    }

    fn rounds(&self, x: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (x >> self.half_bits, x & mask);
        for round in 0..4 {
            let next = left ^ (draw(self.key, round, right) & mask);
            (left, right) = (right, next);
        }
        (left << self.half_bits) | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_ln_agree_with_the_platform_to_rounding() {
        for step in -600..=600 {
            let x = f64::from(step) / 20.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "exp {x}");
            let y = x.exp();
            assert!((ln(y) - x).abs() < 1e-13 * x.abs().max(1.0), "ln {y}");
        }
    }

    #[test]
    fn a_shuffle_hits_everything_once() {
        for n in [1u64, 2, 3, 10, 255, 256, 257, 5_000] {
            let shuffle = Shuffle::new(4, Stage::Audience, n, n);
            let mut seen = vec![false; n as usize];
            for position in 0..n {
                let item = shuffle.at(position) as usize;
                assert!(
                    !std::mem::replace(&mut seen[item], true),
                    "{item} of {n} came twice"
                );
            }
        }
    }

    #[test]
    fn distributions_have_their_means() {
        let mut dice = Dice::new(3, Stage::Ring, 0);
        let n = 200_000;
        let mean = |sum: f64| sum / f64::from(n);
        let heavy = mean((0..n).map(|_| dice.log_normal(1.0)).sum());
        assert!((heavy - 1.0).abs() < 0.03, "{heavy}");
        let wait = mean((0..n).map(|_| dice.exponential(7.0)).sum());
        assert!((wait - 7.0).abs() < 0.1, "{wait}");
        for rate in [0.05, 0.9, 6.0] {
            let count = mean((0..n).map(|_| f64::from(poisson(rate, dice.unit()))).sum());
            assert!((count / rate - 1.0).abs() < 0.03, "{rate}: {count}");
        }
    }
}
