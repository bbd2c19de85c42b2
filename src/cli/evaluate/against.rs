//! The events behind a sweep, read again: for methods that are held against ours.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ringsweep::base::chance::draw;
use ringsweep::base::run::Run;
use ringsweep::evaluate::baselines::SweptEvents;
use ringsweep::evaluate::stability::{RingStability, stability, thin};
use ringsweep::evaluate::{CompareError, Comparison, Truth, compare};
use ringsweep::publish::{Manifest, SweepTables};
use ringsweep::recipe::{Definition, plan};
use ringsweep::sweep::{self, Clock, Input, Loaded, Settings, SweepError};

use crate::cli::door::Failure;

/// Which events, under which definition.
#[derive(Debug, clap::Args)]
pub(crate) struct EventsArgs {
    /// The definition for the events; by default the one that the sweep was made with
    #[arg(long, short, value_name = "NAME|FILE")]
    graph: Option<String>,

    /// A column's name in the events, as `--column` of `sweep`
    #[arg(long = "events-column", value_name = "NAME=COLUMN", value_delimiter = ',',
        value_parser = crate::cli::input::column)]
    events_columns: Vec<(String, String)>,
}

impl EventsArgs {
    pub(crate) fn definition(&self, manifest: &Manifest) -> anyhow::Result<Definition> {
        Ok(match &self.graph {
            Some(graph) => Definition::load(graph)?,
            None => Definition::from_toml(&manifest.graph, &manifest.definition)?,
        })
    }

    /// The events at `paths`. Others than the sweep's make no fair comparison, so they are refused.
    pub(crate) fn load(
        &self,
        paths: &[PathBuf],
        manifest: &Manifest,
        definition: &Definition,
        run: &Run<'_>,
    ) -> anyhow::Result<Loaded> {
        let renames: BTreeMap<String, String> = self.events_columns.iter().cloned().collect();
        let loaded = sweep::load(&Input::of(paths)?, definition, renames, run)?;
        let contents = |inputs: &[ringsweep::publish::manifest::InputRecord]| {
            let mut sums: Vec<String> = inputs.iter().map(|input| input.xxh3.clone()).collect();
            sums.sort_unstable();
            sums
        };
        if contents(&loaded.reading.inputs) != contents(&manifest.inputs) {
            return Err(Failure::request("these are not the events that were swept")
                .help("name the same files; the manifest's `inputs` lists them with their hashes")
                .into());
        }
        Ok(loaded)
    }
}

pub(crate) fn baselines(
    tables: &SweepTables,
    loaded: &Loaded,
    definition: &Definition,
    seed: u64,
    truth: &Truth,
    run: &Run<'_>,
) -> anyhow::Result<Comparison> {
    let plan = plan(definition, &loaded.reading.found).map_err(SweepError::from)?;
    let events = SweptEvents {
        log: &loaded.log,
        plan: &plan,
        definition,
        seed,
    };
    compare(tables, &events, truth, run).map_err(|error| match error {
        CompareError::Evaluate(error) => error.into(),
        CompareError::Interrupted(error) => error.into(),
    })
}

/// Share of the events that stay in a resample.
const KEPT: f64 = 0.9;

/// How the sweep's rings hold when a tenth of the events is missing, `resamples` times.
pub(crate) fn resampled(
    tables: &SweepTables,
    loaded: &Loaded,
    definition: &Definition,
    seed: u64,
    resamples: u32,
    run: &Run<'_>,
) -> anyhow::Result<Vec<RingStability>> {
    let mut again = Vec::new();
    for resample in 0..resamples {
        let thinned = Loaded {
            log: thin(&loaded.log, KEPT, draw(seed, 0, u64::from(resample))),
            reading: loaded.reading.clone(),
            known: loaded.known.clone(),
        };
        let settings = Settings {
            seed,
            ..Settings::default()
        };
        let outcome = sweep::sweep(&thinned, definition, settings, Clock::default(), run)?;
        again.push(outcome.tables);
    }
    Ok(stability(tables, &again)?)
}
