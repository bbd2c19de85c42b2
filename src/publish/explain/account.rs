//! An account by its part in its rings: what it shares, with whom, when.

use std::collections::HashMap;

use serde::Serialize;

use crate::publish::rows::{MemberRow, SeedRow, SweepTables, UseRow};

/// An account's part in its rings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountExplanation {
    /// The account.
    pub account_id: String,
    /// Its rings in published order; one but for overlapping rings.
    pub rings: Vec<AccountInRing>,
    /// What seeds say of it, the largest parts first; empty where there were no seeds, or none near it.
    pub seeds: Vec<SeedRow>,
}

/// An account in one ring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountInRing {
    /// The account's row.
    pub member: MemberRow,
    /// The ring's tier.
    pub ring_tier: String,
    /// The ring's size.
    pub ring_size: u32,
    /// The ring's evidence.
    pub ring_bits: f64,
    /// The entities that tie it to the ring, the strongest for the ring first.
    pub shared: Vec<SharedEntity>,
    /// Entities beyond those.
    pub other_entities: u64,
    /// Members it is linked to, and how many of its links there are in all.
    pub links: u64,
    /// Median of the members' scores.
    pub median_score: f64,
}

/// An entity that an account shares with its ring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedEntity {
    /// Its type.
    pub entity_type: String,
    /// Its key.
    pub entity_id: String,
    /// What it contributes to the ring.
    pub bits: f64,
    /// This account's events on it.
    pub events: u32,
    /// The first of them.
    pub first_ts: String,
    /// The last of them.
    pub last_ts: String,
    /// The other members that have it, in byte order.
    pub with: Vec<String>,
    /// Accounts that have it, members or not.
    pub accounts: u32,
}

impl AccountExplanation {
    /// The explanation of the account `id`, `None` where it is in no ring and no seed is known to be near.
    pub(super) fn of(tables: &SweepTables, id: &str, top: usize) -> Option<Self> {
        let rows = tables.members.iter().filter(|row| row.account_id == id);
        let rings: Vec<AccountInRing> = rows.map(|row| in_ring(tables, row, top)).collect();
        let seeds = tables.seeds.iter().filter(|row| row.account_id == id);
        let seeds: Vec<SeedRow> = seeds.cloned().collect();
        (!rings.is_empty() || !seeds.is_empty()).then(|| AccountExplanation {
            account_id: id.into(),
            rings,
            seeds,
        })
    }
}

fn in_ring(tables: &SweepTables, member: &MemberRow, top: usize) -> AccountInRing {
    let id = &member.ring_id;
    let ring = tables.rings.iter().find(|row| &row.ring_id == id);
    let uses: Vec<&UseRow> = tables
        .uses
        .iter()
        .filter(|row| &row.ring_id == id)
        .collect();
    let mine: HashMap<(&str, &str), &UseRow> = uses
        .iter()
        .filter(|row| row.account_id == member.account_id)
        .map(|&row| ((&*row.entity_type, &*row.entity_id), row))
        .collect();
    let mut shared = Vec::new();
    for row in tables.evidence.iter().filter(|row| &row.ring_id == id) {
        let Some(my_use) = mine.get(&(&*row.entity_type, &*row.entity_id)) else {
            continue;
        };
        let mut with: Vec<String> = uses
            .iter()
            .filter(|other| {
                other.entity_id == row.entity_id
                    && other.entity_type == row.entity_type
                    && other.account_id != member.account_id
            })
            .map(|other| other.account_id.clone())
            .collect();
        with.sort_unstable();
        shared.push(SharedEntity {
            entity_type: row.entity_type.clone(),
            entity_id: row.entity_id.clone(),
            bits: row.bits,
            events: my_use.events,
            first_ts: my_use.first_ts.clone(),
            last_ts: my_use.last_ts.clone(),
            with,
            accounts: row.accounts,
        });
    }
    let other_entities = shared.len().saturating_sub(top) as u64;
    shared.truncate(top);
    let ends = |row: &&crate::publish::rows::LinkRow| {
        &row.ring_id == id
            && (row.account_a == member.account_id || row.account_b == member.account_id)
    };
    AccountInRing {
        member: member.clone(),
        ring_tier: ring.map(|row| row.tier.clone()).unwrap_or_default(),
        ring_size: ring.map_or(0, |row| row.size),
        ring_bits: ring.map_or(0.0, |row| row.bits),
        shared,
        other_entities,
        links: tables.links.iter().filter(ends).count() as u64,
        median_score: median_score(tables, id),
    }
}

fn median_score(tables: &SweepTables, ring: &str) -> f64 {
    let members = tables.members.iter().filter(|row| row.ring_id == ring);
    let mut scores: Vec<f64> = members.map(|row| row.score).collect();
    scores.sort_unstable_by(f64::total_cmp);
    scores.get(scores.len() / 2).copied().unwrap_or(0.0)
}
