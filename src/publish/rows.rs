//! The rows of a published sweep: what is written is what is read back.
//!
//! Field order is column order. Ids are text: bytes that are not UTF-8 stand as `\xNN` (a backslash
//! in an id as `\\`). Times are RFC 3339 in UTC, empty where unknown. Floats are rounded by the maker of
//! the row (bits and expectations to 3 decimals, shares to 4, q-values to 3 significant digits), so
//! that a table reads the same in every format.

use serde::{Deserialize, Serialize};

/// A whole sweep as tables, in their published order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SweepTables {
    /// By ring in the order of `rings`, then by falling score, then by account.
    pub members: Vec<MemberRow>,
    /// By tier, then by falling score, then by id.
    pub rings: Vec<RingRow>,
    /// By ring in the order of `rings`, then by falling bits, then by type and id.
    pub evidence: Vec<EvidenceRow>,
    /// Links inside rings: by ring, then by accounts.
    pub links: Vec<LinkRow>,
    /// Who used which evidence entity: by ring and entity in the order of `evidence`, then by account.
    pub uses: Vec<UseRow>,
    /// What seeds say: members of rings and seeds, and of the others those with the largest bad share; by
    /// falling bad share, then by account, then by falling share of the part. Published where there were seeds.
    pub seeds: Vec<SeedRow>,
    /// Samples of rejected rows: by source in input order, then by row.
    pub rejects: Vec<RejectRow>,
}

/// One account of one ring (`members`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberRow {
    /// The account.
    pub account_id: String,
    /// Its ring.
    pub ring_id: String,
    /// `act`, `review` or `watch`: the ring's tier, or a lower one where the account's own part in the
    /// evidence does not bear it.
    pub tier: String,
    /// Bits that the ring would lose without this account.
    pub score: f64,
    /// `core` or `associate`.
    pub role: String,
    /// Reason codes that hold for this account, `;`-separated, e.g. `shared:device;lockstep:lockstep`.
    pub reasons: String,
}

/// One ring (`rings`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RingRow {
    /// `R` and 16 hex digits; kept over sweeps when the ring continues.
    pub ring_id: String,
    /// Members.
    pub size: u32,
    /// `act`, `review` or `watch`.
    pub tier: String,
    /// Evidence of the set, all costs paid: the sum of the contributions in `evidence` less `cost`.
    pub bits: f64,
    /// Expected share of chance rings among those at least as strong.
    pub q_value: f64,
    /// What rings are ranked by.
    pub score: f64,
    /// First event on shared entities.
    pub first_ts: String,
    /// Last event on shared entities.
    pub last_ts: String,
    /// Linked pairs over all pairs.
    pub density: f64,
    /// Share of the members' events that run through what they share.
    pub exclusivity: f64,
    /// Share of the ring's bits that come from windows.
    pub synchrony: f64,
    /// Number of independent entities that speak for the ring.
    pub repetition: f64,
    /// Reason codes, `;`-separated.
    pub reasons: String,
    /// `new`, `continued`, `grown`, `shrunk`, `split` or `merged`.
    pub status: String,
    /// Bits paid for having been free to pick these accounts.
    pub cost: f64,
}

/// One entity that speaks for a ring (`evidence`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidenceRow {
    /// The ring.
    pub ring_id: String,
    /// The definition's name of the entity.
    pub entity_type: String,
    /// Its key; several columns joined by `|`; a window as `key@start`.
    pub entity_id: String,
    /// Members that have it.
    pub members: u32,
    /// Accounts that have it.
    pub accounts: u32,
    /// Members expected to have it by chance.
    pub expected: f64,
    /// Its contribution.
    pub bits: f64,
    /// First event of a member on it.
    pub first_ts: String,
    /// Last event of a member on it.
    pub last_ts: String,
}

/// A link between two members of a ring (`links`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkRow {
    /// The ring.
    pub ring_id: String,
    /// The smaller account in byte order.
    pub account_a: String,
    /// The larger.
    pub account_b: String,
    /// Sum of the definition's weights, in units (nats for `evidence`).
    pub weight: f64,
    /// Entities that the two share.
    pub shared: u32,
    /// Pairs of their events inside a window.
    pub co_actions: u32,
}

/// A member's use of an evidence entity (`uses`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UseRow {
    /// The ring.
    pub ring_id: String,
    /// As in `evidence`.
    pub entity_type: String,
    /// As in `evidence`.
    pub entity_id: String,
    /// The member.
    pub account_id: String,
    /// Its events on the entity.
    pub events: u32,
    /// The first of them.
    pub first_ts: String,
    /// The last of them.
    pub last_ts: String,
}

/// The [`EvidenceRow::entity_type`] of what seeds say about a ring, `bad` or `good` being the entity: no entity
/// of a definition can be called that.
pub const SEED_LIST: &str = "seed-list";

/// What one seed says about one account (`seeds`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeedRow {
    /// The account.
    pub account_id: String,
    /// Its ring; empty where it is in none.
    pub ring_id: String,
    /// What the account itself is known to be: `bad`, `good` or nothing.
    pub label: String,
    /// The chance that a walk from the account ends at a bad seed.
    pub bad: f64,
    /// The chance that it ends at a good one; the rest to 1 is what nobody knows.
    pub good: f64,
    /// The seed that this part of the two comes from; empty for all that are not named.
    pub seed_id: String,
    /// Which of the two it is a part of: `bad` or `good`.
    pub seed_label: String,
    /// The part: those of one account and label add up to its `bad` or `good`.
    pub share: f64,
}

/// A sample of a rejected row (`rejects`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectRow {
    /// The input it came from.
    pub source: String,
    /// Row, 1-based, the header not counted.
    pub row: u64,
    /// Byte offset of the row in the decompressed input.
    pub byte: u64,
    /// Machine-readable reason.
    pub reason: String,
    /// The beginning of the row.
    pub sample: String,
}
