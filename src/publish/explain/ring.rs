//! A ring as a waterfall: what each entity contributes, what the search cost, what is left, and what
//! would undo it.

use std::collections::HashMap;

use serde::Serialize;

use super::allowed;
use super::shape::{Shape, shape};
use crate::publish::feed::definition_of;
use crate::publish::manifest::{AllowedRecord, Manifest};
use crate::publish::rows::{EvidenceRow, RingRow, SweepTables};
use crate::recipe::definition::Kind;

/// What speaks for a ring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RingExplanation {
    /// The ring as published.
    pub ring: RingRow,
    /// The strongest entities, strongest first.
    pub evidence: Vec<EvidenceLine>,
    /// Entities beyond those.
    pub other_entities: u64,
    /// What those contribute, rounding included: `Σ evidence + other_bits − cost = bits`.
    pub other_bits: f64,
    /// All members in published order.
    pub members: Vec<MemberLine>,
    /// Links inside the ring.
    pub links: u64,
    /// Pairs of members.
    pub pairs: u64,
    /// Totals that would be left without the strongest entity, and without each type and kind of
    /// evidence, the members staying the same.
    pub without: Vec<Without>,
    /// Members that only one entity ties to the ring.
    pub on_one_entity: Vec<String>,
    /// Parts that no link joins; what is too common to make links may still hold them together.
    pub parts: u64,
    /// Links each of which alone holds two parts together.
    pub bridges: u64,
    /// Members each of whom alone holds two parts together.
    pub hinges: Vec<String>,
    /// Entries of the allow list that were applied: what they name made no link and is no evidence.
    pub allowed: Vec<AllowedRecord>,
}

/// One entity in the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceLine {
    /// As published.
    #[serde(flatten)]
    pub row: EvidenceRow,
    /// Events of members on it.
    pub events: u64,
}

/// A member's part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberLine {
    /// The account.
    pub account_id: String,
    /// Its tier.
    pub tier: String,
    /// `core` or `associate`.
    pub role: String,
    /// Bits that the ring would lose without it.
    pub score: f64,
    /// Entities that tie it to the ring.
    pub entities: u64,
    /// Members it is linked to.
    pub links: u64,
}

/// What would be left without some of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Without {
    /// `entity`, `type` or `kind`.
    pub what: &'static str,
    /// Which one.
    pub name: String,
    /// The ring's bits less those.
    pub bits_left: f64,
}

impl RingExplanation {
    /// The explanation of the ring `id`, `None` where the sweep has no such ring.
    pub(super) fn of(
        tables: &SweepTables,
        manifest: &Manifest,
        id: &str,
        top: usize,
    ) -> Option<Self> {
        let ring = tables.rings.iter().find(|row| row.ring_id == id)?.clone();
        let rows: Vec<&EvidenceRow> = tables
            .evidence
            .iter()
            .filter(|row| row.ring_id == id)
            .collect();
        let mut events: HashMap<(&str, &str), u64> = HashMap::new();
        let mut entities: HashMap<&str, u64> = HashMap::new();
        for row in tables.uses.iter().filter(|row| row.ring_id == id) {
            *events
                .entry((&row.entity_type, &row.entity_id))
                .or_default() += u64::from(row.events);
            *entities.entry(&row.account_id).or_default() += 1;
        }
        let links: Vec<(&str, &str)> = tables
            .links
            .iter()
            .filter(|row| row.ring_id == id)
            .map(|row| (&*row.account_a, &*row.account_b))
            .collect();
        let mut linked: HashMap<&str, u64> = HashMap::new();
        for account in links.iter().flat_map(|&(a, b)| [a, b]) {
            *linked.entry(account).or_default() += 1;
        }
        let of = |counts: &HashMap<&str, u64>, account| counts.get(account).copied().unwrap_or(0);
        let members: Vec<MemberLine> = tables
            .members
            .iter()
            .filter(|row| row.ring_id == id)
            .map(|row| MemberLine {
                account_id: row.account_id.clone(),
                tier: row.tier.clone(),
                role: row.role.clone(),
                score: row.score,
                entities: of(&entities, &*row.account_id),
                links: of(&linked, &*row.account_id),
            })
            .collect();
        let (shown, cut) = rows.split_at(top.min(rows.len()));
        let shown_bits: f64 = shown.iter().map(|row| row.bits).sum();
        let size = members.len() as u64;
        let shape = shape_of(&members, &links);
        let hinges = shape.cut_members.iter().map(|&at| &members[at as usize]);
        let on_one_entity = members.iter().filter(|member| member.entities == 1);
        Some(RingExplanation {
            other_entities: cut.len() as u64,
            other_bits: milli(ring.bits + ring.cost - shown_bits),
            evidence: shown
                .iter()
                .map(|&row| EvidenceLine {
                    row: row.clone(),
                    events: events
                        .get(&(&*row.entity_type, &*row.entity_id))
                        .copied()
                        .unwrap_or(0),
                })
                .collect(),
            links: links.len() as u64,
            parts: shape.parts as u64,
            bridges: shape.bridges.len() as u64,
            hinges: hinges.map(|member| member.account_id.clone()).collect(),
            pairs: size * size.saturating_sub(1) / 2,
            without: without(&ring, &rows, manifest),
            on_one_entity: on_one_entity
                .map(|member| member.account_id.clone())
                .collect(),
            members,
            ring,
            allowed: allowed::applied(manifest).cloned().collect(),
        })
    }
}

/// The shape that `links` give `members`; links of others are in no ring that we published.
fn shape_of(members: &[MemberLine], links: &[(&str, &str)]) -> Shape {
    let ids = members.iter().map(|member| &*member.account_id);
    let number: HashMap<&str, u32> = ids.zip(0..).collect();
    let of = |account: &str| number.get(account).copied();
    let pairs: Vec<(u32, u32)> = links
        .iter()
        .filter_map(|&(a, b)| Some((of(a)?, of(b)?)))
        .collect();
    shape(members.len(), &pairs)
}

/// The totals without the strongest entity, each type, and each kind where there is more than one.
fn without(ring: &RingRow, rows: &[&EvidenceRow], manifest: &Manifest) -> Vec<Without> {
    let left = |what, name: String, bits: f64| Without {
        what,
        name,
        bits_left: milli(ring.bits - bits),
    };
    let mut list = Vec::new();
    if let Some(row) = rows.first() {
        list.push(left(
            "entity",
            format!("{} {}", row.entity_type, row.entity_id),
            row.bits,
        ));
    }
    for (name, bits) in sums(rows.iter().map(|row| (&*row.entity_type, row.bits))) {
        list.push(left("type", name.to_owned(), bits));
    }
    if let Ok(definition) = definition_of(manifest) {
        let kind_of = |row: &&EvidenceRow| {
            let entity = definition
                .entities
                .iter()
                .find(|entity| entity.name == row.entity_type)?;
            let name = match entity.kind {
                Kind::Infrastructure => "infrastructure",
                Kind::Behaviour => "behaviour",
                Kind::Relation => "relation",
            };
            Some((name, row.bits))
        };
        for (name, bits) in sums(rows.iter().filter_map(kind_of)) {
            list.push(left("kind", name.to_owned(), bits));
        }
    }
    list
}

/// Sums by name, in the order in which the names come up.
fn sums<'a>(values: impl Iterator<Item = (&'a str, f64)>) -> Vec<(&'a str, f64)> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for (name, value) in values {
        match sums.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += value,
            None => sums.push((name, value)),
        }
    }
    sums
}

/// Published bits have three decimals; so have their sums.
fn milli(bits: f64) -> f64 {
    (bits * 1e3).round() / 1e3
}
