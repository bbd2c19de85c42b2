//! A simulated folder: `events`, `truth.csv` and `scenario.json`, whole or not at all.
//!
//! Files are written to a hidden folder beside the final one, which is renamed when they are on
//! disk. Whoever looks sees nothing or everything; whatever goes wrong, the hidden folder is removed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::knobs::Scenario;
use super::recipes::RingRecipe;
use super::scenarios::{Name, Surroundings};
use super::write::CsvSink;
use super::{Error, Outcome, simulate};
use crate::base::run::Run;

/// How events are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `events.csv`.
    Csv,
    /// `events.parquet`; needs the feature `parquet`.
    Parquet,
}

/// Simulates `scenario` into the folder `out`. An existing one is replaced only with `force`, and
/// only once the new one is complete.
///
/// # Errors
/// [`Error::Exists`], [`Error::Foreign`], [`Error::Write`], [`Error::NoParquet`], [`Error::Interrupted`].
pub fn simulate_into(
    scenario: &Scenario,
    out: &Path,
    format: Format,
    force: bool,
    run: &Run<'_>,
) -> Result<Outcome, Error> {
    may_replace(out, force)?;
    let partial = Partial::beside(out)?;
    let outcome = match format {
        Format::Csv => write_csv(scenario, &partial.path.join("events.csv"), run)?,
        Format::Parquet => write_parquet(scenario, &partial.path.join("events.parquet"), run)?,
    };
    let truth = truth_lines(&outcome);
    write_file(&partial.path.join("truth.csv"), truth.as_bytes())?;
    let mut record = serde_json::to_string_pretty(&Record::of(scenario, &outcome))
        .map_err(|error| wrong(&partial.path, io::Error::other(error)))?;
    record.push('\n');
    write_file(&partial.path.join("scenario.json"), record.as_bytes())?;
    partial.publish(out)?;
    Ok(outcome)
}

/// Refuses what stands at `out`, unless it may be replaced and is a simulated or an empty folder:
/// a slip of the hand must not cost somebody a home folder.
fn may_replace(out: &Path, force: bool) -> Result<(), Error> {
    if !out.exists() {
        return Ok(());
    }
    if !force {
        return Err(Error::Exists {
            path: out.to_owned(),
        });
    }
    let empty = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    if empty || out.join("scenario.json").is_file() {
        Ok(())
    } else {
        Err(Error::Foreign {
            path: out.to_owned(),
        })
    }
}

fn wrong(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}

/// `simulate` with the path put into what the sink says.
fn locate(path: &Path, error: Error) -> Error {
    match error {
        Error::Sink { source } => wrong(path, source),
        other => other,
    }
}

fn write_csv(scenario: &Scenario, path: &Path, run: &Run<'_>) -> Result<Outcome, Error> {
    let file = File::create(path).map_err(|source| wrong(path, source))?;
    let mut sink = CsvSink::new(
        BufWriter::with_capacity(1 << 20, file),
        scenario.has_relations(),
    )
    .map_err(|source| wrong(path, source))?;
    let outcome = simulate(scenario, &mut sink, run).map_err(|error| locate(path, error))?;
    let file = sink
        .into_inner()
        .into_inner()
        .map_err(|error| wrong(path, error.into_error()))?;
    file.sync_all().map_err(|source| wrong(path, source))?;
    Ok(outcome)
}

#[cfg(feature = "parquet")]
fn write_parquet(scenario: &Scenario, path: &Path, run: &Run<'_>) -> Result<Outcome, Error> {
    let file = File::create(path).map_err(|source| wrong(path, source))?;
    let mut sink = super::write::ParquetSink::new(file, scenario.has_relations())
        .map_err(|source| wrong(path, source))?;
    let outcome = simulate(scenario, &mut sink, run).map_err(|error| locate(path, error))?;
    let file = sink.finish().map_err(|source| wrong(path, source))?;
    file.sync_all().map_err(|source| wrong(path, source))?;
    Ok(outcome)
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: &Scenario, _: &Path, _: &Run<'_>) -> Result<Outcome, Error> {
    Err(Error::NoParquet)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| wrong(path, source))
}

fn truth_lines(outcome: &Outcome) -> String {
    let mut lines = String::from("account_id,ring_id\n");
    for (account, ring) in &outcome.truth {
        lines.push_str(account);
        lines.push(',');
        lines.push_str(ring);
        lines.push('\n');
    }
    lines
}

/// `scenario.json`.
#[derive(Serialize)]
struct Record<'a> {
    tool: &'static str,
    version: &'static str,
    name: Name,
    seed: u64,
    accounts: u32,
    events: u64,
    days: u32,
    surroundings: &'a Surroundings,
    rings: Vec<Ring<'a>>,
    counts: Counts,
}

/// A ring of the truth, and how it works.
#[derive(Serialize)]
struct Ring<'a> {
    ring_id: String,
    #[serde(flatten)]
    recipe: &'a RingRecipe,
}

#[derive(Serialize)]
struct Counts {
    events: u64,
    planned_events: u64,
    posts: u32,
    ring_accounts: usize,
}

impl<'a> Record<'a> {
    fn of(scenario: &'a Scenario, outcome: &Outcome) -> Self {
        let rings = scenario
            .rings
            .iter()
            .enumerate()
            .map(|(ring, recipe)| Ring {
                ring_id: scenario.ring_id(ring),
                recipe,
            });
        Record {
            tool: "ringsweep",
            version: env!("CARGO_PKG_VERSION"),
            name: scenario.name,
            seed: scenario.seed,
            accounts: scenario.accounts,
            events: scenario.events,
            days: scenario.days,
            surroundings: &scenario.surroundings,
            rings: rings.collect(),
            counts: Counts {
                events: outcome.events,
                planned_events: outcome.planned_events,
                posts: outcome.posts,
                ring_accounts: outcome.truth.len(),
            },
        }
    }
}

/// A folder in the making; removed unless published.
struct Partial {
    path: PathBuf,
}

impl Partial {
    fn beside(out: &Path) -> Result<Self, Error> {
        let (Some(parent), Some(name)) = (out.parent(), out.file_name()) else {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "not the name of a folder");
            return Err(wrong(out, source));
        };
        let hidden = format!(".{}.partial-{}", name.to_string_lossy(), std::process::id());
        let path = parent.join(hidden);
        fs::create_dir(&path).map_err(|source| wrong(&path, source))?;
        Ok(Partial { path })
    }

    /// Renames to `out`. A folder that stands there is moved aside first and removed last.
    fn publish(self, out: &Path) -> Result<(), Error> {
        let aside = self.path.with_extension("old");
        let stood = out.exists();
        if stood {
            fs::rename(out, &aside).map_err(|source| wrong(out, source))?;
        }
        if let Err(source) = fs::rename(&self.path, out) {
            if stood {
                // Best effort: the first error is the one to report.
                let _ = fs::rename(&aside, out);
            }
            return Err(wrong(out, source));
        }
        if stood {
            fs::remove_dir_all(&aside).map_err(|source| wrong(&aside, source))?;
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After a publication there is nothing left at the path; a failure here hides no result.
        let _ = fs::remove_dir_all(&self.path);
    }
}
