//! Affinity: how clubby a platform is.
//!
//! Entities do not fall on accounts independently: people have interests. Accounts that share one thing
//! are asked how many others they share, against what their activity and the entities' popularity foretell
//! if there were no interests. Without this, people of one taste look like people of one mind.
//!
//! Clubs differ, and the null has to hold for the tight ones: the answer is the level that 95 % of the
//! innocent togetherness stays below, not the mean. The most extreme entities are left out before, so that
//! rings do not excuse themselves.

use rayon::prelude::*;

use crate::entities::{EntityType, Sharing};
use crate::recipe::Kind;

/// Entities looked at.
const SAMPLE: usize = 2048;

/// The share of the sample, from the top, that is taken to be rings and left out.
const LEFT_OUT: f64 = 0.05;

/// The share of the foreseen meetings that happen in clubs at most as tight as the answer.
const LEVEL: f64 = 0.95;

/// How many times more often than strangers two accounts of one club share another entity of this type; at
/// least 1, and 1 for what is not asked: windows, and infrastructure (people who live together are judged
/// by [`nulls`](crate::rings::nulls)).
///
/// Cost: the incidences of the accounts of 2,048 entities.
pub fn affinity(entity_type: &EntityType<'_>) -> f64 {
    let Sharing::Plain {
        of_account,
        of_entity,
    } = &entity_type.sharing
    else {
        return 1.0;
    };
    if entity_type.plan.kind == Kind::Infrastructure {
        return 1.0;
    }
    let hub = entity_type
        .plan
        .max_accounts
        .unwrap_or(u32::MAX)
        .min(of_account.len() as u32 / 10);
    let counts = |entity: u32| (2..=hub).contains(&of_entity.degree(entity));
    let shared: Vec<u32> = (0..of_entity.len() as u32)
        .filter(|&entity| counts(entity))
        .collect();
    let incidences: u64 = shared
        .iter()
        .map(|&entity| u64::from(of_entity.degree(entity)))
        .sum();
    // Σ d(d−1) / M²: the chance per pair of incidences to be on one entity.
    let meeting = shared
        .iter()
        .map(|&e| f64::from(of_entity.degree(e)))
        .map(|d| d * (d - 1.0))
        .sum::<f64>()
        / (incidences as f64).powi(2);
    let asked = shared
        .par_iter()
        .step_by(shared.len().div_ceil(SAMPLE).max(1))
        .map_init(Vec::<u32>::new, |others, &entity| {
            others.clear();
            let (mut sum, mut squares) = (0.0, 0.0);
            for &account in of_entity.get(entity) {
                let before = others.len();
                others.extend(
                    of_account
                        .get(account)
                        .iter()
                        .filter(|&&e| e != entity && counts(e)),
                );
                let further = (others.len() - before) as f64;
                sum += further;
                squares += further * further;
            }
            others.sort_unstable();
            let observed: usize = others
                .chunk_by(|a, b| a == b)
                .map(|same| same.len() * (same.len() - 1) / 2)
                .sum();
            Meetings {
                observed: observed as f64,
                foreseen: (sum * sum - squares) / 2.0 * meeting,
            }
        })
        .collect();
    tight_club(asked)
}

/// Pairs of one entity's accounts that meet again elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Meetings {
    observed: f64,
    /// Were there no interests.
    foreseen: f64,
}

/// Observed over foreseen where [`LEVEL`] of the foreseen meetings are in looser clubs. Weighing by what was
/// foreseen keeps entities of a few accounts, whose ratios are mostly luck, from setting the level.
fn tight_club(mut asked: Vec<Meetings>) -> f64 {
    let excess = |m: &Meetings| m.observed - m.foreseen;
    asked.sort_by(|a, b| {
        excess(b)
            .total_cmp(&excess(a))
            .then(b.foreseen.total_cmp(&a.foreseen))
    });
    asked.drain(..(asked.len() as f64 * LEFT_OUT).ceil() as usize);
    asked.retain(|m| m.foreseen > 0.0);
    let ratio = |m: &Meetings| m.observed / m.foreseen;
    asked.sort_by(|a, b| {
        ratio(a)
            .total_cmp(&ratio(b))
            .then(a.foreseen.total_cmp(&b.foreseen))
    });
    let below = LEVEL * asked.iter().map(|m| m.foreseen).sum::<f64>();
    let mut seen = 0.0;
    for m in &asked {
        seen += m.foreseen;
        if seen >= below {
            return ratio(m).max(1.0);
        }
    }
    1.0
}

#[cfg(test)]
mod tests {
    use super::{Meetings, tight_club};

    #[test]
    fn the_level_is_that_of_the_tight_clubs_and_not_of_the_rings() {
        let club = |ratio: f64| Meetings {
            observed: 100.0 * ratio,
            foreseen: 100.0,
        };
        let mut asked: Vec<Meetings> = (0..100).map(|i| club(1.0 + f64::from(i) / 50.0)).collect();
        asked.extend([club(400.0), club(500.0)]);
        let affinity = tight_club(asked);
        assert!((2.5..3.0).contains(&affinity), "{affinity}");
        assert_eq!(tight_club(Vec::new()), 1.0);
    }

    #[test]
    fn luck_on_rare_entities_sets_no_level() {
        let mut asked = vec![
            Meetings {
                observed: 500.0,
                foreseen: 500.0,
            };
            50
        ];
        asked.extend(vec![
            Meetings {
                observed: 3.0,
                foreseen: 0.1,
            };
            50
        ]);
        assert_eq!(tight_club(asked), 1.0);
    }
}
