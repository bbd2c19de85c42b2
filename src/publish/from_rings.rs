//! From rings to tables: names for ids, text for times, rounding for floats. Nothing is decided here.

use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::base::information::bits;
use crate::base::time::rfc3339;
use crate::base::weight;
use crate::entities::{EntityGraph, Sharing};
use crate::events::{EventLog, NONE, UNKNOWN_TIME};
use crate::links::Projector;
use crate::publish::from_seeds::label;
use crate::publish::ids::id_text;
use crate::publish::rows::{
    EvidenceRow, LinkRow, MemberRow, RingRow, SEED_LIST, SweepTables, UseRow,
};
use crate::recipe::Kind;
use crate::rings::{Evidence, Member, Ring};
use crate::sparse::grouping::group;

/// The tables of `rings`, in their order; `rejects` stay empty.
pub fn tables(
    rings: &[Ring],
    entities: &EntityGraph<'_>,
    projector: &Projector<'_>,
) -> SweepTables {
    // Rings come largest first: a task of several would have all the work.
    let sheets: Vec<Sheet> = rings
        .par_iter()
        .with_max_len(1)
        .map(|ring| sheet(ring, entities))
        .collect();
    let mut tables = SweepTables::default();
    for sheet in sheets {
        tables.rings.push(sheet.ring);
        tables.members.extend(sheet.members);
        tables.evidence.extend(sheet.evidence);
        tables.uses.extend(sheet.uses);
    }
    tables.links = links(rings, &tables.rings, entities.log, projector);
    // Both go by ring.
    let mut links = tables
        .links
        .chunk_by(|a, b| a.ring_id == b.ring_id)
        .peekable();
    for ring in &mut tables.rings {
        let size = f64::from(ring.size);
        let pairs = size * (size - 1.0) / 2.0;
        let linked = links.next_if(|links| links[0].ring_id == ring.ring_id);
        ring.density = decimals(linked.map_or(0.0, |links| links.len() as f64 / pairs), 4);
    }
    tables
}

/// q-values below are given as this: no model of chance is that good.
const SMALLEST_Q: f64 = 1e-99;

/// The rows of one ring.
struct Sheet {
    ring: RingRow,
    members: Vec<MemberRow>,
    evidence: Vec<EvidenceRow>,
    uses: Vec<UseRow>,
}

fn sheet(ring: &Ring, entities: &EntityGraph<'_>) -> Sheet {
    let ring_id = ring_id(ring, entities.log);
    let uses_by_evidence: Vec<Vec<Use>> = ring
        .evidence
        .iter()
        .map(|evidence| uses_of(evidence, entities))
        .collect();
    let mut sheet = Sheet {
        ring: ring_row(ring, &ring_id, &uses_by_evidence, entities),
        members: member_rows(ring, &ring_id, entities),
        evidence: Vec::new(),
        uses: Vec::new(),
    };
    for (evidence, uses) in ring.evidence.iter().zip(&uses_by_evidence) {
        let (entity_type, entity_id) = names(evidence, entities);
        sheet.evidence.push(EvidenceRow {
            ring_id: ring_id.clone(),
            entity_type: entity_type.clone(),
            entity_id: entity_id.clone(),
            members: evidence.members.len() as u32,
            accounts: evidence.accounts,
            expected: decimals(evidence.expected, 3),
            bits: decimals(bits(evidence.nats), 3),
            first_ts: time_text(uses.iter().filter_map(|one| one.first).min()),
            last_ts: time_text(uses.iter().filter_map(|one| one.last).max()),
        });
        sheet.uses.extend(uses.iter().map(|one| UseRow {
            ring_id: ring_id.clone(),
            entity_type: entity_type.clone(),
            entity_id: entity_id.clone(),
            account_id: id_text(entities.log.accounts.get(one.account)),
            events: one.rows.len() as u32,
            first_ts: time_text(one.first),
            last_ts: time_text(one.last),
        }));
    }
    if !ring.seeds.is_empty() {
        sheet.evidence.extend(seed_rows(ring, &ring_id));
        sheet.evidence.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    }
    sheet
}

/// What seeds say about a ring, as evidence of a type of its own.
fn seed_rows<'a>(ring: &'a Ring, ring_id: &'a str) -> impl Iterator<Item = EvidenceRow> + 'a {
    ring.seeds.iter().map(move |seeds| EvidenceRow {
        ring_id: ring_id.to_owned(),
        entity_type: SEED_LIST.to_owned(),
        entity_id: label(seeds.bad).to_owned(),
        members: seeds.members.len() as u32,
        accounts: seeds.accounts,
        expected: decimals(seeds.expected, 3),
        bits: decimals(bits(seeds.nats), 3),
        first_ts: String::new(),
        last_ts: String::new(),
    })
}

/// `R` and 64 bits of a hash over the members' keys: the same accounts are the same ring in every sweep.
fn ring_id(ring: &Ring, log: &EventLog) -> String {
    let mut hash = Xxh3::new();
    for member in &ring.members {
        let key = log.accounts.get(member.account);
        hash.update(&(key.len() as u64).to_le_bytes());
        hash.update(key);
    }
    format!("R{:016x}", hash.digest())
}

fn ring_row(ring: &Ring, ring_id: &str, uses: &[Vec<Use>], entities: &EntityGraph<'_>) -> RingRow {
    let total: f64 = ring.evidence.iter().map(|evidence| evidence.nats).sum();
    let timed: f64 = ring
        .evidence
        .iter()
        .filter(|evidence| evidence.window.is_some())
        .map(|evidence| evidence.nats)
        .sum();
    let mut through: Vec<usize> = uses
        .iter()
        .flatten()
        .flat_map(|one| one.rows.iter().copied())
        .collect();
    through.sort_unstable();
    through.dedup();
    let events: usize = ring
        .members
        .iter()
        .map(|member| entities.log.rows_of(member.account).len())
        .sum();
    let all = || uses.iter().flatten();
    RingRow {
        ring_id: ring_id.to_owned(),
        size: ring.members.len() as u32,
        tier: ring.tier.name().to_owned(),
        bits: decimals(bits(ring.nats), 3),
        q_value: significant(ring.q_value.max(SMALLEST_Q)),
        score: decimals(bits(ring.nats), 3),
        first_ts: time_text(all().filter_map(|one| one.first).min()),
        last_ts: time_text(all().filter_map(|one| one.last).max()),
        // Of the links, which are made for all rings together.
        density: 0.0,
        exclusivity: decimals(through.len() as f64 / events.max(1) as f64, 4),
        synchrony: decimals(if total > 0.0 { timed / total } else { 0.0 }, 4),
        repetition: ring.kinds.iter().map(|sum| sum.subjects).sum::<usize>() as f64,
        reasons: reasons(ring.evidence.iter(), entities),
        status: "new".to_owned(),
        cost: decimals(bits(ring.cost), 3),
    }
}

fn member_rows(ring: &Ring, ring_id: &str, entities: &EntityGraph<'_>) -> Vec<MemberRow> {
    let mut members: Vec<&Member> = ring.members.iter().collect();
    members.sort_by(|a, b| {
        let score = |member: &Member| decimals(bits(member.nats), 3);
        score(b)
            .total_cmp(&score(a))
            .then(a.account.cmp(&b.account))
    });
    let own = |member: &Member| {
        let evidence = member
            .evidence
            .iter()
            .map(|&at| &ring.evidence[at as usize]);
        reasons(evidence, entities)
    };
    members
        .into_iter()
        .map(|member| MemberRow {
            account_id: id_text(entities.log.accounts.get(member.account)),
            ring_id: ring_id.to_owned(),
            tier: member.tier.name().to_owned(),
            score: decimals(bits(member.nats), 3),
            role: if member.tier == ring.tier {
                "core"
            } else {
                "associate"
            }
            .to_owned(),
            reasons: own(member),
        })
        .collect()
}

/// Reason codes of evidence, in the order of the definition: how it is shared and what.
fn reasons<'a>(evidence: impl Iterator<Item = &'a Evidence>, entities: &EntityGraph<'_>) -> String {
    let mut types: Vec<usize> = evidence.map(|evidence| evidence.entity_type).collect();
    types.sort_unstable();
    types.dedup();
    let codes: Vec<String> = types
        .into_iter()
        .map(|number| {
            let entity_type = &entities.types[number];
            let how = match (&entity_type.sharing, entity_type.plan.kind) {
                (Sharing::Windowed { .. }, _) => "synchronous",
                (Sharing::Plain { .. }, Kind::Infrastructure) => "shared",
                (Sharing::Plain { .. }, Kind::Behaviour) => "common",
                (Sharing::Plain { .. }, Kind::Relation) => "related",
            };
            format!("{how}:{}", entity_type.plan.name)
        })
        .collect();
    codes.join(";")
}

/// A member's events on one piece of evidence.
struct Use {
    account: u32,
    rows: Vec<usize>,
    first: Option<i64>,
    last: Option<i64>,
}

fn uses_of(evidence: &Evidence, entities: &EntityGraph<'_>) -> Vec<Use> {
    let entity_type = &entities.types[evidence.entity_type];
    let keys = entity_type.keys.rows();
    // A plain entity is dated by the event's own time, a window by the time that defines it.
    let times = match &entity_type.plan.time {
        Some(name) => entities.log.time(name),
        None => entities.log.times.first(),
    };
    evidence
        .members
        .iter()
        .map(|&account| {
            let time = |row: usize| times.map_or(UNKNOWN_TIME, |times| times.micros[row]);
            let in_window = |row: usize| {
                evidence
                    .window
                    .is_none_or(|(from, to)| (from..=to).contains(&time(row)))
            };
            let mut rows: Vec<usize> = entities
                .log
                .rows_of(account)
                .filter(|&row| keys[row] == evidence.entity && keys[row] != NONE && in_window(row))
                .collect();
            rows.sort_unstable();
            let known = || {
                rows.iter()
                    .map(|&row| time(row))
                    .filter(|&time| time != UNKNOWN_TIME)
            };
            Use {
                account,
                first: known().min(),
                last: known().max(),
                rows,
            }
        })
        .collect()
}

fn names(evidence: &Evidence, entities: &EntityGraph<'_>) -> (String, String) {
    let entity_type = &entities.types[evidence.entity_type];
    let key = id_text(&entity_type.keys.name(entities.log, evidence.entity));
    let entity_id = match evidence.window {
        Some((from, _)) => format!("{key}@{}", rfc3339(from)),
        None => key,
    };
    (entity_type.plan.name.clone(), entity_id)
}

fn links(
    rings: &[Ring],
    rows: &[RingRow],
    log: &EventLog,
    projector: &Projector<'_>,
) -> Vec<LinkRow> {
    let mut groups: Vec<(u32, u32)> = (0..)
        .zip(rings)
        .flat_map(|(number, ring)| {
            let members = ring.members.iter();
            members.map(move |member| (member.account, number))
        })
        .collect();
    groups.sort_unstable();
    let (members, group_of): (Vec<u32>, Vec<u32>) = groups.into_iter().unzip();
    let pairs = projector.links_within(&members, &group_of);
    // Pairs ascend by account, and a stable sort by ring leaves them so within each.
    let order = group(pairs.len(), rings.len(), |pair| {
        let at = members.binary_search(&pairs.node[pair]).ok()?;
        Some((group_of[at], pair as u32))
    });
    let link = |ring: usize, at: usize| LinkRow {
        ring_id: rows[ring].ring_id.clone(),
        account_a: id_text(log.accounts.get(pairs.node[at])),
        account_b: id_text(log.accounts.get(pairs.other[at])),
        weight: weight::units(pairs.weight[at]),
        shared: pairs.shared[at],
        co_actions: pairs.co_actions[at],
    };
    // One list of known length: every row is written where it stays.
    (0..order.items.len())
        .into_par_iter()
        .map(|place| {
            let ring = order
                .offsets
                .partition_point(|&first| first <= place as u64)
                - 1;
            link(ring, order.items[place] as usize)
        })
        .collect()
}

fn time_text(micros: Option<i64>) -> String {
    micros.map_or_else(String::new, rfc3339)
}

/// Rounded to `digits` decimals; never a negative zero.
pub(super) fn decimals(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale + 0.0
}

/// Rounded to three significant digits.
fn significant(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}
