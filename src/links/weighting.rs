//! What one shared entity adds to a link: an integer table by degree.

use crate::base::weight::{MICRO, micro};
use crate::recipe::WeightRule;

/// Weights in micro-units for degrees `0 ..= max_degree` among `accounts` accounts.
///
/// * evidence: `ln(N / d)` nats (0 where everybody has it);
/// * count: 1;
/// * newman: `1 / (d − 1)` (Newman, *Phys. Rev. E* 64, 016132, 2001);
/// * adamic-adar: `1 / ln d` (Adamic & Adar, *Social Networks* 25, 2003).
///
/// Degrees below 2 share nothing and weigh 0.
pub fn table(rule: WeightRule, accounts: usize, max_degree: usize) -> Vec<u64> {
    let accounts = accounts.max(1) as f64;
    (0..=max_degree)
        .map(|degree| {
            let d = degree as f64;
            match rule {
                _ if degree < 2 => 0,
                WeightRule::Evidence => micro((accounts / d).ln()),
                WeightRule::Count => MICRO,
                WeightRule::Newman => micro(1.0 / (d - 1.0)),
                WeightRule::AdamicAdar => micro(1.0 / d.ln()),
            }
        })
        .collect()
}

/// Weight in micro-units of one account naming another, where the one names `names` accounts and the other
/// is named by `named_by`, of `relations` in all.
///
/// * evidence: `ln(M / (names · named_by))` nats, the odds against it where everybody names as many and is
///   named by as many, but at random (the configuration model; Newman, *Networks*, 2010, 13.2); not below 0;
/// * the others: as a thing that two accounts share.
pub fn naming(rule: WeightRule, relations: usize, names: u32, named_by: u32) -> u64 {
    match rule {
        WeightRule::Evidence => {
            let expected = f64::from(names) * f64::from(named_by);
            micro((relations as f64 / expected.max(1.0)).max(1.0).ln())
        }
        WeightRule::Count => MICRO,
        WeightRule::Newman | WeightRule::AdamicAdar => table(rule, 2, 2)[2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_a_star_says_little_and_a_stranger_much() {
        let weight = |names, named_by| naming(WeightRule::Evidence, 1_000, names, named_by);
        assert_eq!(weight(1, 1), micro(1_000f64.ln()));
        assert!(weight(2, 100) < weight(2, 5));
        assert_eq!(weight(10, 900), 0, "expected anyway");
        assert_eq!(naming(WeightRule::Newman, 9, 3, 3), MICRO);
    }

    #[test]
    fn rarer_is_never_weaker() {
        for rule in [
            WeightRule::Evidence,
            WeightRule::Count,
            WeightRule::Newman,
            WeightRule::AdamicAdar,
        ] {
            let weights = table(rule, 1000, 1000);
            assert!(
                weights[2..].windows(2).all(|pair| pair[0] >= pair[1]),
                "{rule:?}"
            );
            assert_eq!(weights[..2], [0, 0]);
        }
        assert_eq!(table(WeightRule::Evidence, 1000, 1000)[1000], 0);
        assert_eq!(table(WeightRule::Newman, 10, 3)[3], MICRO / 2);
    }
}
