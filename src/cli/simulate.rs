//! `ringsweep simulate`: events with planted rings, and the truth.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use ringsweep::simulate::{Error, Format, Knobs, Name, Scenario, simulate_into};

use super::{progress, threads};

/// Make events of a platform with planted rings, and the truth about them.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to plant.
    #[arg(value_name = "SCENARIO", value_enum)]
    scenario: ScenarioName,
    /// Folder to make: events.csv (or .parquet), truth.csv, scenario.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Accounts of the platform.
    #[arg(long, value_name = "N", default_value_t = Knobs::default().accounts)]
    accounts: u32,
    /// Events in all, to within 2 %.
    #[arg(long, value_name = "N", default_value_t = Knobs::default().events)]
    events: u64,
    /// Days, from Monday 2026-01-05.
    #[arg(long, value_name = "N", default_value_t = Knobs::default().days)]
    days: u32,
    /// Another seed is another world.
    #[arg(long, value_name = "N", default_value_t = Knobs::default().seed)]
    seed: u64,
    /// Rings, taken from the scenario's list in turn.
    #[arg(long, value_name = "N")]
    rings: Option<u32>,
    /// Accounts in every ring.
    #[arg(long, value_name = "N")]
    ring_size: Option<u32>,
    /// Share of a ring's jobs that each member takes part in.
    #[arg(long, value_name = "F")]
    participation: Option<f64>,
    /// Seconds within which a lockstep job is done.
    #[arg(long, value_name = "N")]
    jitter_seconds: Option<u32>,
    /// Ordinary events of a ring account per ring event.
    #[arg(long, value_name = "F")]
    camouflage: Option<f64>,
    /// How events are stored.
    #[arg(long, value_enum, default_value_t = EventFormat::Csv)]
    format: EventFormat,
    /// Worker threads; all cores unless said otherwise. The bytes are the same for any number.
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Replace the folder if it exists.
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EventFormat {
    Csv,
    Parquet,
}

/// A scenario as typed.
#[derive(Clone, Copy)]
struct ScenarioName(Name);

impl ValueEnum for ScenarioName {
    fn value_variants<'a>() -> &'a [Self] {
        const { &variants() }
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.as_str()).help(self.0.plants()))
    }
}

const fn variants() -> [ScenarioName; Name::ALL.len()] {
    let mut variants = [ScenarioName(Name::Null); Name::ALL.len()];
    let mut index = 0;
    while index < variants.len() {
        variants[index] = ScenarioName(Name::ALL[index]);
        index += 1;
    }
    variants
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let knobs = Knobs {
        accounts: args.accounts,
        events: args.events,
        days: args.days,
        seed: args.seed,
        rings: args.rings,
        ring_size: args.ring_size,
        participation: args.participation,
        jitter_seconds: args.jitter_seconds,
        camouflage: args.camouflage,
    };
    let scenario = Scenario::new(args.scenario.0, &knobs)?;
    let format = match args.format {
        EventFormat::Csv => Format::Csv,
        EventFormat::Parquet => Format::Parquet,
    };
    let run = progress::watched()?;
    let outcome = threads::on(threads::count(args.threads), || {
        simulate_into(&scenario, &args.out, format, args.force, &run)
    })?
    .map_err(|error| match error {
        Error::Exists { .. } => {
            anyhow::Error::new(error).context("nothing written; --force replaces the folder")
        }
        Error::Foreign { .. } => anyhow::Error::new(error)
            .context("nothing written; name a new folder, or remove this one yourself"),
        other => other.into(),
    })?;
    eprintln!(
        "{}: {} events; {} accounts in {} ring{}",
        args.out.display(),
        outcome.events,
        outcome.truth.len(),
        scenario.rings.len(),
        if scenario.rings.len() == 1 { "" } else { "s" }
    );
    Ok(ExitCode::SUCCESS)
}
