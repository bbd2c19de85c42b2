//! The few pieces of information theory that evidence is made of, in nats.

use std::sync::LazyLock;

/// Most factorials are asked of small whole numbers, again and again.
static SMALL: LazyLock<Vec<f64>> =
    LazyLock::new(|| (0..1024u32).map(|n| stirling(f64::from(n))).collect());

/// And of the numbers halfway between, beginning with that of −½.
static HALVES: LazyLock<Vec<f64>> =
    LazyLock::new(|| (0..256u32).map(|n| stirling(f64::from(n) - 0.5)).collect());

/// `ln n!` for `n > −1`, from a Stirling series (relative error below 1e-12), exact for small `n`.
///
/// The argument is a float because expectations and effective sizes are; for whole numbers it is
/// the factorial, in between it is the gamma function.
#[must_use]
pub fn ln_factorial(n: f64) -> f64 {
    debug_assert!(n > -1.0);
    let at = n as usize;
    match SMALL.get(at) {
        Some(&known) if at as f64 == n => known,
        Some(_) => match HALVES.get((n + 0.5) as usize) {
            Some(&known) if n.fract().abs() == 0.5 => known,
            _ => stirling(n),
        },
        None => stirling(n),
    }
}

fn stirling(n: f64) -> f64 {
    // Shift the argument up to where the asymptotic series is exact to double precision.
    let mut z = n + 1.0;
    let mut shift = 1.0;
    while z < 12.0 {
        shift *= z;
        z += 1.0;
    }
    let r = 1.0 / z;
    let r2 = r * r;
    let series = r * (1.0 / 12.0 - r2 * (1.0 / 360.0 - r2 * (1.0 / 1260.0 - r2 / 1680.0)));
    let shifted = if shift == 1.0 { 0.0 } else { shift.ln() };
    (z - 0.5) * z.ln() - z + 0.5 * std::f64::consts::TAU.ln() + series - shifted
}

/// `ln C(n, k)`, the nats it takes to say which `k` of `n`. Zero for `k ≤ 0` and for `k ≥ n`.
#[must_use]
pub fn ln_choose(n: f64, k: f64) -> f64 {
    if k <= 0.0 || k >= n {
        return 0.0;
    }
    ln_choose_of(n, ln_factorial(n), k)
}

/// The same where `ln n!` is at hand.
#[must_use]
#[inline]
pub fn ln_choose_of(n: f64, ln_n_factorial: f64, k: f64) -> f64 {
    if k <= 0.0 || k >= n {
        return 0.0;
    }
    ln_n_factorial - ln_factorial(k) - ln_factorial(n - k)
}

/// Kullback–Leibler divergence `KL(p ‖ q)` of two coins, in nats; infinite where `q` excludes `p`.
#[must_use]
pub fn kl_coin(p: f64, q: f64) -> f64 {
    let term = |a: f64, b: f64| {
        if a <= 0.0 {
            0.0
        } else if b <= 0.0 {
            f64::INFINITY
        } else {
            a * (a / b).ln()
        }
    };
    (term(p, q) + term(1.0 - p, 1.0 - q)).max(0.0)
}

/// From here on `x + ln(1 + e^−x)` is `x` to the last bit: half of its last place is more.
const NOTHING_BESIDE: f64 = 40.0;

/// `ln(1 + e^x)` without overflow.
#[must_use]
pub fn ln_one_plus_exp(x: f64) -> f64 {
    if x > NOTHING_BESIDE {
        x
    } else if x > 0.0 {
        x + (-x).exp().ln_1p()
    } else {
        x.exp().ln_1p()
    }
}

/// Nats to bits.
#[must_use]
pub fn bits(nats: f64) -> f64 {
    nats / std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_match_the_exact_ones() {
        let mut exact = 0.0f64;
        for n in 1..=170u32 {
            exact += f64::from(n).ln();
            let got = ln_factorial(f64::from(n));
            assert!(
                (got - exact).abs() <= 1e-9 * exact.max(1.0),
                "{n}: {got} against {exact}"
            );
        }
        assert!(ln_factorial(0.0).abs() < 1e-12);
    }

    #[test]
    fn choose_follows_pascal() {
        for n in 2..40u32 {
            for k in 1..n {
                let (n, k) = (f64::from(n), f64::from(k));
                let sum = ln_choose(n - 1.0, k - 1.0).exp() + ln_choose(n - 1.0, k).exp();
                assert!((ln_choose(n, k).exp() / sum - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn divergence_is_zero_only_at_equality() {
        assert!(kl_coin(0.3, 0.3).abs() < 1e-15);
        assert!(kl_coin(0.3, 0.2) > 0.0);
        assert!((kl_coin(1.0, 0.25) - 4f64.ln()).abs() < 1e-12);
        assert!(kl_coin(0.5, 0.0).is_infinite());
    }
}
