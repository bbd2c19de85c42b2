//! What a sweep will cost, from the census alone: before the pairs are made.

use crate::entities::EntityGraph;
use crate::entities::census::Census;
use crate::sweep::SweepError;

/// Bytes of one link in the account graph: neighbour and weight, in both directions, and the upper
/// triangle that it is mirrored from.
const BYTES_PER_LINK: u64 = 24;

/// A forecast.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Pairs that the projection makes, at most: each is counted once per entity that makes it.
    pub pairs: u64,
    /// Bytes that are held already: events and entities.
    pub held_bytes: u64,
    /// Bytes at the peak, at most.
    pub peak_bytes: u64,
    /// The entity type that makes most pairs.
    pub largest: String,
}

/// Forecasts the projection of `graph`; two accounts linked by several entities are counted several
/// times, so this is an upper bound.
pub fn estimate(graph: &EntityGraph<'_>, census: &[Census]) -> Estimate {
    let accounts = graph.log.accounts.len() as u64;
    let all_pairs = accounts * accounts.saturating_sub(1) / 2;
    let pairs: u64 = census.iter().map(|census| census.pairs).sum();
    let per_row = 4 * (1 + graph.log.keys.len() as u64) + 8 * graph.log.times.len() as u64;
    let incidences: u64 = census.iter().map(|census| census.incidences).sum();
    let held_bytes = per_row * graph.log.len() as u64 + 24 * incidences + 64 * accounts;
    let largest = graph
        .types
        .iter()
        .zip(census)
        .max_by_key(|(_, census)| census.pairs);
    Estimate {
        pairs,
        held_bytes,
        peak_bytes: held_bytes + BYTES_PER_LINK * pairs.min(all_pairs),
        largest: largest.map_or_else(String::new, |(entity_type, _)| {
            entity_type.plan.name.clone()
        }),
    }
}

impl Estimate {
    /// Refuses what would not fit.
    ///
    /// # Errors
    /// [`SweepError::Memory`].
    pub fn check(self, allowed: Option<u64>) -> Result<(), SweepError> {
        match allowed {
            Some(allowed) if self.peak_bytes > allowed => Err(SweepError::Memory {
                needed: self.peak_bytes,
                allowed,
                largest: self.largest,
            }),
            _ => Ok(()),
        }
    }
}
