//! Fixed-point evidence weights: sums are exact in any order, so results do not depend on threads.
//!
//! A weight is a whole number of *micro-units* (micro-nats where the weight is evidence). It comes
//! from an integer table by degree, never from a float computed per pair, so another engine that
//! uses the same table gets the same bits.

/// Micro-units in one unit (one nat, one co-action, …).
pub const MICRO: u64 = 1_000_000;

/// `value` units as micro-units, rounded to nearest; negative and NaN become 0.
#[inline]
#[must_use]
pub fn micro(value: f64) -> u64 {
    (value * MICRO as f64).round().max(0.0) as u64
}

/// Micro-units as a float, for display and for the statistics of small sets.
#[inline]
#[must_use]
pub fn units(micro: u64) -> f64 {
    micro as f64 / MICRO as f64
}

/// A weight as the shortest exact decimal: `3`, `0.5`, `12.345678`.
#[must_use]
pub fn decimal(micro: u64) -> String {
    let (whole, part) = (micro / MICRO, micro % MICRO);
    if part == 0 {
        return whole.to_string();
    }
    let digits = format!("{part:06}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_short() {
        assert_eq!(decimal(3 * MICRO), "3");
        assert_eq!(decimal(micro(0.5)), "0.5");
        assert_eq!(decimal(1), "0.000001");
        assert_eq!(decimal(micro(12.345_678)), "12.345678");
    }
}
