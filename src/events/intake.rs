//! `Intake`: where parsed chunks come together, whatever reader they are from.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::pool::Pool;
use crate::base::run::Run;
use crate::events::assemble::Interners;
use crate::events::chunk::{Chunk, Reason, Rejected};
use crate::events::error::Error;
use crate::events::pile::Pile;
use crate::events::plan::Plan;
use crate::events::reading::{InputRead, Reject, Rows};
use crate::events::rejects::Samples;
use crate::events::request::{ReadOptions, Wanted};
use crate::events::times::TimeFormat;
use crate::sparse::interner::{Full, Interner};

/// Everything that grows while inputs are read.
pub(super) struct Intake<'a> {
    pub(super) plan: &'a Plan,
    pub(super) wanted: &'a Wanted,
    pub(super) options: &'a ReadOptions,
    pub(super) run: &'a Run<'a>,
    /// By time column.
    pub(super) formats: Vec<TimeFormat>,
    pub(super) interners: Interners,
    /// Lent to whoever has rows.
    pub(super) piles: Pool<Pile>,
    /// By slot: some input has the column.
    pub(super) found: Vec<bool>,
    pub(super) inputs: Vec<InputRead>,
    pub(super) rows: Rows,
    pub(super) samples: Samples,
    /// By time column: the first value that is not in its format, and how many rows that cost.
    pub(super) bad_times: Vec<(Option<Vec<u8>>, u64)>,
}

/// What is known of the input that is being read, apart from its rows.
pub(super) struct Current {
    pub(super) rows: u64,
    /// By slot: the input has the column.
    pub(super) named: Vec<bool>,
    /// How many, and samples with rows and bytes counted from the beginning of the input.
    rejected: BTreeMap<Reason, (u64, Vec<Rejected>)>,
    /// By time column.
    first_bad_time: Vec<Option<Vec<u8>>>,
    samples_per_reason: usize,
}

impl Current {
    /// `named` says which columns the header has.
    pub(super) fn new(named: Vec<bool>, intake: &Intake) -> Self {
        Current {
            rows: 0,
            named,
            rejected: BTreeMap::new(),
            first_bad_time: vec![None; intake.formats.len()],
            samples_per_reason: intake.options.max_reject_samples,
        }
    }

    /// Takes over what a task made, in the order of the chunks. `offset` is where the chunk's text
    /// begins in its input.
    pub(super) fn take(&mut self, parsed: Parsed, offset: u64) {
        for (reason, (count, samples)) in parsed.rejected {
            let (all, kept) = self.rejected.entry(reason).or_default();
            *all += count;
            let room = self.samples_per_reason.saturating_sub(kept.len());
            kept.extend(samples.into_iter().take(room).map(|sample| Rejected {
                row: self.rows + sample.row,
                byte: offset + sample.byte,
                sample: sample.sample,
            }));
        }
        for (first, bad) in self.first_bad_time.iter_mut().zip(parsed.first_bad_time) {
            *first = first.take().or(bad);
        }
        for (known, named) in self.named.iter_mut().zip(parsed.named) {
            *known |= named;
        }
        self.rows += parsed.rows;
    }
}

/// What is left of a chunk whose rows are in a pile.
pub(super) struct Parsed {
    rows: u64,
    rejected: BTreeMap<Reason, (u64, Vec<Rejected>)>,
    first_bad_time: Vec<Option<Vec<u8>>>,
    named: Vec<bool>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        wanted: &'a Wanted,
        options: &'a ReadOptions,
        run: &'a Run<'a>,
        formats: Vec<TimeFormat>,
    ) -> Self {
        Intake {
            plan,
            wanted,
            options,
            run,
            interners: Interners {
                accounts: Interner::default(),
                keys: wanted.keys.iter().map(|_| Interner::default()).collect(),
            },
            piles: Pool::default(),
            found: vec![false; plan.slots()],
            inputs: Vec::new(),
            rows: Rows::default(),
            samples: Samples::default(),
            bad_times: vec![(None, 0); formats.len()],
            formats,
        }
    }

    /// Turns the cells of a chunk into numbers. Runs in many tasks at once.
    pub(super) fn intern(&self, chunk: Chunk) -> Result<Parsed, Error> {
        let (account, keys) = self.number(|interner, slot| {
            let cells = &chunk.cells[slot];
            if cells.are_absent() {
                return Ok(Vec::new());
            }
            interner.intern(chunk.accepted, |row| cells.get(row))
        })?;
        Ok(self.keep(chunk, &account, &keys))
    }

    /// Puts the rows of a chunk, whose cells have become numbers, into a pile.
    pub(super) fn keep(&self, chunk: Chunk, account: &[u32], keys: &[Vec<u32>]) -> Parsed {
        let empty = || Pile::new(keys.len(), self.formats.len());
        let append = |pile: &mut Pile| pile.append(account, keys, &chunk.times);
        self.piles.with(empty, append);
        Parsed {
            rows: chunk.rows,
            rejected: chunk.rejected,
            first_bad_time: chunk.first_bad_time,
            named: chunk.named,
        }
    }

    /// The numbers of accounts and keys, as `intern` finds them for each slot; none for keys that nobody has.
    pub(super) fn number(
        &self,
        mut intern: impl FnMut(&Interner, usize) -> Result<Vec<u32>, Full>,
    ) -> Result<(Vec<u32>, Vec<Vec<u32>>), Error> {
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
        Ok((account, keys))
    }

    /// Closes the books on one input.
    pub(super) fn close(&mut self, input: InputRead, current: Current) {
        for (found, named) in self.found.iter_mut().zip(current.named) {
            *found |= named;
        }
        self.rows.read += current.rows;
        let first_bad_time = current.first_bad_time.into_iter();
        for ((first, _), bad) in self.bad_times.iter_mut().zip(first_bad_time) {
            *first = first.take().or(bad);
        }
        let number = self.inputs.len();
        for (reason, (count, rejected)) in current.rejected {
            if let Reason::BadTime(slot) = reason {
                self.bad_times[slot - self.plan.time_slots().start].1 += count;
            }
            let reason = reason.text(self.plan);
            *self.rows.rejected.entry(reason.clone()).or_default() += count;
            let rejects = rejected.into_iter().map(|rejected| Reject {
                source: input.name.clone(),
                row: rejected.row + 1,
                byte: rejected.byte,
                reason: reason.clone(),
                sample: rejected.sample,
            });
            self.samples.add(number, rejects.collect());
        }
        self.samples.thin(self.options.max_reject_samples);
        self.inputs.push(input);
    }

    /// The wanted columns that were found, by the definition's names.
    pub(super) fn found_names(&self) -> BTreeSet<String> {
        let found = self
            .found
            .iter()
            .zip(&self.plan.names)
            .filter(|(found, _)| **found);
        found.map(|(_, name)| name.clone()).collect()
    }
}
