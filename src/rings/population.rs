//! `Population`: what is usual on this platform, per entity type; the yardstick of every ring.

use rayon::prelude::*;

use crate::entities::census::Census;
use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::lists::Seed;
use crate::recipe::Kind;
use crate::rings::affinity::affinity;
use crate::rings::seeded::Seeded;

/// Yardsticks of the whole platform.
#[derive(Debug, Clone)]
pub struct Population {
    /// Accounts that did anything, or were named by one that did.
    pub accounts: f64,
    /// One per entity type, in the order of [`EntityGraph::types`].
    pub types: Vec<TypeFacts>,
    /// Accounts that are known to be bad or good.
    pub seeds: Seeded,
}

impl Population {
    /// These, but for a type and what its entities are held against.
    #[must_use]
    pub fn with_null(&self, (entity_type, null): (usize, f64)) -> Self {
        let mut own = self.clone();
        own.types[entity_type].null = null;
        own
    }
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
    /// Incidences, and pairs of them with one account: Σ a and Σ a(a − 1)/2.
    pub incidences: f64,
    /// See `incidences`.
    pub pairs: f64,
    /// How many times more often than strangers two accounts share another entity of the type, once they
    /// share one: interests, neighbourhoods, timetables. At least 1; see [`affinity`](crate::rings::affinity).
    pub affinity: f64,
    /// What shared entities are held against: a population so many times smaller. The affinity, unless more is known.
    pub null: f64,
    /// Entities of a plain type by how many accounts have them: `(accounts, entities, rarity)`, ascending.
    pub degrees: Vec<(u32, u32, f64)>,
    /// For windowed types: the key is already accounted for by a plain type, so only the moment is
    /// evidence.
    pub given_key: bool,
}

impl TypeFacts {
    /// Nats that an entity of the type that `accounts` accounts have says about two of them; never negative.
    pub fn rarity(&self, accounts: u32) -> f64 {
        rarity(self.accounts, accounts)
    }

    /// Nats that `members` share pair by pair over an entity that `accounts` accounts have, in all.
    pub fn pairs_nats(&self, members: usize, accounts: u32) -> f64 {
        (members * members.saturating_sub(1)) as f64 / 2.0 * self.rarity(accounts)
    }

    /// Nats that two accounts of one taste share that are `relative` times as active as the mean account and meet `affinity`
    /// times more often than strangers, over one of the [`degrees`](Self::degrees): a thing that a share `p` of the accounts has, they
    /// both have with chance `affinity · (relative · p)²`, but never more often than one of them does; so
    /// `Σ min(affinity · (relative · p)², relative · p, 1) ln(1/p)`.
    pub fn club_nats(&self, degree: (u32, u32, f64), relative: f64, affinity: f64) -> f64 {
        let (accounts, entities, rarity) = degree;
        let has = relative * f64::from(accounts) / self.accounts;
        let both = (affinity * has * has).min(has).min(1.0);
        f64::from(entities) * both * rarity
    }
}

/// Measures `entities`, counted by `census` type by type, of whose accounts `seeds` (ascending by account) are known.
pub fn population(entities: &EntityGraph<'_>, census: &[Census], seeds: &[Seed]) -> Population {
    let types = entities
        .types
        .par_iter()
        .zip(census)
        .map(|(entity_type, census)| type_facts(entities, entity_type, census))
        .collect();
    let accounts = entities.log.accounts.len() as f64;
    Population {
        accounts,
        types,
        seeds: Seeded::new(seeds, accounts),
    }
}

fn type_facts(
    entities: &EntityGraph<'_>,
    entity_type: &EntityType<'_>,
    census: &Census,
) -> TypeFacts {
    let (mut with_any, mut incidences, mut pairs) = (0usize, 0u64, 0u64);
    for account in 0..entities.log.accounts.len() as u32 {
        let own = u64::from(activity(entities, entity_type, account));
        with_any += usize::from(own > 0);
        incidences += own;
        pairs += own * own.saturating_sub(1) / 2;
    }
    let affinity = affinity(entity_type);
    let accounts = with_any.max(1) as f64;
    TypeFacts {
        kind: entity_type.plan.kind,
        accounts,
        pickable: census.shared.max(1) as f64,
        mean_activity: (census.incidences as f64 / with_any.max(1) as f64).max(1.0),
        incidences: incidences as f64,
        pairs: pairs as f64,
        affinity,
        null: affinity,
        degrees: degrees(entity_type, accounts),
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

/// Nats that an entity which `having` of `accounts` accounts have says about two of them; never negative.
fn rarity(accounts: f64, having: u32) -> f64 {
    (accounts / f64::from(having)).ln().max(0.0)
}

fn degrees(entity_type: &EntityType<'_>, accounts: f64) -> Vec<(u32, u32, f64)> {
    let Sharing::Plain { of_entity, .. } = &entity_type.sharing else {
        return Vec::new();
    };
    let mut degrees: Vec<u32> = (0..of_entity.len() as u32)
        .map(|entity| of_entity.degree(entity))
        .filter(|&degree| degree > 0)
        .collect();
    degrees.sort_unstable();
    degrees
        .chunk_by(|a, b| a == b)
        .map(|same| (same[0], same.len() as u32, rarity(accounts, same[0])))
        .collect()
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
