//! What a sweep will cost: before the pairs are made.
//!
//! The census says it at once, and mostly far too high, since it counts pairs and not what is kept of them. Where that is not
//! enough, a sample of accounts says it ([`Projector::expected`](crate::links::Projector::expected)).

use crate::entities::census::Census;
use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::events::EventLog;
use crate::links::{Expected, STORED_PER_UNIT, Thinning};
use crate::recipe::Kind;
use crate::sparse::dictionary::Dictionary;
use crate::sweep::SweepError;

/// Bytes of one link in the account graph: neighbour and weight, in both directions. While it is made, finished
/// pairs are freed as fast as the graph grows.
const BYTES_PER_LINK: u64 = 16;

/// Bytes of one link in the blocks that the graph is made of.
const BYTES_PER_PAIR: u64 = 8;

/// Bytes that the community search takes for a link, at most: of two searches side by side one has a first quotient that is hardly
/// smaller, the other the strong links once more.
const SEARCH_BYTES_PER_LINK: u64 = 32;

/// Bytes that these take for an account.
const SEARCH_BYTES_PER_ACCOUNT: u64 = 128;

/// Bytes that the judge of rings takes for an account, beside the entities.
const JUDGE_BYTES_PER_ACCOUNT: u64 = 512;

/// Bytes of the program itself, and of what its threads work in.
const PROGRAM_BYTES: u64 = 24 << 20;

/// Of what is asked for, one part in so many is added for what lies between: rooms that are larger than what is in them, and what
/// has been given back in too small pieces.
const BETWEEN: u64 = 8;

/// Entities that take more are made once more after the community search instead of being held during it: that
/// is some twentieth of a sweep's time.
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
    /// Bytes at the peak, at most; what is published with very many rings is not foreseen.
    pub peak_bytes: u64,
    /// The entity type that makes most pairs.
    pub largest: String,
}

/// Forecasts a sweep of `graph` that searches so many `links`.
pub fn estimate(graph: &EntityGraph<'_>, census: &[Census], links: Expected) -> Estimate {
    let accounts = graph.log.accounts.len() as u64;
    let types = graph.types.iter().zip(census);
    let events = event_bytes(graph.log);
    let entities: u64 = types
        .clone()
        .map(|(entity_type, census)| entity_bytes(entity_type, census, accounts))
        .sum();
    let free_entities = entities > WORTH_FREEING;
    let search = |links| SEARCH_BYTES_PER_LINK * links + SEARCH_BYTES_PER_ACCOUNT * accounts;
    let all_linked = BYTES_PER_LINK * links.links;
    let homes = BYTES_PER_LINK * links.homes + search(links.homes);
    let held = events + entities;
    let moments = [
        held + BYTES_PER_PAIR * links.links + homes,
        held + all_linked,
        events + all_linked + search(links.links) + if free_entities { 0 } else { entities },
        held + JUDGE_BYTES_PER_ACCOUNT * accounts,
    ];
    let most = moments.into_iter().max().unwrap_or(0);
    let largest = types.max_by_key(|(_, census)| census.pairs);
    Estimate {
        pairs: census.iter().map(|census| census.pairs).sum(),
        held_bytes: held,
        free_entities,
        peak_bytes: most + most / BETWEEN + PROGRAM_BYTES,
        largest: largest.map_or_else(String::new, |(entity_type, _)| {
            entity_type.plan.name.clone()
        }),
    }
}

/// The links of `graph` that are kept under `thinning`, at most, by the census alone. Two accounts linked by several entities are
/// counted several times, so this is far too much on most platforms, and costs nothing.
pub fn at_most(graph: &EntityGraph<'_>, census: &[Census], thinning: Thinning) -> Expected {
    let accounts = graph.log.accounts.len() as u64;
    let all_pairs = accounts * accounts.saturating_sub(1) / 2;
    let types = || graph.types.iter().zip(census);
    let of = |wanted: &dyn Fn(Kind) -> bool| {
        let wanted = types().filter(|(entity_type, _)| wanted(entity_type.plan.kind));
        let links = wanted.map(|(entity_type, census)| links(entity_type, census));
        links.sum::<u64>().min(all_pairs)
    };
    let whole = if thinning.whole == 0 {
        0
    } else {
        of(&|kind| kind == Kind::Relation)
    };
    // A single thing in common, of as few accounts as can be, is light where the platform is not huge; so who is linked
    // heavily was counted twice.
    let rarest = (accounts as f64 / 2.0).max(1.0).ln() * STORED_PER_UNIT;
    let heavy = if rarest < f64::from(thinning.heavy) {
        census.iter().map(|census| census.pairs).sum::<u64>() / 2
    } else {
        u64::MAX
    };
    let weak = accounts.saturating_mul(thinning.weak as u64);
    let kept = heavy.saturating_add(weak).saturating_add(whole);
    Expected {
        links: of(&|_| true).min(kept),
        homes: of(&|kind| kind == Kind::Infrastructure).min(kept),
    }
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
        self.check_bytes(self.peak_bytes, allowed)
    }

    /// Refuses where already what is held is too much.
    ///
    /// # Errors
    /// [`SweepError::Memory`].
    pub fn check_held(&self, allowed: Option<u64>) -> Result<(), SweepError> {
        self.check_bytes(self.held_bytes, allowed)
    }

    fn check_bytes(&self, needed: u64, allowed: Option<u64>) -> Result<(), SweepError> {
        match allowed {
            Some(allowed) if needed > allowed => Err(SweepError::Memory {
                needed,
                allowed,
                largest: self.largest.clone(),
            }),
            _ => Ok(()),
        }
    }
}
