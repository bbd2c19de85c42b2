//! The same world with a tenth of its events missing, several times.

use std::io::Write;

use anyhow::Result;
use ringsweep::evaluate::stability::{stability, thin};
use ringsweep::publish::Tier;
use ringsweep::recipe::Definition;
use ringsweep::simulate::{Knobs, Name, Scenario};
use ringsweep::sweep::Loaded;
use serde::{Deserialize, Serialize};

use super::Args;
use super::journal::Journal;
use super::world::{self, World};

/// Share of the events that stays.
const KEPT: f64 = 0.9;

/// Resamples of a world.
const RESAMPLES: u64 = 5;

/// A share of the full size.
const SHARE: u32 = 5;

/// One world and how its rings hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stable {
    pub(crate) scenario: String,
    pub(crate) seed: u64,
    pub(crate) rings: Vec<Ring>,
}

/// One ring.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ring {
    pub(crate) tier: String,
    pub(crate) jaccard: f64,
    pub(crate) membership: f64,
}

pub(crate) fn examine(
    args: &Args,
    definition: &Definition,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Vec<Stable>> {
    let (accounts, events) = args.share(SHARE);
    let mut stable = Vec::new();
    for seed in 1..=args.seeds {
        let knobs = Knobs {
            accounts,
            events,
            seed,
            ..Knobs::default()
        };
        let scenario = Scenario::new(Name::Mixed, &knobs)?;
        let key = format!("stability {} {accounts} {events} {seed}", args.graph);
        let world = journal.finding(&key, || resample(&scenario, definition))?;
        let mean = super::tables::mean(world.rings.iter().map(|ring| ring.jaccard));
        writeln!(
            out,
            "{:<18} seed {:<3}  {} rings, {RESAMPLES} times with {:.0} % of the events: mean Jaccard {mean:.3}",
            world.scenario,
            world.seed,
            world.rings.len(),
            KEPT * 100.0
        )?;
        stable.push(world);
    }
    Ok(stable)
}

fn resample(scenario: &Scenario, definition: &Definition) -> Result<Stable> {
    let world = World::make(scenario, definition)?;
    let tables = world.sweep(definition)?;
    let mut again = Vec::new();
    for seed in 1..=RESAMPLES {
        let thinned = Loaded {
            log: thin(&world.loaded.log, KEPT, seed),
            reading: world.loaded.reading.clone(),
            known: world.loaded.known.clone(),
        };
        again.push(world::sweep(&thinned, definition)?);
    }
    let rings = stability(&tables, &again)?.into_iter().map(|ring| Ring {
        tier: Tier::name(ring.tier).to_owned(),
        jaccard: ring.jaccard,
        membership: ring.membership,
    });
    Ok(Stable {
        scenario: scenario.name.as_str().to_owned(),
        seed: scenario.seed,
        rings: rings.collect(),
    })
}
