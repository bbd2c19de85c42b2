//! An exam for the engine: worlds with a known truth are made, swept with default settings, and graded.
//!
//! | part | question |
//! |---|---|
//! | `rings` | is every planted ring found, by us and by others? |
//! | `quiet` | what is said about platforms without rings? |
//! | `recall` | how small and how idle may a ring be? |
//! | `framing` | how much must be done to an innocent to have them flagged? |
//! | `seeds` | what do a few known accounts find, and what do wrong labels spoil? |
//! | `stability` | do the same rings come back when a tenth of the events is missing? |
//!
//! Every world is a line, printed as it is done. With `--journal` lines are kept in a file, and an exam
//! that is called again with the same journal goes on where it ended: a journal is good for one state of
//! the code, so name another after a change. With `--write` the lines become the tables and pictures of a
//! page.

mod chart;
mod framing;
mod journal;
mod page;
mod quiet;
mod recall;
mod rings;
mod seeds;
mod stability;
mod tables;
mod world;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use ringsweep::recipe::Definition;
use ringsweep::simulate::{Knobs, Name, Scenario};

use journal::Journal;

/// Make worlds, sweep them, grade the sweeps.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "exam")]
pub(crate) struct Args {
    /// Seeds of every world with rings
    #[arg(long, default_value_t = 5)]
    pub(crate) seeds: u64,

    /// Seeds of every world without rings
    #[arg(long, default_value_t = 20)]
    pub(crate) null_seeds: u64,

    /// Only these scenarios
    #[arg(long = "scenario", value_name = "NAME")]
    pub(crate) scenarios: Vec<Name>,

    /// Only these parts
    #[arg(long = "part", value_name = "NAME")]
    pub(crate) parts: Vec<Part>,

    /// Accounts of a world; parts of many worlds use a share of it
    #[arg(long, default_value_t = 100_000)]
    pub(crate) accounts: u32,

    /// Events of a world
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) events: u64,

    /// The definition to sweep with
    #[arg(long, default_value = "engagement")]
    pub(crate) graph: String,

    /// Leave the baselines out
    #[arg(long)]
    pub(crate) no_baselines: bool,

    /// Keep finished lines here, and do not do again what stands here
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    /// Write the tables and pictures of `explanation/quality.md` in this folder of documents
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,

    /// Given by cargo
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

/// A part of the exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    Rings,
    Quiet,
    Recall,
    Framing,
    Stability,
    Seeds,
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }

    /// The world `name` of full size.
    fn scenario_of(&self, name: Name, seed: u64) -> Result<Scenario> {
        let knobs = Knobs {
            accounts: self.accounts,
            events: self.events,
            seed,
            ..Knobs::default()
        };
        Ok(Scenario::new(name, &knobs)?)
    }

    /// Accounts and events of a world that is a share of the full size, with room for rings.
    fn share(&self, part: u32) -> (u32, u64) {
        let accounts = (self.accounts / part).max(1_000.min(self.accounts));
        let events = (self.events / u64::from(part)).max(u64::from(accounts) * 12);
        (accounts, events)
    }
}

/// All lines of an exam.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) rings: Vec<rings::Graded>,
    pub(crate) quiet: Vec<quiet::Quiet>,
    pub(crate) recall: Vec<recall::Point>,
    pub(crate) framing: Vec<framing::Trial>,
    pub(crate) stability: Vec<stability::Stable>,
    pub(crate) seeds: Vec<seeds::Told>,
}

/// Holds the exam that `args` ask for; lines and tables go to `out`.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let definition = Definition::load(&args.graph)?;
    let mut journal = Journal::open(args.journal.as_deref())?;
    let mut results = Results::default();
    if args.wants(Part::Rings) {
        results.rings = rings::examine(args, &definition, &mut journal, out)?;
    }
    if args.wants(Part::Quiet) {
        results.quiet = quiet::examine(args, &definition, &mut journal, out)?;
    }
    if args.wants(Part::Recall) {
        results.recall = recall::examine(args, &definition, &mut journal, out)?;
    }
    if args.wants(Part::Framing) {
        results.framing = framing::examine(args, &definition, &mut journal, out)?;
    }
    if args.wants(Part::Stability) {
        results.stability = stability::examine(args, &definition, &mut journal, out)?;
    }
    if args.wants(Part::Seeds) {
        results.seeds = seeds::examine(args, &definition, &mut journal, out)?;
    }
    for (_, table) in tables::all(&results) {
        writeln!(out, "\n{table}")?;
    }
    if let Some(folder) = &args.write {
        page::write(folder, args, &results)?;
    }
    Ok(())
}
