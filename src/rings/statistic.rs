//! The ring statistic: how surprising it is that these accounts share these things, all costs paid.
//!
//! For a set `R` of `n` accounts out of `N`, every entity `e` gives an *e-value*: a likelihood ratio
//! whose expectation is 1 where there is no coordination (Vovk & Wang, *Ann. Statist.* 49, 2021).
//!
//! * untimed, `d` accounts have `e`, `k` of them in `R`: against the hypergeometric null that the `d`
//!   were drawn from the population, the alternative that `k` is anything with equal chance:
//!   `ln e = −ln [C(n,k) C(N−n,d−k) / C(N,d)] − ln(min(n,d) + 1)`;
//! * a window that `k` members hit with `m` actions on a key, where an action falls with chance `q`: against the binomial null, the Krichevsky–Trofimov mixture over all other chances:
//!   `ln e = ln B(k+½, m−k+½) − ln B(½, ½) − k ln q − (m−k) ln(1−q)`.
//!
//! An entity contributes `ln(1 + (e−1)/|E|)`, `|E|` being the number of entities of its type that could
//! have been picked (shared by at least two accounts): the price of having been free to pick it. The set
//! pays `ln C(N,n) + ln n(n+1)` for having been free to pick the accounts and their number, and one nat
//! per type for all the entities not listed.
//!
//! What it buys: if entities fall on accounts independently, the product over entities and the mixture
//! over sets are again e-values, so by Markov's inequality the chance that a platform without
//! coordination holds *any* set with evidence of `s` nats is at most `e^−s`. Contributions are additive, so
//! every ring explains itself entity by entity.
//!
//! Departure from the plain scan statistic `n·KL(k/n ‖ d/N)`: the hypergeometric knows that the `d`
//! accounts are distinct, which is worth about one nat per account on rare entities and makes a set that
//! shares *one* entity and nothing else worth less than it costs, whatever its size.

use crate::base::information::{ln_choose, ln_choose_of, ln_factorial, ln_one_plus_exp};

/// `ln e` of `k` of `n` members among the `d` accounts of an entity, in a population of `total`.
///
/// Zero or less where `k` is no more than expected. `total` may be a fraction: an effective population,
/// shrunk by how much more active than others the members are.
pub fn shared(total: f64, d: f64, n: f64, k: f64) -> f64 {
    let total = total.max(n + d - k);
    if k * total <= n * d {
        return 0.0;
    }
    let hypergeometric = ln_choose(n, k) + ln_choose(total - n, d - k) - ln_choose(total, d);
    -hypergeometric - (n.min(d) + 1.0).ln()
}

/// A population and members in it that many entities are held against: what does not depend on the entity is worked out once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drawn {
    total: f64,
    n: f64,
    /// `ln total!`.
    all: f64,
    /// `ln (total − n)!`.
    others: f64,
}

impl Drawn {
    /// `n` members in a population of `total`.
    pub fn new(total: f64, n: f64) -> Self {
        Drawn {
            total,
            n,
            all: ln_factorial(total),
            others: ln_factorial((total - n).max(0.0)),
        }
    }

    /// How many of the members are among the `d` accounts of an entity by chance.
    pub fn expected(&self, d: f64) -> f64 {
        self.n * (d / self.total).min(1.0)
    }

    /// [`shared`] by `k` of the members among the `d` accounts of an entity, to the same bit.
    pub fn shared(&self, d: f64, k: f64) -> f64 {
        let Drawn { total, n, .. } = *self;
        if n + d - k > total {
            return shared(total, d, n, k);
        }
        if k * total <= n * d {
            return 0.0;
        }
        let hypergeometric = ln_choose(n, k) + ln_choose_of(total - n, self.others, d - k)
            - ln_choose_of(total, self.all, d);
        -hypergeometric - (n.min(d) + 1.0).ln()
    }
}

/// `ln e` of `k` of `m` members inside a window that an action hits with chance `q`.
pub fn synchronous(q: f64, m: f64, k: f64) -> f64 {
    if q <= 0.0 || k <= m * q {
        return 0.0;
    }
    let q = q.min(1.0 - 1e-9);
    let mixture = ln_factorial(k - 0.5) + ln_factorial(m - k - 0.5)
        - ln_factorial(m)
        - std::f64::consts::PI.ln();
    mixture - k * q.ln() - (m - k) * (1.0 - q).ln()
}

/// What an entity contributes, given its `ln e` and how many of its type could have been picked.
pub fn contribution(ln_e: f64, pickable: f64) -> f64 {
    contribution_at(ln_e, price_of_picking(pickable))
}

/// Nats that an entity pays for having been one of so many that could have been picked.
pub fn price_of_picking(pickable: f64) -> f64 {
    pickable.max(1.0).ln()
}

/// What an entity contributes, given its `ln e` and its [price](price_of_picking).
pub fn contribution_at(ln_e: f64, price: f64) -> f64 {
    if ln_e <= 0.0 {
        return 0.0;
    }
    let picked = ln_e - price;
    // ln(1 + (e − 1)/|E|), the −1/|E| kept only where it matters.
    ln_one_plus_exp(picked).min(ln_e)
}

/// What a set of `n` of `total` accounts pays for having been picked, with `types` entity types in play.
pub fn cost(total: f64, n: f64, types: usize) -> f64 {
    ln_choose(total, n) + (n * (n + 1.0)).ln() + types as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums the probability of each outcome times its e-value.
    fn expectation(outcomes: impl Iterator<Item = (f64, f64)>) -> f64 {
        outcomes.map(|(ln_p, ln_e)| (ln_p + ln_e).exp()).sum()
    }

    #[test]
    fn e_values_expect_at_most_one_under_their_null() {
        for (total, d, n) in [(50.0, 5.0, 8.0), (400.0, 40.0, 12.0), (30.0, 12.0, 11.0)] {
            let outcomes = (0..=12)
                .map(f64::from)
                .filter(|&k| k <= d && k <= n && d - k <= total - n);
            let e = expectation(outcomes.filter(|&k| shared(total, d, n, k) > 0.0).map(|k| {
                let ln_p = ln_choose(n, k) + ln_choose(total - n, d - k) - ln_choose(total, d);
                (ln_p, shared(total, d, n, k))
            }));
            assert!(e <= 1.0 + 1e-9, "{total} {d} {n}: {e}");
        }
        for (q, m) in [(0.01, 5), (0.2, 9), (0.5, 30)] {
            let e = expectation(
                (0..=m)
                    .map(f64::from)
                    .map(|k| (k, f64::from(m)))
                    .filter_map(|(k, m)| {
                        let ln_e = synchronous(q, m, k);
                        let ln_p = ln_choose(m, k) + k * q.ln() + (m - k) * (1.0 - q).ln();
                        (ln_e != 0.0).then_some((ln_p, ln_e))
                    }),
            );
            assert!(e <= 1.0 + 1e-9, "{q} {m}: {e}");
        }
    }

    #[test]
    fn what_is_worked_out_once_is_the_same_to_the_bit() {
        for (total, n) in [(50.0, 8.0), (417.3, 12.0), (30.0, 30.0), (9.5, 12.0)] {
            let drawn = Drawn::new(total, n);
            for (d, k) in [(2.0, 2.0), (5.0, 3.0), (40.0, 8.0), (8.0, 8.0), (7.0, 2.0)] {
                let apart = shared(total, d, n, k);
                assert_eq!(
                    drawn.shared(d, k).to_bits(),
                    apart.to_bits(),
                    "{total} {n} {d} {k}"
                );
            }
        }
    }

    #[test]
    fn the_mixture_is_the_beta_integral() {
        // All of two inside: ∫ p² dBeta(½,½) = 3/8.
        assert!((synchronous(0.1, 2.0, 2.0) - (0.375f64.ln() - 2.0 * 0.1f64.ln())).abs() < 1e-9);
        // One of two inside: ∫ p(1−p) = 1/8.
        let expected = 0.125f64.ln() - 0.1f64.ln() - 0.9f64.ln();
        assert!((synchronous(0.1, 2.0, 1.0) - expected).abs() < 1e-9);
    }

    #[test]
    fn one_entity_alone_never_pays_for_its_set() {
        for n in [2.0, 5.0, 70.0, 400.0] {
            let total = 100_000.0;
            let one = contribution(shared(total, n, n, n), 10.0);
            assert!(one < cost(total, n, 1), "{n}");
            assert!(2.0 * one > cost(total, n, 2), "{n}");
        }
    }

    #[test]
    fn contributions_are_never_negative_and_grow_with_surprise() {
        assert_eq!(contribution(-3.0, 10.0), 0.0);
        assert!(contribution(1.0, 1.0) <= 1.0);
        assert!(contribution(30.0, 100.0) > contribution(29.0, 100.0));
    }
}
