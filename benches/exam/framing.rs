//! Framing: what must be done in an innocent's name until they are flagged?
//!
//! A world with one ring, and an innocent account with a history of its own. In one kind of attempt
//! the innocent also does k of the ring's jobs, right when the ring does them; in the other it uses k of the
//! ring's devices and addresses once each, for things that it does anyway. Then the world is
//! swept, and the innocent's tier is what the attempt came to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use ringsweep::base::chance::{below, draw};
use ringsweep::publish::{SweepTables, Tier};
use ringsweep::recipe::Definition;
use ringsweep::simulate::{
    COLUMNS, CsvSink, EventSink, Knobs, Name, Scenario, SimulatedEvent, generate,
};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::Args;
use super::journal::Journal;
use super::world;

/// A share of the full size.
const SHARE: u32 = 10;

/// Events that the history of an innocent has at least.
const HISTORY: usize = 6;

/// What is done in the innocent's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Attempt {
    /// The ring's jobs, along with the ring.
    Jobs,
    /// The ring's devices and addresses, once each.
    Places,
}

const ATTEMPTS: [(Name, Attempt); 5] = [
    (Name::Lockstep, Attempt::Jobs),
    (Name::EngagementSeller, Attempt::Jobs),
    (Name::SlowDrip, Attempt::Jobs),
    (Name::DeviceFarm, Attempt::Places),
    (Name::ProxyPool, Attempt::Places),
];

/// One innocent in one world.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trial {
    pub(crate) scenario: String,
    pub(crate) attempt: Attempt,
    pub(crate) seed: u64,
    /// What there is to copy or to use.
    pub(crate) all: usize,
    /// Of these k, and the tier reached: 0 none, 1 watch, 2 review, 3 act.
    pub(crate) reached: Vec<(usize, u8)>,
}

impl Trial {
    /// The smallest k from which `tier` was reached.
    pub(crate) fn least(&self, tier: u8) -> Option<usize> {
        let mut reached = self.reached.iter().filter(|(_, got)| *got >= tier);
        reached.next().map(|&(k, _)| k)
    }
}

pub(crate) fn examine(
    args: &Args,
    definition: &Definition,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Vec<Trial>> {
    let (accounts, events) = args.share(SHARE);
    let mut trials = Vec::new();
    for (name, attempt) in ATTEMPTS {
        if !args.scenarios.is_empty() && !args.scenarios.contains(&name) {
            continue;
        }
        for seed in 1..=args.seeds {
            let knobs = Knobs {
                accounts,
                events,
                seed,
                rings: Some(1),
                ..Knobs::default()
            };
            let scenario = Scenario::new(name, &knobs)?;
            let key = format!(
                "framing {} {} {accounts} {events} {seed} {attempt:?}",
                args.graph,
                name.as_str()
            );
            let trial = journal.finding(&key, || frame(&scenario, attempt, definition))?;
            let least = |tier| trial.least(tier).map_or("-".to_owned(), |k| k.to_string());
            writeln!(
                out,
                "{:<18} seed {:<3}  {attempt:?} of {}: watch from {}, review from {}, act from {}",
                trial.scenario,
                trial.seed,
                trial.all,
                least(1),
                least(2),
                least(3)
            )?;
            trials.push(trial);
        }
    }
    Ok(trials)
}

fn frame(scenario: &Scenario, attempt: Attempt, definition: &Definition) -> Result<Trial> {
    let (events, truth) = generate(scenario);
    let ring: BTreeSet<String> = truth.into_iter().map(|(account, _)| account).collect();
    let innocent = innocent(&events, &ring, scenario.seed).context("nobody has a history")?;
    let lines = match attempt {
        Attempt::Jobs => jobs(&events, &ring, &innocent),
        Attempt::Places => places(&events, &ring, &innocent),
    };
    let folder = TempDir::new()?;
    let (world, more) = (
        folder.path().join("events.csv"),
        folder.path().join("more.csv"),
    );
    let mut sink = CsvSink::new(
        BufWriter::new(File::create(&world)?),
        scenario.has_relations(),
    )?;
    sink.write(&[events])?;
    sink.into_inner().flush()?;
    let mut reached = Vec::new();
    for k in steps(lines.len()) {
        let text = format!("{}\n{}", COLUMNS.join(","), lines[..k].concat());
        fs::write(&more, text)?;
        let paths = [world.as_path(), more.as_path()];
        let loaded = world::load(&paths[..if k == 0 { 1 } else { 2 }], definition)?;
        let tables = world::sweep(&loaded, definition)?;
        reached.push((k, tier_of(&tables, &innocent[0].account_id())));
    }
    Ok(Trial {
        scenario: scenario.name.as_str().to_owned(),
        attempt,
        seed: scenario.seed,
        all: lines.len(),
        reached,
    })
}

/// 0, 1, 2, 3, 4, 6, 8, 12 … and all.
fn steps(all: usize) -> Vec<usize> {
    let doubling = (0..).map(|power| 1 << power).take_while(|&k| k < all);
    let between = doubling.clone().map(|k| k + k / 2).filter(|&k| k < all);
    let mut steps: Vec<usize> = doubling.chain(between).chain([0, all]).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// The events of an account outside the ring, drawn from those with a history.
fn innocent(
    events: &[SimulatedEvent],
    ring: &BTreeSet<String>,
    seed: u64,
) -> Option<Vec<SimulatedEvent>> {
    let mut histories: BTreeMap<String, Vec<SimulatedEvent>> = BTreeMap::new();
    for event in events {
        histories
            .entry(event.account_id())
            .or_default()
            .push(*event);
    }
    histories.retain(|account, history| history.len() >= HISTORY && !ring.contains(account));
    let drawn = below(draw(seed, 0x696e_6e6f, 0), histories.len() as u64);
    histories.into_values().nth(drawn as usize)
}

/// A line of events for everything that at least two of the ring did to one target, what most of
/// them did first: by the innocent, from its own places, a second after the middle one of the ring.
fn jobs(
    events: &[SimulatedEvent],
    ring: &BTreeSet<String>,
    innocent: &[SimulatedEvent],
) -> Vec<String> {
    let mut of_job: BTreeMap<(String, &str), Vec<&SimulatedEvent>> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| ring.contains(&event.account_id()))
    {
        let job = (event.target_id(), event.action().as_str());
        of_job.entry(job).or_default().push(event);
    }
    let members = |events: &[&SimulatedEvent]| {
        let accounts: BTreeSet<String> = events.iter().map(|event| event.account_id()).collect();
        accounts.len()
    };
    let mut jobs: Vec<(usize, Vec<&SimulatedEvent>)> = of_job
        .into_values()
        .map(|events| (members(&events), events))
        .filter(|(members, _)| *members > 1)
        .collect();
    jobs.sort_by_key(|(members, _)| std::cmp::Reverse(*members));
    jobs.iter()
        .zip(innocent.iter().cycle())
        .map(|((_, events), own)| {
            let job = events[events.len() / 2];
            row(own, &own.device_id(), &own.ip(), job, 1)
        })
        .collect()
}

/// A line of events for every device and address of at least two of the ring, the most shared first: the
/// innocent's own actions once more from there.
fn places(
    events: &[SimulatedEvent],
    ring: &BTreeSet<String>,
    innocent: &[SimulatedEvent],
) -> Vec<String> {
    let mut of_place: BTreeMap<(bool, String), BTreeSet<String>> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| ring.contains(&event.account_id()))
    {
        for place in [(true, event.device_id()), (false, event.ip())] {
            of_place
                .entry(place)
                .or_default()
                .insert(event.account_id());
        }
    }
    let mut places: Vec<((bool, String), usize)> = of_place
        .into_iter()
        .map(|(place, accounts)| (place, accounts.len()))
        .filter(|(_, accounts)| *accounts > 1)
        .collect();
    places.sort_by_key(|(_, accounts)| std::cmp::Reverse(*accounts));
    places
        .iter()
        .zip(innocent.iter().cycle())
        .map(|(((is_device, place), _), own)| {
            if *is_device {
                row(own, place, &own.ip(), own, 60)
            } else {
                row(own, &own.device_id(), place, own, 60)
            }
        })
        .collect()
}

/// One line of events: `own`'s account does what `what` did, so many seconds later.
fn row(own: &SimulatedEvent, device: &str, ip: &str, what: &SimulatedEvent, later: i64) -> String {
    let time = jiff::Timestamp::from_second(what.epoch_second() + later).unwrap_or_default();
    let mut line = String::new();
    let cells = [
        own.account_id(),
        device.to_owned(),
        ip.to_owned(),
        what.target_id(),
        what.owner_id(),
        what.action().as_str().to_owned(),
    ];
    // Writing to a String cannot fail.
    let _ = writeln!(line, "{},{time}", cells.join(","));
    line
}

/// The strongest tier that an account stands in, as a number.
fn tier_of(tables: &SweepTables, account: &str) -> u8 {
    let rows = tables
        .members
        .iter()
        .filter(|row| row.account_id == account);
    let tiers = rows.map(|row| match row.tier.parse() {
        Ok(Tier::Act) => 3,
        Ok(Tier::Review) => 2,
        _ => 1,
    });
    tiers.max().unwrap_or(0)
}
