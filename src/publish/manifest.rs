//! The manifest: how a sweep came about, with counts that add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `manifest.json`. Everything but `timings` is the same for the same input, definition, seed and version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `ringsweep`.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// First 16 hex digits of a hash over inputs, definition, seed and version.
    pub run_id: String,
    /// The definition's name.
    pub graph: String,
    /// Hash of the definition after overrides.
    pub graph_hash: String,
    /// The definition after overrides, as TOML.
    pub definition: String,
    /// The seed.
    pub seed: u64,
    /// First and last event.
    pub first_ts: String,
    /// Last event.
    pub last_ts: String,
    /// The inputs in the order they were read.
    pub inputs: Vec<InputRecord>,
    /// How each time column was read.
    pub time_formats: BTreeMap<String, String>,
    /// Entities that are off, with the reason.
    pub entities_off: BTreeMap<String, String>,
    /// Rows: `read = accepted + Σ rejected + Σ filtered`.
    pub rows: RowCounts,
    /// The seeds, where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds: Option<SeedRecord>,
    /// The allow list, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<AllowRecord>,
    /// What each entity type came to.
    pub entities: Vec<EntityCounts>,
    /// Counts of the stages after that.
    pub results: BTreeMap<String, u64>,
    /// Table format of this sweep: `csv`, `parquet` or `jsonl`.
    pub format: String,
    /// Rows of each published table.
    pub tables: BTreeMap<String, u64>,
    /// Wall-clock and memory; the only part that differs between runs.
    pub timings: Timings,
}

impl Manifest {
    /// What [`Manifest::tool`] holds.
    pub const TOOL: &'static str = "ringsweep";

    /// The text of `manifest.json`: keys sorted at every level, the timings after all else.
    ///
    /// # Panics
    /// Never: all keys are text, which is all that JSON asks for.
    #[must_use]
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a manifest has text keys and no infinities");
        let mut last = Map::new();
        let mut sorted = Vec::new();
        if let Value::Object(fields) = value {
            for (key, value) in fields {
                if key == "timings" {
                    last.insert(key, value);
                } else {
                    sorted.push((key, in_order(value)));
                }
            }
        }
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted.extend(last);
        let mut text = serde_json::to_string_pretty(&Fields(sorted)).expect("values are JSON");
        text.push('\n');
        text
    }
}

/// An object whose fields come in the order of the list, whatever order maps have.
struct Fields(Vec<(String, Value)>);

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// The value with the keys of its objects sorted (a feature of `serde_json` that some other crate
/// may switch on would keep them as they come).
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<String, Value> = fields
                .into_iter()
                .map(|(key, value)| (key, in_order(value)))
                .collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(in_order).collect()),
        other => other,
    }
}

/// One input file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// File name without its folder; `-` for standard input.
    pub name: String,
    /// What it was read as: `csv`, `tsv`, `ndjson`, `parquet`, `snapshot`, with `+gzip` or `+zstd`.
    pub format: String,
    /// Bytes as stored.
    pub bytes: u64,
    /// xxh3 of the bytes as stored, 32 hex digits.
    pub xxh3: String,
    /// Rows in it.
    pub rows: u64,
}

/// A seed list: `entries = bad + good + repeated + expired + allowed + unknown`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedRecord {
    /// File name without its folder.
    pub name: String,
    /// xxh3 of its bytes, 32 hex digits.
    pub xxh3: String,
    /// What expiries were held against: the time of the newest event.
    pub as_of: String,
    /// Entries in the file.
    pub entries: u64,
    /// Accounts that are bad seeds.
    pub bad: u64,
    /// Accounts that are good seeds.
    pub good: u64,
    /// Entries that say again what another says.
    pub repeated: u64,
    /// Entries that have expired.
    pub expired: u64,
    /// Entries whose account is on the allow list.
    pub allowed: u64,
    /// Entries whose account is not in the input.
    pub unknown: u64,
}

/// An allow list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowRecord {
    /// File name without its folder.
    pub name: String,
    /// xxh3 of its bytes, 32 hex digits.
    pub xxh3: String,
    /// What expiries were held against: the time of the newest event.
    pub as_of: String,
    /// Its entries in file order.
    pub entries: Vec<AllowedRecord>,
}

/// An entry of an allow list and what it touched, whatever other entries touched as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedRecord {
    /// Row of the list, the header not counted.
    pub row: u64,
    /// `account`, or the definition's name of the entity.
    pub kind: String,
    /// Which one.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when, RFC 3339; empty where it does not expire.
    pub expires: String,
    /// `applied`, `unmatched` (nothing in the input is meant) or `expired` (not applied).
    pub status: String,
    /// Rows that were taken out (account) or lost the value (entity).
    pub rows: u64,
    /// Accounts of those rows.
    pub accounts: u64,
    /// Entities that are meant.
    pub entities: u64,
}

/// Where every input row went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows in all inputs.
    pub read: u64,
    /// Rows that became events.
    pub accepted: u64,
    /// Rows that could not be used, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Rows that the definition leaves out, by reason.
    pub filtered: BTreeMap<String, u64>,
}

impl RowCounts {
    /// Whether every row is accounted for.
    pub fn add_up(&self) -> bool {
        let out: u64 = self.rejected.values().chain(self.filtered.values()).sum();
        self.read == self.accepted + out
    }
}

/// The census of one entity type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntityCounts {
    /// The definition's name.
    pub name: String,
    /// Distinct entities.
    pub entities: u64,
    /// Entities with at least two accounts.
    pub shared: u64,
    /// Distinct (account, entity) pairs.
    pub incidences: u64,
    /// The largest number of accounts on one entity.
    pub max_accounts: u64,
    /// The hub cap, 0 for none.
    pub cap: u64,
    /// Entities above the cap.
    pub capped_entities: u64,
    /// Account pairs (windowed: event pairs) that those would have made.
    pub capped_pairs: u64,
    /// Distinct account pairs that this type links.
    pub links: u64,
    /// How many times more often than strangers accounts of one club share another: what the
    /// population is divided by when behaviour is judged.
    #[serde(default)]
    pub affinity: f64,
}

/// Wall-clock seconds per stage and the process's peak memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Stage and seconds, in the order they ran.
    pub stages: Vec<(String, f64)>,
    /// Peak resident memory in bytes, 0 where the platform does not tell.
    pub peak_bytes: u64,
    /// Worker threads.
    pub threads: u64,
    /// When the sweep began, RFC 3339.
    pub started: String,
}
