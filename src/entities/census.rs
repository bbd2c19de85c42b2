//! How many accounts each entity has: what is shared, what is a hub, and what the hub caps drop.

use rayon::prelude::*;

use crate::entities::{EntityType, Sharing};

/// The census of one entity type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Distinct entities (windowed: keys).
    pub entities: u64,
    /// Entities with at least two accounts (windowed: actions with company inside the window).
    pub shared: u64,
    /// Distinct account–entity incidences (windowed: timed actions).
    pub incidences: u64,
    /// Accounts of the largest entity (windowed: of the most crowded window).
    pub max_accounts: u64,
    /// Entities above the cap (windowed: actions whose window is above it).
    pub capped_entities: u64,
    /// Account pairs they would have made (windowed: pairs of actions).
    pub capped_pairs: u64,
    /// Account pairs that the others make, each counted once per entity: the projection's work.
    pub pairs: u64,
}

/// Counts one entity type in one pass over its degrees.
pub fn census(entity_type: &EntityType<'_>) -> Census {
    let cap = u64::from(entity_type.plan.max_accounts.unwrap_or(u32::MAX));
    let mut census = Census {
        entities: entity_type.keys.count() as u64,
        ..Census::default()
    };
    match &entity_type.sharing {
        Sharing::Plain { of_entity, .. } => {
            census.incidences = of_entity.total() as u64;
            for entity in 0..of_entity.len() as u32 {
                let degree = u64::from(of_entity.degree(entity));
                let pairs = degree * degree.saturating_sub(1) / 2;
                census.shared += u64::from(degree > 1);
                census.max_accounts = census.max_accounts.max(degree);
                census.count_pairs(degree > cap, pairs);
            }
        }
        Sharing::Windowed { postings, .. } => {
            census.incidences = postings.len() as u64;
            for key in 0..postings.keys() as u32 {
                let range = postings.of(key);
                let mut first = range.start;
                for p in range {
                    while postings.times[first] < postings.times[p].saturating_sub(postings.within)
                    {
                        first += 1;
                    }
                    let crowd = u64::from(postings.crowd[p]);
                    census.shared += u64::from(crowd > 1);
                    census.max_accounts = census.max_accounts.max(crowd);
                    // Each pair of actions once, at its later one.
                    census.count_pairs(crowd > cap, (p - first) as u64);
                }
            }
        }
    }
    census
}

impl Census {
    fn count_pairs(&mut self, capped: bool, pairs: u64) {
        if capped {
            self.capped_entities += 1;
            self.capped_pairs += pairs;
        } else {
            self.pairs += pairs;
        }
    }
}

/// The entities of a type with the most accounts: `(entity, accounts)`, most first, ties by id.
pub fn worst_offenders(entity_type: &EntityType<'_>, count: usize) -> Vec<(u32, u32)> {
    let degrees: Vec<u32> = match &entity_type.sharing {
        Sharing::Plain { of_entity, .. } => (0..of_entity.len() as u32)
            .map(|entity| of_entity.degree(entity))
            .collect(),
        Sharing::Windowed { postings, .. } => (0..postings.keys() as u32)
            .into_par_iter()
            .map(|key| postings.distinct_nodes(postings.of(key)))
            .collect(),
    };
    let mut worst: Vec<(u32, u32)> = degrees
        .into_iter()
        .enumerate()
        .map(|(entity, degree)| (entity as u32, degree))
        .collect();
    worst.sort_unstable_by_key(|&(entity, degree)| (std::cmp::Reverse(degree), entity));
    worst.truncate(count);
    worst
}
