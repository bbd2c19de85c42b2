//! `read_events`: sources to [`Reading`], the floor's one hand-off.
//!
//! Survey all inputs; then, input by input, read a batch while the one before it is cut into chunks
//! at row borders, parsed and interned in parallel; at the end renumber and sort. Chunk borders,
//! samples and formats depend on bytes alone, so neither threads nor batch size show in the result.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::base::run::Run;
use crate::events::assemble::{Block, Interners, assemble};
use crate::events::chunk::{Chunk, Reason, Rejected};
use crate::events::error::Error;
use crate::events::from_csv::{self, Layout};
use crate::events::input::Input;
use crate::events::plan::Plan;
use crate::events::reading::{InputRead, Reading, Reject, Rows};
use crate::events::rejects::Samples;
use crate::events::request::{ReadOptions, Wanted};
use crate::events::sources::Source;
use crate::events::survey::{Reader, Survey, Surveyed};
use crate::events::time_detection::format_of;
use crate::events::times::TimeFormat;
use crate::sparse::interner::{Interner, Scratch};

/// Text that one task parses.
const CHUNK_BYTES: usize = 512 << 10;
/// A row of more bytes is no row of events.
const MAX_ROW_BYTES: usize = 16 << 20;

/// Reads all `sources` into one log.
///
/// Rows that cannot be used are counted, and sampled in [`Reading::rejects`]; they are no error.
/// Cost: linear in bytes and rows, plus a sort of the distinct keys and of each account's rows;
/// memory: the log, twice `batch_bytes`, and the distinct keys.
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
    plan.check_found(&survey.columns())?;
    let formats: Vec<(TimeFormat, String)> = survey.times.iter().map(|s| s.decide()).collect();
    let mut intake = Intake::new(&plan, wanted, options, run, &formats);
    let total = sources.iter().map(stored_bytes).sum();
    run.progress.start("read", total);
    for input in survey.inputs {
        intake.read(input)?;
    }
    run.progress.finish();
    intake.finish(wanted)
}

fn stored_bytes(source: &Source) -> u64 {
    source
        .path
        .as_ref()
        .and_then(|path| path.metadata().ok())
        .map_or(0, |metadata| metadata.len())
}

/// Everything that grows while inputs are read.
struct Intake<'a> {
    plan: &'a Plan,
    wanted: &'a Wanted,
    options: &'a ReadOptions,
    run: &'a Run<'a>,
    formats: Vec<TimeFormat>,
    format_names: Vec<String>,
    interners: Interners,
    blocks: Vec<Block>,
    /// By slot: some input has the column.
    found: Vec<bool>,
    inputs: Vec<InputRead>,
    rows: Rows,
    samples: Samples,
    /// By time column.
    first_bad_time: Vec<Option<Vec<u8>>>,
    bad_times: Vec<u64>,
}

/// The rows and rejects of the input that is being read.
#[derive(Default)]
struct Current {
    rows: u64,
    /// Samples with rows and bytes counted from the beginning of the input.
    rejected: BTreeMap<Reason, Vec<Rejected>>,
}

/// What a task makes of a chunk.
struct Parsed {
    block: Block,
    rows: u64,
    rejected: BTreeMap<Reason, (u64, Vec<Rejected>)>,
    first_bad_time: Vec<Option<Vec<u8>>>,
}

impl<'a> Intake<'a> {
    fn new(
        plan: &'a Plan,
        wanted: &'a Wanted,
        options: &'a ReadOptions,
        run: &'a Run<'a>,
        formats: &[(TimeFormat, String)],
    ) -> Self {
        Intake {
            plan,
            wanted,
            options,
            run,
            formats: formats.iter().map(|(format, _)| *format).collect(),
            format_names: formats.iter().map(|(_, name)| name.clone()).collect(),
            interners: Interners {
                accounts: Interner::default(),
                keys: wanted.keys.iter().map(|_| Interner::default()).collect(),
            },
            blocks: Vec::new(),
            found: vec![false; plan.slots()],
            inputs: Vec::new(),
            rows: Rows::default(),
            samples: Samples::default(),
            first_bad_time: vec![None; formats.len()],
            bad_times: vec![0; formats.len()],
        }
    }

    fn read(&mut self, surveyed: Surveyed) -> Result<(), Error> {
        let (mut input, head) = match surveyed.open {
            Some(open) => open,
            None => (Input::open(surveyed.source)?, Vec::new()),
        };
        let mut current = Current::default();
        let format = match surveyed.reader {
            Reader::Empty => "empty",
            Reader::Delimited(layout) => {
                for (slot, found) in self.found.iter_mut().enumerate() {
                    *found |= layout.has(slot);
                }
                self.read_delimited(&mut input, head, &layout, &mut current)?;
                if layout.delimiter == b'\t' {
                    "tsv"
                } else {
                    "csv"
                }
            }
        };
        let (bytes, xxh3) = input.sum();
        self.inputs.push(InputRead {
            name: surveyed.source.name.clone(),
            format: format!("{format}{}", input.compression.suffix()),
            bytes,
            xxh3,
            rows: current.rows,
        });
        self.keep_samples(current);
        Ok(())
    }

    /// Reads one batch ahead of the one that is parsed.
    fn read_delimited(
        &mut self,
        input: &mut Input,
        head: Vec<u8>,
        layout: &Layout,
        current: &mut Current,
    ) -> Result<(), Error> {
        let batch_bytes = self.options.batch_bytes.max(1);
        let chunk_bytes = CHUNK_BYTES.min(batch_bytes);
        let mut text = head;
        let mut end = fill(input, &mut text, batch_bytes.max(layout.body))?;
        while !end && text.len() < layout.body {
            end = fill(input, &mut text, layout.body)?;
        }
        let mut offset = layout.body.min(text.len());
        text.drain(..offset);
        loop {
            let cuts = from_csv::cut(&text, layout.delimiter, chunk_bytes, end);
            let done = cuts.last().copied().unwrap_or(0);
            let mut next = text[done..].to_vec();
            if next.len() > MAX_ROW_BYTES {
                let (source_name, byte) = (input.name.clone(), (offset + done) as u64);
                return Err(Error::RowTooLong {
                    source_name,
                    byte,
                    limit: MAX_ROW_BYTES,
                });
            }
            let before = input.sum_bytes();
            let more = batch_bytes.max(next.len());
            let (filled, parsed) = rayon::join(
                || {
                    if end {
                        Ok(true)
                    } else {
                        fill(input, &mut next, more)
                    }
                },
                || {
                    self.parse(&text, &cuts, |piece| {
                        layout.read(
                            piece,
                            self.plan,
                            &self.formats,
                            self.options.max_reject_samples,
                        )
                    })
                },
            );
            self.run.progress.advance(input.sum_bytes() - before);
            let mut start = 0;
            for (parsed, &cut) in parsed?.into_iter().zip(&cuts) {
                self.take(parsed, (offset + start) as u64, current);
                start = cut;
            }
            if end {
                return Ok(());
            }
            end = filled?;
            offset += done;
            text = next;
        }
    }

    /// Parses and interns the pieces of a batch in parallel; the result is in their order.
    fn parse<'t>(
        &self,
        text: &'t [u8],
        cuts: &[usize],
        read: impl Fn(&'t [u8]) -> Chunk<'t, 'a> + Sync,
    ) -> Result<Vec<Parsed>, Error> {
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        let pieces: Vec<&[u8]> = starts
            .zip(cuts)
            .map(|(start, &end)| &text[start..end])
            .collect();
        pieces
            .into_par_iter()
            .map_init(Scratch::default, |scratch, piece| {
                self.run.check()?;
                self.intern(read(piece), scratch)
            })
            .collect()
    }

    fn intern(&self, chunk: Chunk, scratch: &mut Scratch) -> Result<Parsed, Error> {
        let mut intern = |interner: &Interner, slot: usize| {
            interner.intern(chunk.accepted, |row| chunk.cells[slot].get(row), scratch)
        };
        let account = intern(&self.interners.accounts, 0)?;
        let mut keys = Vec::with_capacity(self.plan.keys);
        for (column, key) in self.wanted.keys.iter().enumerate() {
            let own = &self.interners.keys[column];
            let interner = if key.accounts {
                &self.interners.accounts
            } else {
                own
            };
            keys.push(intern(interner, 1 + column)?);
        }
        Ok(Parsed {
            block: Block {
                account,
                keys,
                times: chunk.times,
            },
            rows: chunk.rows,
            rejected: chunk.rejected,
            first_bad_time: chunk.first_bad_time,
        })
    }

    /// Takes over what a task made, in the order of the chunks.
    fn take(&mut self, parsed: Parsed, offset: u64, current: &mut Current) {
        for (reason, (count, samples)) in parsed.rejected {
            *self
                .rows
                .rejected
                .entry(reason.text(self.plan))
                .or_default() += count;
            if let Reason::BadTime(slot) = reason {
                self.bad_times[slot - self.plan.time_slots().start] += count;
            }
            let kept = current.rejected.entry(reason).or_default();
            let room = self.options.max_reject_samples - kept.len();
            kept.extend(samples.into_iter().take(room).map(|sample| Rejected {
                row: current.rows + sample.row,
                byte: offset + sample.byte,
                sample: sample.sample,
            }));
        }
        for (first, bad) in self.first_bad_time.iter_mut().zip(parsed.first_bad_time) {
            if first.is_none() {
                *first = bad;
            }
        }
        current.rows += parsed.rows;
        self.blocks.push(parsed.block);
    }

    fn keep_samples(&mut self, current: Current) {
        self.rows.read += current.rows;
        let input = self.inputs.len() - 1;
        for (reason, rejected) in current.rejected {
            let reason = reason.text(self.plan);
            let rejects = rejected.into_iter().map(|rejected| Reject {
                source: self.inputs[input].name.clone(),
                row: rejected.row + 1,
                byte: rejected.byte,
                reason: reason.clone(),
                sample: rejected.sample,
            });
            self.samples.add(input, rejects.collect());
        }
        self.samples.thin(self.options.max_reject_samples);
    }

    fn finish(mut self, wanted: &Wanted) -> Result<Reading, Error> {
        self.refuse_useless()?;
        let (log, filtered) = assemble(
            self.blocks,
            self.interners,
            wanted,
            &self.found,
            self.options,
            self.run,
        )?;
        if filtered > 0 {
            self.rows
                .filtered
                .insert("below_min_participation".into(), filtered);
        }
        self.rows.accepted = log.len() as u64;
        if log.is_empty() {
            return Err(nothing_accepted(&self.rows));
        }
        let found: BTreeSet<String> = (0..self.plan.slots())
            .filter(|&slot| self.found[slot])
            .map(|slot| self.plan.names[slot].clone())
            .collect();
        let time_formats = wanted
            .times
            .iter()
            .zip(self.format_names)
            .filter(|(name, _)| found.contains(*name))
            .map(|(name, format)| (name.clone(), format))
            .collect();
        let rejects = self.samples.finish();
        Ok(Reading {
            log,
            found,
            inputs: self.inputs,
            rows: self.rows,
            rejects,
            time_formats,
        })
    }

    /// No rows, or times that are mostly not what the sample promised.
    fn refuse_useless(&self) -> Result<(), Error> {
        if self.rows.read == 0 {
            let empty = self
                .inputs
                .iter()
                .all(|input| input.format.starts_with("empty"));
            let what = if empty {
                "the file is empty"
            } else {
                "a header and no rows"
            };
            let source_name = self.inputs[0].name.clone();
            return Err(Error::NoRows { source_name, what });
        }
        for (column, &bad) in self.bad_times.iter().enumerate() {
            if bad * 2 > self.rows.read {
                let sample = self.first_bad_time[column].clone().unwrap_or_default();
                return Err(Error::TimeFormat {
                    column: self.wanted.times[column].clone(),
                    expected: self.format_names[column].clone(),
                    also: format_of(&sample).map(|format| format.to_string()),
                    sample: String::from_utf8_lossy(&sample).into_owned(),
                    bad,
                    read: self.rows.read,
                });
            }
        }
        Ok(())
    }
}

/// Reads up to `limit` more bytes; whether the input is at its end.
fn fill(input: &mut Input, text: &mut Vec<u8>, limit: usize) -> Result<bool, Error> {
    Ok(input.read(text, limit)? < limit)
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
