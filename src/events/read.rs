//! `read_events`: sources to [`Reading`], the floor's one hand-off.
//!
//! Survey all inputs; then, input by input, pieces of whole rows are read, parsed and interned by all threads; at the
//! end renumber and sort. Borders of pieces, samples and formats depend on bytes alone, and rows are sorted by content,
//! so neither threads nor the size of pieces show in the result.

use std::collections::BTreeSet;

use crate::base::run::Run;
use crate::events::assemble::assemble;
use crate::events::error::Error;
use crate::events::input::Input;
use crate::events::intake::{Current, Intake};
use crate::events::plan::Plan;
use crate::events::reading::{InputRead, Reading, Rows};
use crate::events::request::{ReadOptions, Wanted};
use crate::events::sources::Source;
use crate::events::survey::{Reader, Survey, Surveyed};
use crate::events::text::{self, Text};
use crate::events::time_detection::{Sample, format_of};

/// Reads all `sources` into one log.
///
/// Rows that cannot be used are counted, and sampled in [`Reading::rejects`]; they are no error.
/// Cost: linear in bytes and rows, plus a sort of the distinct keys and of each account's rows;
/// memory: the log, one more of its columns, [`ReadOptions::piece_bytes`] a thread, and the distinct
/// keys twice.
///
/// # Errors
/// [`Error`], told apart by [`Error::is_request`] and [`Error::is_resource`].
pub fn read_events(
    sources: &[Source],
    wanted: &Wanted,
    options: &ReadOptions,
    run: &Run,
) -> Result<Reading, Error> {
    if sources.is_empty() {
        return Err(Error::NoSource);
    }
    let plan = Plan::new(wanted, options)?;
    let survey = Survey::take(sources, &plan, run)?;
    if survey.is_empty() {
        return Err(Error::NoRows {
            source_name: sources[0].name.clone(),
            what: "it is empty",
        });
    }
    let mut columns = survey.columns();
    if !survey.has_lines() {
        plan.check_found(&columns)?;
    }
    let (formats, format_names): (Vec<_>, Vec<_>) = survey.times.iter().map(Sample::decide).unzip();
    let mut intake = Intake::new(&plan, wanted, options, run, formats);
    run.progress
        .start("read", sources.iter().map(stored_bytes).sum());
    for input in survey.inputs {
        read_input(&mut intake, input, &mut columns)?;
    }
    run.progress.finish();
    plan.check_found(&columns)?;
    refuse_useless(&intake, &format_names)?;
    hand_over(intake, format_names)
}

fn stored_bytes(source: &Source) -> u64 {
    source
        .path
        .as_ref()
        .and_then(|path| path.metadata().ok())
        .map_or(0, |metadata| metadata.len())
}

/// Reads one input to its end. What turns out to be a column of it is added to `columns`.
fn read_input(
    intake: &mut Intake,
    surveyed: Surveyed,
    columns: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let (mut input, head) = match surveyed.open {
        Some(open) => open,
        None => (Input::open(surveyed.source)?, Vec::new()),
    };
    let plan = intake.plan;
    let in_header = |column: &String| surveyed.columns.contains(column);
    let lines = matches!(surveyed.reader, Reader::Text(Text::Lines { .. }));
    let named = plan
        .columns
        .iter()
        .map(|column| !lines && in_header(column))
        .collect();
    let mut current = Current::new(named, intake);
    let format = match &surveyed.reader {
        Reader::Empty => "empty",
        Reader::Text(layout) => {
            text::read(intake, &mut input, head, layout, &mut current)?;
            match layout {
                Text::Delimited(layout) if layout.delimiter == b'\t' => "tsv",
                Text::Delimited(_) => "csv",
                Text::Lines { .. } => "ndjson",
            }
        }
        #[cfg(feature = "parquet")]
        Reader::Parquet(table) => {
            table.read(intake, &mut input, &mut current)?;
            "parquet"
        }
    };
    let named = plan
        .columns
        .iter()
        .zip(&current.named)
        .filter(|(_, named)| **named);
    columns.extend(named.map(|(column, _)| column.clone()));
    if lines && !current.named[0] && !surveyed.columns.is_empty() {
        return Err(plan.no_account(&surveyed.source.name, surveyed.columns));
    }
    let (bytes, xxh3) = input.sum();
    let read = InputRead {
        name: surveyed.source.name.clone(),
        format: format!("{format}{}", input.compression.suffix()),
        bytes,
        xxh3,
        rows: current.rows,
    };
    intake.close(read, current);
    Ok(())
}

/// No rows, or times that are mostly not what the sample promised.
fn refuse_useless(intake: &Intake, format_names: &[String]) -> Result<(), Error> {
    let read = intake.rows.read;
    if read == 0 {
        let source_name = intake
            .inputs
            .first()
            .map(|input| input.name.clone())
            .unwrap_or_default();
        return Err(Error::NoRows {
            source_name,
            what: "a header and no rows",
        });
    }
    for (column, (first, bad)) in intake.bad_times.iter().enumerate() {
        if bad * 2 > read {
            let sample = first.clone().unwrap_or_default();
            return Err(Error::TimeFormat {
                column: intake.wanted.times[column].clone(),
                expected: format_names[column].clone(),
                also: format_of(&sample).map(|format| format.to_string()),
                sample: String::from_utf8_lossy(&sample).into_owned(),
                bad: *bad,
                read,
            });
        }
    }
    Ok(())
}

fn hand_over(intake: Intake, format_names: Vec<String>) -> Result<Reading, Error> {
    let found = intake.found_names();
    let Intake {
        piles,
        interners,
        wanted,
        options,
        run,
        mut rows,
        ..
    } = intake;
    let piles = piles.into_things();
    let (log, filtered) = assemble(piles, interners, wanted, &intake.found, options, run)?;
    if filtered > 0 {
        rows.filtered
            .insert("below_min_participation".into(), filtered);
    }
    rows.accepted = log.len() as u64;
    if log.is_empty() {
        return Err(nothing_accepted(&rows));
    }
    let formats = wanted.times.iter().cloned().zip(format_names);
    let time_formats = formats.filter(|(name, _)| found.contains(name)).collect();
    let rejects = intake.samples.finish();
    Ok(Reading {
        log,
        found,
        inputs: intake.inputs,
        rows,
        rejects,
        time_formats,
    })
}

fn nothing_accepted(rows: &Rows) -> Error {
    let reasons = rows.rejected.iter().chain(&rows.filtered);
    let reasons: Vec<String> = reasons
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    Error::NothingAccepted {
        read: rows.read,
        reasons: reasons.join(", "),
    }
}
