//! Fills the manifest: how the sweep came about, in counts that add up.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::Xxh3;

use crate::base::time::rfc3339;
use crate::entities::EntityGraph;
use crate::entities::census::Census;
use crate::events::UNKNOWN_TIME;
use crate::lists::{Allowed, Seeds};
use crate::publish::ids::id_text;
use crate::publish::manifest::{AllowRecord, AllowedRecord, EntityCounts, SeedRecord};
use crate::publish::{Manifest, SweepTables};
use crate::recipe::{Definition, Plan};
use crate::rings::population::Population;
use crate::sparse::partition::Partition;
use crate::sweep::{Loaded, Settings};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything that is known before the links are.
pub(super) fn manifest(
    loaded: &Loaded,
    definition: &Definition,
    plan: &Plan,
    settings: Settings,
) -> Manifest {
    let times = || {
        let column = loaded
            .log
            .times
            .first()
            .map_or(&[][..], |column| &column.micros);
        column.iter().copied().filter(|&time| time != UNKNOWN_TIME)
    };
    Manifest {
        tool: "ringsweep".to_owned(),
        version: VERSION.to_owned(),
        run_id: run_id(loaded, definition, settings),
        graph: definition.name.clone(),
        graph_hash: definition.hash(),
        definition: definition.to_toml(),
        seed: settings.seed,
        first_ts: text(times().min()),
        last_ts: text(times().max()),
        inputs: loaded.reading.inputs.clone(),
        time_formats: loaded.reading.time_formats.clone(),
        entities_off: plan.off.iter().cloned().collect(),
        rows: loaded.reading.rows.clone(),
        seeds: loaded
            .known
            .seeds
            .as_ref()
            .map(|seeds| seed_record(seeds, loaded.known.now)),
        allow: loaded
            .known
            .allowed
            .as_ref()
            .map(|allowed| allow_record(allowed, loaded.known.now)),
        ..Manifest::default()
    }
}

fn text(time: Option<i64>) -> String {
    time.map_or_else(String::new, rfc3339)
}

fn seed_record(seeds: &Seeds, now: Option<i64>) -> SeedRecord {
    let bad = seeds.list.iter().filter(|seed| seed.bad).count() as u64;
    SeedRecord {
        name: seeds.file.name(),
        xxh3: seeds.file.xxh3.clone(),
        as_of: text(now),
        entries: seeds.entries,
        bad,
        good: seeds.list.len() as u64 - bad,
        repeated: seeds.repeated,
        expired: seeds.expired,
        allowed: seeds.allowed,
        unknown: seeds.unknown,
    }
}

fn allow_record(allowed: &Allowed, now: Option<i64>) -> AllowRecord {
    let entries = allowed.list.entries.iter().zip(&allowed.effects);
    AllowRecord {
        name: allowed.list.file.name(),
        xxh3: allowed.list.file.xxh3.clone(),
        as_of: text(now),
        entries: entries
            .map(|(entry, effect)| AllowedRecord {
                row: entry.row,
                kind: entry.kind.clone(),
                value: id_text(&entry.value),
                reason: entry.reason.clone(),
                owner: entry.owner.clone(),
                expires: text(entry.expires),
                status: effect.fate.name().to_owned(),
                rows: effect.rows,
                accounts: effect.accounts,
                entities: effect.entities,
            })
            .collect(),
    }
}

/// The same inputs, lists, definition, seed and version are the same run.
fn run_id(loaded: &Loaded, definition: &Definition, settings: Settings) -> String {
    let mut hash = Xxh3::new();
    for input in &loaded.reading.inputs {
        hash.update(input.xxh3.as_bytes());
    }
    let known = &loaded.known;
    let seeds = known.seeds.as_ref().map(|seeds| &seeds.file);
    let allow = known.allowed.as_ref().map(|allowed| &allowed.list.file);
    for (role, file) in [("seeds", seeds), ("allow", allow)] {
        if let Some(file) = file {
            hash.update(role.as_bytes());
            hash.update(file.xxh3.as_bytes());
        }
    }
    hash.update(definition.hash().as_bytes());
    hash.update(&settings.seed.to_le_bytes());
    hash.update(VERSION.as_bytes());
    format!("{:016x}", hash.digest())
}

pub(super) fn entity_counts(
    graph: &EntityGraph<'_>,
    census: &[Census],
    pairs_by_type: &[u64],
    population: &Population,
) -> Vec<EntityCounts> {
    let types = graph.types.iter().zip(census);
    types
        .zip(pairs_by_type)
        .zip(&population.types)
        .map(|(((entity_type, census), &links), facts)| EntityCounts {
            affinity: facts.affinity,
            name: entity_type.plan.name.clone(),
            entities: census.entities,
            shared: census.shared,
            incidences: census.incidences,
            max_accounts: census.max_accounts,
            cap: entity_type.plan.max_accounts.map_or(0, u64::from),
            capped_entities: census.capped_entities,
            capped_pairs: census.capped_pairs,
            links,
        })
        .collect()
}

pub(super) fn results(
    graph: &EntityGraph<'_>,
    (links, searched): (usize, usize),
    partitions: &[Partition],
    tables: &SweepTables,
) -> BTreeMap<String, u64> {
    let of_two = |partition: &Partition| {
        partition
            .groups()
            .iter()
            .filter(|group| group.len() > 1)
            .count()
    };
    let candidates: usize = partitions.iter().map(of_two).sum();
    let mut results: BTreeMap<String, u64> = [
        ("accounts", graph.log.accounts.len()),
        ("events", graph.log.len()),
        ("links", links),
        ("links_searched", searched),
        ("communities", candidates),
        ("rings", tables.rings.len()),
        ("ring_accounts", tables.members.len()),
    ]
    .into_iter()
    .map(|(name, count)| (name.to_owned(), count as u64))
    .collect();
    for tier in crate::rings::Tier::ALL {
        let name = tier.name();
        let rings = tables.rings.iter().filter(|ring| ring.tier == name).count();
        let members = tables
            .members
            .iter()
            .filter(|member| member.tier == name)
            .count();
        results.insert(format!("rings_{name}"), rings as u64);
        results.insert(format!("accounts_{name}"), members as u64);
    }
    results
}
