//! Loads events: from files as they come, or from a snapshot of files already read.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::run::Run;
use crate::events::{self, EventLog, ReadOptions, Reading};
use crate::publish::RejectRow;
use crate::publish::manifest::{InputRecord, RowCounts};
use crate::recipe::Definition;
use crate::store::{self, Origin, ReadingFacts};
use crate::sweep::{Input, Known, SweepError};

/// Events, and how they came about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The events.
    pub log: EventLog,
    /// How they were read.
    pub reading: ReadingFacts,
    /// What people know of its accounts and entities ([`know`](crate::sweep::know)).
    pub known: Known,
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
            let reading = events::read_events(sources, &definition.wanted(), &options, run)
                .map_err(|error| blame_rename(error, sources.len(), &options.renames))?;
            Ok(from_reading(reading))
        }
        Input::Snapshot(path) => from_snapshot(path, definition),
    }
}

/// Where the only input lacks the very column that was asked for as the account, it is the request
/// that is wrong; where there are more inputs, this one may just be the odd one out.
fn blame_rename(
    error: events::Error,
    sources: usize,
    renames: &BTreeMap<String, String>,
) -> events::Error {
    match error {
        events::Error::NoAccountColumn { column, found, .. }
            if sources == 1 && renames.values().any(|asked| *asked == column) =>
        {
            events::Error::NoRenamedColumn {
                name: "account".to_owned(),
                column,
                found,
            }
        }
        other => other,
    }
}

fn from_reading(reading: Reading) -> Loaded {
    let inputs = reading.inputs.into_iter().map(|input| InputRecord {
        name: input.name,
        format: input.format,
        bytes: input.bytes,
        xxh3: input.xxh3,
        rows: input.rows,
    });
    let rejects = reading.rejects.into_iter().map(|reject| RejectRow {
        source: reject.source,
        row: reject.row,
        byte: reject.byte,
        reason: reject.reason,
        sample: reject.sample,
    });
    Loaded {
        log: reading.log,
        reading: ReadingFacts {
            found: reading.found,
            inputs: inputs.collect(),
            rows: RowCounts {
                read: reading.rows.read,
                accepted: reading.rows.accepted,
                rejected: reading.rows.rejected,
                filtered: reading.rows.filtered,
            },
            time_formats: reading.time_formats,
            rejects: rejects.collect(),
        },
        known: Known::default(),
    }
}

fn from_snapshot(path: &Path, definition: &Definition) -> Result<Loaded, SweepError> {
    let (log, origin) = store::open(path)?;
    let read_with = Definition::from_toml(&origin.graph, &origin.definition)?;
    if read_with.min_participation != definition.min_participation {
        return Err(SweepError::Participation {
            snapshot: read_with.min_participation,
            definition: definition.min_participation,
        });
    }
    Ok(Loaded {
        log,
        reading: origin.reading,
        known: Known::default(),
    })
}

/// Saves loaded events so that they can be swept again without being read again.
///
/// # Errors
/// [`SweepError::Store`].
pub fn save(path: &Path, loaded: &Loaded, definition: &Definition) -> Result<(), SweepError> {
    let origin = Origin {
        graph: definition.name.clone(),
        definition: definition.to_toml(),
        reading: loaded.reading.clone(),
    };
    Ok(store::save(path, &loaded.log, &origin)?)
}
