//! The enforcement feed: one directive per member, as JSON lines.
//!
//! A directive recommends and never decides: it carries the evidence it rests on, an expiry date,
//! and `automated_decision: "none"`. Its key is a hash of what it is about (account, ring,
//! definition) and not of the run that issued it, so taking in a feed twice, or the next sweep's
//! feed, updates instead of duplicating. All times come from the events, none from the clock: the
//! same sweep gives the same bytes.

mod reason;

use std::collections::HashMap;
use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use super::manifest::Manifest;
use super::rows::{EvidenceRow, MemberRow, SweepTables, UseRow};
use super::tier::Tier;
use crate::recipe::{Definition, RecipeError};

/// Evidence entities that a directive names at most.
const NAMED_ENTITIES: usize = 5;

/// One line of the feed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Directive {
    /// `D` and 32 hex digits, the same for this account and ring in every feed of this definition.
    pub key: String,
    /// The account it is about.
    pub account: String,
    /// The ring it is a member of.
    pub ring: String,
    /// The member's tier.
    pub tier: Tier,
    /// The definition's `[publication] action`: a recommendation.
    pub action: String,
    /// Bits that the ring would lose without this account.
    pub score: f64,
    /// As in `members`, one by one.
    pub reason_codes: Vec<String>,
    /// A sentence made from the evidence.
    pub reason: String,
    /// Where to look.
    pub evidence: EvidenceReference,
    /// The sweep that says so.
    pub run_id: String,
    /// The sweep's last event, RFC 3339; absent where events have no times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// When it ceases to hold unless issued again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Always `none`: nothing has been decided by the engine.
    pub automated_decision: &'static str,
}

/// What a directive rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceReference {
    /// `rings/` and the ring's id: the key into the sweep's tables.
    pub reference: String,
    /// The strongest entities of the ring that this account has, strongest first.
    pub entities: Vec<EntityReference>,
}

/// One entity that speaks for a ring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityReference {
    /// The definition's name of it.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Its key.
    pub id: String,
    /// Its contribution to the ring.
    pub bits: f64,
}

/// Why there is no feed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The manifest's definition does not parse.
    #[error("the manifest's definition does not parse")]
    Definition(#[from] RecipeError),
    /// The manifest's time of the last event does not parse.
    #[error("the manifest's last_ts `{text}` is not a time")]
    LastEvent {
        /// What it says.
        text: String,
        /// Why that is no time.
        source: jiff::Error,
    },
    /// A member's tier is none.
    #[error("member {account} of {ring}")]
    Tier {
        /// The account.
        account: String,
        /// Its ring.
        ring: String,
        /// What its tier says.
        source: super::tier::UnknownTier,
    },
}

/// The directives for all members of tier `lowest` or above, in the order of `members`.
///
/// # Errors
/// [`FeedError`] where the sweep holds something that no sweep should.
pub fn directives(
    tables: &SweepTables,
    manifest: &Manifest,
    lowest: Tier,
) -> Result<Vec<Directive>, FeedError> {
    let definition = definition_of(manifest)?;
    let (issued, expires) = validity(&manifest.last_ts, definition.publication.expiry_days)?;
    let uses = uses_by_member(tables);
    let evidence: HashMap<_, (usize, &EvidenceRow)> = tables
        .evidence
        .iter()
        .enumerate()
        .map(|(at, row)| {
            (
                (&*row.ring_id, &*row.entity_type, &*row.entity_id),
                (at, row),
            )
        })
        .collect();
    let mut directives = Vec::new();
    for member in &tables.members {
        let tier = tier_of(member)?;
        if tier > lowest {
            continue;
        }
        let mine = uses.get(&(&*member.ring_id, &*member.account_id));
        let mut entities: Vec<(usize, &EvidenceRow)> = mine
            .into_iter()
            .flatten()
            .filter_map(|row| evidence.get(&(&*row.ring_id, &*row.entity_type, &*row.entity_id)))
            .copied()
            .collect();
        entities.sort_unstable_by_key(|&(at, _)| at);
        let entities: Vec<&EvidenceRow> = entities.into_iter().map(|(_, row)| row).collect();
        directives.push(Directive {
            key: key_of(member, &manifest.graph),
            account: member.account_id.clone(),
            ring: member.ring_id.clone(),
            tier,
            action: definition.publication.action.clone(),
            score: member.score,
            reason_codes: member
                .reasons
                .split_terminator(';')
                .map(str::to_owned)
                .collect(),
            reason: reason::sentence(&entities, &definition),
            evidence: reference_to(member, &entities),
            run_id: manifest.run_id.clone(),
            issued: issued.clone(),
            expires: expires.clone(),
            automated_decision: "none",
        });
    }
    Ok(directives)
}

/// Writes directives as JSON lines.
///
/// # Errors
/// What `out` reports.
pub fn write_directives(directives: &[Directive], out: &mut dyn Write) -> io::Result<()> {
    for directive in directives {
        serde_json::to_writer(&mut *out, directive).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The definition that the sweep was made with.
pub(super) fn definition_of(manifest: &Manifest) -> Result<Definition, RecipeError> {
    Definition::from_toml(&manifest.graph, &manifest.definition)
}

fn tier_of(member: &MemberRow) -> Result<Tier, FeedError> {
    member.tier.parse().map_err(|source| FeedError::Tier {
        account: member.account_id.clone(),
        ring: member.ring_id.clone(),
        source,
    })
}

/// When the directives are issued and when they expire, where the events have times.
fn validity(
    last_ts: &str,
    expiry_days: u32,
) -> Result<(Option<String>, Option<String>), FeedError> {
    if last_ts.is_empty() {
        return Ok((None, None));
    }
    let last: Timestamp = last_ts.parse().map_err(|source| FeedError::LastEvent {
        text: last_ts.to_owned(),
        source,
    })?;
    let days = SignedDuration::from_hours(24 * i64::from(expiry_days));
    // Beyond the calendar's end means that it never expires.
    let expires = last.checked_add(days).ok().map(|time| time.to_string());
    Ok((Some(last_ts.to_owned()), expires))
}

/// Lengths go into the hash with the texts, so that no two triples read the same.
fn key_of(member: &MemberRow, graph: &str) -> String {
    let mut hash = Xxh3::new();
    for part in [&*member.account_id, &*member.ring_id, graph] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("D{:032x}", hash.digest128())
}

fn uses_by_member(tables: &SweepTables) -> HashMap<(&str, &str), Vec<&UseRow>> {
    let mut uses: HashMap<_, Vec<_>> = HashMap::new();
    for row in &tables.uses {
        uses.entry((&*row.ring_id, &*row.account_id))
            .or_default()
            .push(row);
    }
    uses
}

fn reference_to(member: &MemberRow, entities: &[&EvidenceRow]) -> EvidenceReference {
    let named = entities.iter().take(NAMED_ENTITIES);
    EvidenceReference {
        reference: format!("rings/{}", member.ring_id),
        entities: named
            .map(|row| EntityReference {
                entity_type: row.entity_type.clone(),
                id: row.entity_id.clone(),
                bits: row.bits,
            })
            .collect(),
    }
}
