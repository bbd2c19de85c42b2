//! What a sweep will cost, from the census alone: before the pairs are made.

use crate::entities::census::Census;
use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::events::EventLog;
use crate::links::{STORED_PER_UNIT, Thinning};
use crate::recipe::Kind;
use crate::sparse::dictionary::Dictionary;
use crate::sweep::SweepError;

/// Bytes of one link in the account graph: neighbour and weight, in both directions. While it is made, finished
/// pairs are freed as fast as the graph grows.
const BYTES_PER_LINK: u64 = 16;

/// Bytes that the community search takes for a link, at most: its first quotient has hardly fewer.
const SEARCH_BYTES_PER_LINK: u64 = 16;

/// Bytes that the community search takes for an account.
const SEARCH_BYTES_PER_ACCOUNT: u64 = 64;

/// Entities that take more are made once more after the community search instead of being held during it: that
/// is one or two hundredths of a sweep's time.
const WORTH_FREEING: u64 = 256 << 20;

/// A forecast.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Pairs that the projection makes, at most: each is counted once per entity that makes it.
    pub pairs: u64,
    /// Bytes that are held already: events and entities.
    pub held_bytes: u64,
    /// Whether the entities are so large that they are not held during the community search.
    pub free_entities: bool,
    /// Bytes at the peak, at most.
    pub peak_bytes: u64,
    /// The entity type that makes most pairs.
    pub largest: String,
}

/// Forecasts the projection of `graph`; two accounts linked by several entities are counted several
/// times, so this is an upper bound. `thinning` says what is kept of the links.
pub fn estimate(graph: &EntityGraph<'_>, census: &[Census], thinning: Thinning) -> Estimate {
    let accounts = graph.log.accounts.len() as u64;
    let all_pairs = accounts * accounts.saturating_sub(1) / 2;
    let pairs: u64 = census.iter().map(|census| census.pairs).sum();
    let types = graph.types.iter().zip(census);
    let links: u64 = types
        .clone()
        .map(|(entity_type, census)| links(entity_type, census))
        .sum();
    let links = kept(links.min(all_pairs), accounts, thinning);
    let events = event_bytes(graph.log);
    let entities: u64 = types
        .clone()
        .map(|(entity_type, census)| entity_bytes(entity_type, census, accounts))
        .sum();
    let free_entities = entities > WORTH_FREEING;
    let search = SEARCH_BYTES_PER_LINK * links + SEARCH_BYTES_PER_ACCOUNT * accounts;
    let beside_links = if free_entities {
        entities.max(search)
    } else {
        entities + search
    };
    let largest = types.max_by_key(|(_, census)| census.pairs);
    Estimate {
        pairs,
        held_bytes: events + entities,
        free_entities,
        peak_bytes: events + BYTES_PER_LINK * links + beside_links,
        largest: largest.map_or_else(String::new, |(entity_type, _)| {
            entity_type.plan.name.clone()
        }),
    }
}

/// Of `links`, those that the account graph keeps, at most: all heavy ones, and some of the others by account. A single
/// thing in common, of as few accounts as can be, is light where the platform is not huge; so who is linked heavily was counted
/// twice.
fn kept(links: u64, accounts: u64, thinning: Thinning) -> u64 {
    let rarest = (accounts as f64 / 2.0).max(1.0).ln() * STORED_PER_UNIT;
    let heavy = if rarest < f64::from(thinning.heavy) {
        links / 2
    } else {
        links
    };
    let weak = accounts.saturating_mul(thinning.weak as u64);
    links.min(heavy.saturating_add(weak))
}

/// The links that a type makes, at most: as many pairs go into one as it must share.
fn links(entity_type: &EntityType<'_>, census: &Census) -> u64 {
    let by_sharing = census.pairs / u64::from(entity_type.plan.min_shared.max(1));
    match entity_type.plan.kind {
        Kind::Relation => by_sharing + census.incidences,
        Kind::Infrastructure | Kind::Behaviour => by_sharing,
    }
}

fn event_bytes(log: &EventLog) -> u64 {
    let keys = |dictionary: &Dictionary| dictionary.parts().0.len() + 8 * dictionary.len();
    let distinct = log.keys.iter().map(|column| keys(&column.dictionary));
    let per_row = 4 * (1 + log.keys.len()) + 8 * log.times.len();
    let accounts = keys(&log.accounts) + 8 * log.accounts.len();
    (per_row * log.len() + accounts + distinct.sum::<usize>()) as u64
}

/// Rows both ways round and where they begin; timed actions, and those with company once more.
fn entity_bytes(entity_type: &EntityType<'_>, census: &Census, accounts: u64) -> u64 {
    let begins = 8 * (census.entities + accounts);
    match entity_type.sharing {
        Sharing::Plain { .. } => begins + 8 * census.incidences,
        Sharing::Windowed { .. } => begins + 20 * census.incidences + 24 * census.shared,
    }
}

impl Estimate {
    /// Refuses what would not fit.
    ///
    /// # Errors
    /// [`SweepError::Memory`].
    pub fn check(&self, allowed: Option<u64>) -> Result<(), SweepError> {
        match allowed {
            Some(allowed) if self.peak_bytes > allowed => Err(SweepError::Memory {
                needed: self.peak_bytes,
                allowed,
                largest: self.largest.clone(),
            }),
            _ => Ok(()),
        }
    }
}
