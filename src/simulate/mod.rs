//! Synthetic platforms with planted rings, and the truth about them: an exam for the engine.
//!
//! A world is settled once (people, homes, offices, content, rings, crowds) and then told hour by
//! hour. Every decision is a hash of what it is about, so a scenario gives the same bytes for any
//! number of threads and on any machine, and memory holds one hour per thread, whatever the size.
//!
//! | file | question |
//! |---|---|
//! | `scenarios`, `recipes`, `knobs` | which numbers make which scenario, and which may be turned? |
//! | `people`, `places`, `content`, `clock` | who lives there, acts from where, on what, when? |
//! | `recruits`, `rings` | who is in a ring, and what do rings do? |
//! | `crowds`, `friends` | which innocents look like them? |
//! | `world` | what happens in an hour? |
//! | `names` | how do ids keep the secret? |
//! | `write`, `folder` | where does it go? |

mod clock;
mod content;
mod crowds;
mod dice;
mod event;
mod folder;
mod friends;
mod knobs;
mod names;
mod people;
mod places;
mod recipes;
mod recruits;
mod rings;
mod scenarios;
mod world;
mod write;

use std::io;
use std::path::PathBuf;

use rayon::prelude::*;

pub use event::{Action, SimulatedEvent};
pub use folder::{Format, simulate_into};
pub use knobs::{Background, Knobs, Scenario};
pub use recipes::{Among, RingRecipe, Tactic};
pub use scenarios::{Name, Surroundings};
#[cfg(feature = "parquet")]
pub use write::ParquetSink;
pub use write::{COLUMNS, COUNTERPARTY, CsvSink, EventSink};

use crate::base::run::{Interrupted, Run};
use world::World;

/// Why there is no world.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No scenario is called that.
    #[error("unknown scenario `{name}`")]
    UnknownScenario {
        /// What was asked for.
        name: String,
    },
    /// A number that makes no platform.
    #[error("{knob} is {value}, expected {expected}")]
    Knob {
        /// Which one.
        knob: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// The rings would not hide among the others.
    #[error("{planted} accounts in rings are more than half of {accounts} accounts")]
    TooManyPlanted {
        /// Accounts in rings.
        planted: u64,
        /// Accounts of the platform.
        accounts: u32,
    },
    /// The rings' own events leave no room for an ordinary platform.
    #[error("the rings alone make about {planted} events, more than three quarters of {events}")]
    TooFewEvents {
        /// Events asked for.
        events: u64,
        /// Events that rings make.
        planted: u64,
    },
    /// The folder exists and was not to be replaced.
    #[error("{} exists", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// What stands there was not made by the simulator, so it is not replaced.
    #[error("{} is not a simulated folder", path.display())]
    Foreign {
        /// What stands there.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// The sink failed.
    #[error("cannot write events")]
    Sink {
        /// What it says.
        source: io::Error,
    },
    /// Built without the feature `parquet`.
    #[error("this build cannot write Parquet")]
    NoParquet,
    /// Somebody asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What was simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Events written.
    pub events: u64,
    /// Those of them that were jobs of rings or parts of crowds.
    pub planned_events: u64,
    /// Posts on the platform, whether anybody acted on them or not.
    pub posts: u32,
    /// `(account_id, ring_id)` of ring accounts, by ring and account.
    pub truth: Vec<(String, String)>,
}

/// Hours that are made before they are written, per thread.
const HOURS_PER_THREAD: u32 = 2;

/// Tells the time line of `scenario` to `sink`, in order, and returns the truth about it.
///
/// Runs on the current rayon pool; the bytes do not depend on it. Memory: some 60 bytes an account,
/// 20 bytes a planned event, and a few hours of events per thread. Time: linear in accounts × hours
/// plus events.
///
/// # Errors
/// [`Error::Sink`] and [`Error::Interrupted`].
pub fn simulate(
    scenario: &Scenario,
    sink: &mut dyn EventSink,
    run: &Run<'_>,
) -> Result<Outcome, Error> {
    let world = World::settle(scenario);
    let mut events = 0;
    let batch = rayon::current_num_threads() as u32 * HOURS_PER_THREAD;
    run.progress.start("hours", u64::from(world.hours()));
    for first in (0..world.hours()).step_by(batch as usize) {
        run.check()?;
        let last = (first + batch).min(world.hours());
        let hours: Vec<Vec<SimulatedEvent>> = (first..last)
            .into_par_iter()
            .map(|hour| world.hour(hour))
            .collect();
        sink.write(&hours)
            .map_err(|source| Error::Sink { source })?;
        events += hours.iter().map(|hour| hour.len() as u64).sum::<u64>();
        run.progress.advance(u64::from(last - first));
    }
    run.progress.finish();
    let truth = world
        .truth()
        .into_iter()
        .map(|(account, ring)| (event::id(b'u', account), scenario.ring_id(ring as usize)))
        .collect();
    Ok(Outcome {
        events,
        planned_events: world.planned_events(),
        posts: world.posts(),
        truth,
    })
}

/// All events in order and the truth `(account_id, ring_id)`, in memory: for tests and notebooks.
pub fn generate(scenario: &Scenario) -> (Vec<SimulatedEvent>, Vec<(String, String)>) {
    let mut events = Vec::new();
    let outcome = simulate(scenario, &mut events, &Run::quiet());
    // A vector takes everything and a quiet run is never interrupted.
    let truth = outcome.map(|outcome| outcome.truth).unwrap_or_default();
    (events, truth)
}
