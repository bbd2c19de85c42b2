//! Worlds: made, loaded and swept in this process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use ringsweep::base::run::Run;
use ringsweep::evaluate::{Participation, Truth, TruthColumns};
use ringsweep::events::Source;
use ringsweep::publish::SweepTables;
use ringsweep::recipe::Definition;
use ringsweep::simulate::{CsvSink, Scenario, simulate};
use ringsweep::sweep::{self, Clock, Input, Loaded, Settings};
use tempfile::TempDir;

/// A world as the engine reads it, and what is true about it.
pub(crate) struct World {
    pub(crate) loaded: Loaded,
    pub(crate) truth: Truth,
    pub(crate) participation: Participation,
}

impl World {
    pub(crate) fn make(scenario: &Scenario, definition: &Definition) -> Result<Self> {
        let folder = TempDir::new()?;
        let path = folder.path().join("events.csv");
        let mut sink = CsvSink::new(BufWriter::new(File::create(&path)?))?;
        let outcome = simulate(scenario, &mut sink, &Run::quiet())?;
        sink.into_inner().flush()?;
        Ok(World {
            loaded: load(&[&path], definition)?,
            truth: truth_of(&outcome.truth)?,
            participation: participation_of(scenario, &outcome.truth),
        })
    }

    /// A sweep with the settings that a user gets who asks for nothing.
    pub(crate) fn sweep(&self, definition: &Definition) -> Result<SweepTables> {
        sweep(&self.loaded, definition)
    }
}

pub(crate) fn sweep(loaded: &Loaded, definition: &Definition) -> Result<SweepTables> {
    let (settings, clock) = (Settings::default(), Clock::default());
    let outcome = sweep::sweep(loaded, definition, settings, clock, &Run::quiet())?;
    Ok(outcome.tables)
}

pub(crate) fn load(paths: &[&Path], definition: &Definition) -> Result<Loaded> {
    let sources = paths.iter().map(|&path| Source::file(path)).collect();
    let input = Input::Events(sources);
    Ok(sweep::load(
        &input,
        definition,
        BTreeMap::new(),
        &Run::quiet(),
    )?)
}

pub(crate) fn truth_of(pairs: &[(String, String)]) -> Result<Truth> {
    let mut text = String::from("account_id,ring_id\n");
    for (account, ring) in pairs {
        text.push_str(&format!("{account},{ring}\n"));
    }
    Ok(Truth::read(text.as_bytes(), &TruthColumns::default())?)
}

fn participation_of(scenario: &Scenario, truth: &[(String, String)]) -> Participation {
    let of_ring = |ring: &str| {
        let number: usize = ring.rsplit_once('-')?.1.parse().ok()?;
        Some(scenario.rings.get(number.checked_sub(1)?)?.participation)
    };
    let rings = truth
        .iter()
        .filter_map(|(_, ring)| Some((ring.clone(), of_ring(ring)?)));
    Participation::of(rings)
}
