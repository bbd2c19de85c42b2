//! Loads events: from files as they come, or from a snapshot of files already read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::base::run::Run;
use crate::events::{self, EventLog, ReadOptions, Reading};
use crate::publish::RejectRow;
use crate::publish::manifest::{InputRecord, RowCounts};
use crate::recipe::Definition;
use crate::store;
use crate::sweep::{Input, SweepError};

/// Events, and how they came about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The events.
    pub log: EventLog,
    /// The wanted columns that some input has, by the definition's names.
    pub found: BTreeSet<String>,
    /// The inputs in the order they were read.
    pub inputs: Vec<InputRecord>,
    /// Where every row went.
    pub rows: RowCounts,
    /// How each time column was read.
    pub time_formats: BTreeMap<String, String>,
    /// Samples of rejected rows.
    pub rejects: Vec<events::Reject>,
}

/// Reads what `definition` wants from `input`; `renames` go from the definition's names (or the roles
/// `account` and `time`) to the input's.
///
/// # Errors
/// [`SweepError`].
pub fn load(
    input: &Input,
    definition: &Definition,
    renames: BTreeMap<String, String>,
    run: &Run<'_>,
) -> Result<Loaded, SweepError> {
    match input {
        Input::Events(sources) => {
            let options = ReadOptions {
                renames,
                min_participation: definition.min_participation,
                ..ReadOptions::default()
            };
            Ok(from_reading(events::read_events(sources, &definition.wanted(), &options, run)?))
        }
        Input::Snapshot(path) => from_snapshot(path),
    }
}

fn from_reading(reading: Reading) -> Loaded {
    Loaded {
        log: reading.log,
        found: reading.found,
        inputs: reading
            .inputs
            .into_iter()
            .map(|input| InputRecord {
                name: input.name,
                format: input.format,
                bytes: input.bytes,
                xxh3: input.xxh3,
                rows: input.rows,
            })
            .collect(),
        rows: RowCounts {
            read: reading.rows.read,
            accepted: reading.rows.accepted,
            rejected: reading.rows.rejected,
            filtered: reading.rows.filtered,
        },
        time_formats: reading.time_formats,
        rejects: reading.rejects,
    }
}

fn from_snapshot(path: &Path) -> Result<Loaded, SweepError> {
    let (log, origin) = store::open(path)?;
    let columns = log.keys.iter().map(|column| column.name.clone());
    let found = columns.chain(log.times.iter().map(|column| column.name.clone())).collect();
    let events = log.len() as u64;
    Ok(Loaded {
        found,
        inputs: vec![InputRecord {
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            format: "snapshot".to_owned(),
            bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            xxh3: origin.checksum,
            rows: events,
        }],
        rows: RowCounts { read: events, accepted: events, ..RowCounts::default() },
        log,
        ..Loaded::default()
    })
}

pub(super) fn reject_rows(loaded: &Loaded) -> Vec<RejectRow> {
    loaded
        .rejects
        .iter()
        .map(|reject| RejectRow {
            source: reject.source.clone(),
            row: reject.row,
            byte: reject.byte,
            reason: reject.reason.clone(),
            sample: reject.sample.clone(),
        })
        .collect()
}
