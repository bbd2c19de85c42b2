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
use ringsweep::recipe::{Definition, Entity, Kind};
use ringsweep::simulate::{COUNTERPARTY, CsvSink, Name, Scenario, simulate};
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
        let mut sink = CsvSink::new(
            BufWriter::new(File::create(&path)?),
            scenario.has_relations(),
        )?;
        let outcome = simulate(scenario, &mut sink, &Run::quiet())?;
        sink.into_inner().flush()?;
        Ok(World {
            loaded: load(&[&path], definition)?,
            truth: truth_of(&outcome.truth)?,
            participation: participation_of(scenario),
        })
    }

    /// A sweep with the settings that a user gets who asks for nothing.
    pub(crate) fn sweep(&self, definition: &Definition) -> Result<SweepTables> {
        sweep(&self.loaded, definition)
    }
}

/// The definition for a scenario. Rings whose accounts name each other need an entity for that, which the
/// definitions for engagement do not have: what a user with such a column would add.
pub(crate) fn definition_for(scenario: &Scenario, definition: &Definition) -> Result<Definition> {
    let knows_relations = |of: &Entity| of.kind == Kind::Relation;
    if scenario.name != Name::Referral || definition.entities.iter().any(knows_relations) {
        return Ok(definition.clone());
    }
    let relation = format!(
        "\n[[entity]]\nname = \"counterparty\"\nkind = \"relation\"\ncolumns = [\"{COUNTERPARTY}\"]\n"
    );
    let text = definition.to_toml() + &relation;
    Ok(Definition::from_toml(&definition.name, &text)?)
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
    let lines = pairs
        .iter()
        .map(|(account, ring)| format!("{account},{ring}\n"));
    let text = format!("account_id,ring_id\n{}", lines.collect::<String>());
    Ok(Truth::read(text.as_bytes(), &TruthColumns::default())?)
}

fn participation_of(scenario: &Scenario) -> Participation {
    let rings = scenario.rings.iter().enumerate();
    Participation::of(rings.map(|(ring, recipe)| (scenario.ring_id(ring), recipe.participation)))
}
