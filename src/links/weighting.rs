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

#[cfg(test)]
mod tests {
    use super::*;

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
