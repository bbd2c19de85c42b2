//! `ringsweep simulate`: events with planted rings, and the truth.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use ringsweep::simulate::{self, Among, Error, Format, Knobs, Name, Scenario, simulate_into};

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
    /// Share of each ring's members that come out of innocent groups.
    #[arg(long, value_name = "F")]
    embedded: Option<f64>,
    /// Which groups those are.
    #[arg(long, value_enum, value_name = "GROUPS")]
    among: Option<Groups>,
    /// Share of a ring's customers and targets that are popular.
    #[arg(long, value_name = "F")]
    popular: Option<f64>,
    #[command(flatten)]
    background: Background,
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

/// The innocents: shares of accounts unless said otherwise.
#[derive(clap::Args)]
#[command(next_help_heading = "Innocents")]
struct Background {
    /// Accounts in offices and schools of 20 to 200.
    #[arg(long, value_name = "F")]
    office_share: Option<f64>,
    /// Accounts on campuses.
    #[arg(long, value_name = "F")]
    campus_share: Option<f64>,
    /// Households of two and more with a shared tablet.
    #[arg(long, value_name = "F")]
    tablet_share: Option<f64>,
    /// Accounts that go to internet cafés.
    #[arg(long, value_name = "F")]
    cafe_share: Option<f64>,
    /// Accounts that have used the kiosk of a travel agency.
    #[arg(long, value_name = "F")]
    agency_share: Option<f64>,
    /// Share of all events that belongs to bursts on new posts.
    #[arg(long, value_name = "F")]
    burst_share: Option<f64>,
    /// Fan clubs.
    #[arg(long, value_name = "N")]
    fan_clubs: Option<u32>,
    /// Accounts in one fan club.
    #[arg(long, value_name = "F")]
    fan_share: Option<f64>,
    /// Accounts that name friends.
    #[arg(long, value_name = "F")]
    friend_share: Option<f64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Groups {
    Offices,
    Campus,
    Households,
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
        embedded: args.embedded,
        among: args.among.map(|groups| match groups {
            Groups::Offices => Among::Offices,
            Groups::Campus => Among::Campus,
            Groups::Households => Among::Households,
        }),
        popular: args.popular,
        background: simulate::Background {
            office_share: args.background.office_share,
            campus_share: args.background.campus_share,
            tablet_share: args.background.tablet_share,
            cafe_share: args.background.cafe_share,
            agency_share: args.background.agency_share,
            burst_share: args.background.burst_share,
            fan_clubs: args.background.fan_clubs,
            fan_share: args.background.fan_share,
            friend_share: args.background.friend_share,
        },
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
