//! `Population`: what is usual on this platform, per entity type; the yardstick of every ring.

use rayon::prelude::*;

use crate::entities::census::census;
use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::recipe::Kind;

/// Yardsticks of the whole platform.
#[derive(Debug, Clone)]
pub struct Population {
    /// Accounts that did anything, or were named by one that did.
    pub accounts: f64,
    /// Nats that a pair of accounts must share to be improbable by itself among all pairs: `ln C(N, 2)`.
    pub pair_price: f64,
    /// One per entity type, in the order of [`EntityGraph::types`].
    pub types: Vec<TypeFacts>,
}

/// Yardsticks of one entity type.
#[derive(Debug, Clone)]
pub struct TypeFacts {
    /// The definition's kind.
    pub kind: Kind,
    /// Accounts that have any entity of the type.
    pub accounts: f64,
    /// Entities (windowed: actions with company) that could have been picked; at least 1.
    pub pickable: f64,
    /// Entities of the mean account that has any.
    pub mean_activity: f64,
    /// How many times more often than strangers two accounts share another entity of the type, once they
    /// share one: interests, neighbourhoods, timetables. At least 1; see `affinity`.
    pub affinity: f64,
    /// Nats that two strangers of mean activity share: `Σ (d/N)² ln(N/d)` over the entities of a plain
    /// type.
    pub stranger_nats: f64,
    /// For windowed types: the key is already accounted for by a plain type, so only the moment is
    /// evidence.
    pub given_key: bool,
}

/// Measures `entities`.
pub fn population(entities: &EntityGraph<'_>) -> Population {
    let types = entities
        .types
        .iter()
        .map(|entity_type| type_facts(entities, entity_type))
        .collect();
    let accounts = entities.log.accounts.len() as f64;
    Population {
        accounts,
        pair_price: (accounts * (accounts - 1.0) / 2.0).max(1.0).ln(),
        types,
    }
}

fn type_facts(entities: &EntityGraph<'_>, entity_type: &EntityType<'_>) -> TypeFacts {
    let census = census(entity_type);
    let with_any = (0..entities.log.accounts.len() as u32)
        .filter(|&account| activity(entities, entity_type, account) > 0)
        .count();
    TypeFacts {
        kind: entity_type.plan.kind,
        accounts: with_any.max(1) as f64,
        pickable: census.shared.max(1) as f64,
        mean_activity: (census.incidences as f64 / with_any.max(1) as f64).max(1.0),
        affinity: affinity(entity_type),
        stranger_nats: stranger_nats(entity_type, with_any.max(1) as f64),
        given_key: entities
            .types
            .iter()
            .any(|other| covers(other, entity_type)),
    }
}

/// How many entities of the type `account` has (windowed: how many rows with a key).
pub fn activity(entities: &EntityGraph<'_>, entity_type: &EntityType<'_>, account: u32) -> u32 {
    match &entity_type.sharing {
        Sharing::Plain { of_account, .. } => of_account.degree(account),
        Sharing::Windowed { .. } => entities.log.rows_of(account).len() as u32,
    }
}

fn stranger_nats(entity_type: &EntityType<'_>, accounts: f64) -> f64 {
    let Sharing::Plain { of_entity, .. } = &entity_type.sharing else {
        return 0.0;
    };
    (0..of_entity.len() as u32)
        .map(|entity| f64::from(of_entity.degree(entity)) / accounts)
        .filter(|&share| share > 0.0)
        .map(|share| share * share * (1.0 / share).ln().max(0.0))
        .sum()
}

/// Entities looked at to measure `affinity`.
const SAMPLE: usize = 2048;

/// The share of the sample, from the top, that is taken to be rings and left out.
const LEFT_OUT: f64 = 0.05;

/// The share of circles, from the closest on, that relations are held against.
const CLOSE: f64 = 0.25;

/// Clubbiness of a plain type: pairs of accounts that share an entity are asked how many others they
/// share, against what their activity and the entities' popularity foretell if entities fell on
/// accounts independently. Without this, people of one taste look like people of one mind. The most
/// extreme entities are left out, so that rings do not excuse themselves.
///
/// Cost: the incidences of the accounts of `SAMPLE` entities.
fn affinity(entity_type: &EntityType<'_>) -> f64 {
    let Sharing::Plain {
        of_account,
        of_entity,
    } = &entity_type.sharing
    else {
        return 1.0;
    };
    if entity_type.plan.kind == Kind::Infrastructure {
        // People who live together are judged by the size of their group (`nulls`), not here.
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
    let mut asked: Vec<(f64, f64)> = shared
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
            (observed as f64, (sum * sum - squares) / 2.0 * meeting)
        })
        .collect();
    let excess = |&(observed, expected): &(f64, f64)| observed - expected;
    asked.sort_by(|a, b| excess(b).total_cmp(&excess(a)).then(b.1.total_cmp(&a.1)));
    let upto = |share: f64| (asked.len() as f64 * share).ceil() as usize;
    // Circles of friends differ more than tastes do: relations are held against the closest of them.
    let last = if entity_type.plan.kind == Kind::Relation {
        CLOSE
    } else {
        1.0
    };
    let kept = &asked[upto(LEFT_OUT)..upto(last)];
    let observed: f64 = kept.iter().map(|&(observed, _)| observed).sum();
    let expected: f64 = kept.iter().map(|&(_, expected)| expected).sum();
    if expected > 0.0 {
        (observed / expected).max(1.0)
    } else {
        1.0
    }
}

/// Whether sharing `plain` already speaks for sharing the key of `windowed`.
fn covers(plain: &EntityType<'_>, windowed: &EntityType<'_>) -> bool {
    matches!(plain.sharing, Sharing::Plain { .. })
        && matches!(windowed.sharing, Sharing::Windowed { .. })
        && (plain.plan.kind == windowed.plan.kind
            || plain
                .plan
                .columns
                .iter()
                .all(|column| windowed.plan.columns.contains(column)))
}
