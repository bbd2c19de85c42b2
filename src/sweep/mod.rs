//! The whole way from events to tables, one line per stage, in the order of the floors.

pub mod clock;
pub mod continuity;
pub mod estimate;
pub mod from_sources;
pub mod known;
mod manifest;

use std::path::{Path, PathBuf};

use crate::base::run::{Interrupted, Run};
use crate::communities;
use crate::entities::census::{Census, census};
use crate::entities::{EntityGraph, entities};
use crate::events;
use crate::links::Projector;
use crate::lists::ListError;
use crate::publish::from_rings::tables;
use crate::publish::from_seeds;
use crate::publish::{Manifest, SweepTables};
use crate::recipe::{Definition, RecipeError, plan};
use crate::rings::population::population;
use crate::rings::{Candidates, rings};
use crate::seeds::{self, SeedScores};
use crate::store::StoreError;

pub use clock::Clock;
pub use estimate::{Estimate, at_most, estimate};
pub use from_sources::{Loaded, load, save};
pub use known::{Known, know};

/// Where events come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Files of events, or standard input.
    Events(Vec<events::Source>),
    /// A snapshot of events already read.
    Snapshot(PathBuf),
}

impl Input {
    /// What `arguments` mean: one snapshot, or files, folders, patterns and `-`.
    ///
    /// # Errors
    /// [`events::Error`] where nothing is there.
    pub fn of<P: AsRef<Path>>(arguments: &[P]) -> Result<Self, events::Error> {
        match arguments {
            [one] if crate::store::is_snapshot(one.as_ref()) => {
                Ok(Input::Snapshot(one.as_ref().into()))
            }
            _ => Ok(Input::Events(events::expand(arguments)?)),
        }
    }
}

/// What a sweep may use and how chance is seeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Seed of every random choice.
    pub seed: u64,
    /// Bytes to stay below, as far as can be told before the work begins.
    pub memory: Option<u64>,
}

/// Why a sweep did not come about.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The events could not be read.
    #[error(transparent)]
    Events(#[from] events::Error),
    /// The definition does not fit the events.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The snapshot could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The snapshot was read under another rule of participation.
    #[error(
        "the snapshot holds accounts with at least {snapshot} rows, the definition wants {definition}"
    )]
    Participation {
        /// As it was read.
        snapshot: u32,
        /// As it is wanted.
        definition: u32,
    },
    /// The work would take more memory than allowed.
    #[error("this would take about {needed} bytes of memory, and {allowed} are allowed")]
    Memory {
        /// Estimated peak.
        needed: u64,
        /// The limit that was set.
        allowed: u64,
        /// The entity type that makes most pairs.
        largest: String,
    },
    /// A seed list or an allow list cannot be used.
    #[error(transparent)]
    List(#[from] ListError),
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What a sweep came to: ready to be published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The tables.
    pub tables: SweepTables,
    /// How they came about.
    pub manifest: Manifest,
}

/// Sweeps loaded events for rings. `clock` already holds the time it took to load them.
///
/// # Errors
/// [`SweepError`], nothing half-done remains.
pub fn sweep(
    loaded: &Loaded,
    definition: &Definition,
    settings: Settings,
    mut clock: Clock,
    run: &Run<'_>,
) -> Result<Outcome, SweepError> {
    let plan = plan(definition, &loaded.reading.found)?;
    let mut graph: EntityGraph<'_> = clock.time("entities", || entities(&loaded.log, &plan));
    let census: Vec<Census> = graph.types.iter().map(census).collect();
    let search = communities::Search {
        detection: &definition.detection,
        relations: graph.relations(),
        seed: settings.seed,
    };
    let thinning = search.thinning();
    let links_at_most = at_most(&graph, &census, thinning);
    let mut forecast = estimate(&graph, &census, links_at_most);
    forecast.check_held(settings.memory)?;
    run.check()?;
    let mut projector = clock.time("postings", || {
        Projector::new(&graph, definition.min_participation, run)
    })?;
    if forecast.check(settings.memory).is_err() {
        let expected = clock.time("forecast", || projector.expected(thinning));
        forecast = estimate(&graph, &census, expected.min(links_at_most));
        forecast.check(settings.memory)?;
    }
    let mut projected = clock.time("links", || projector.links_and_homes(thinning, run))?;
    // Searched before the larger graph is made, so that the two are never held together.
    let homes = clock.time("homes", || {
        let homes = |graph| communities::detect_homes(graph, &search, run);
        projected.take_homes().map_or_else(|| Ok(Vec::new()), homes)
    })?;
    let links = clock.time("links", || projected.account_graph());
    let pairs = (links.pairs as usize, links.graph.arcs() / 2);
    let (links, pairs_by_type) = (links.graph, links.pairs_by_type);
    // What speaks for a ring is gathered from the entities: after the search nobody needs the links.
    let detect =
        |clock: &mut Clock| clock.time("communities", || communities::detect(links, &search, run));
    let partitions = if forecast.free_entities {
        drop(projector);
        drop(graph);
        let partitions = detect(&mut clock)?;
        graph = clock.time("entities again", || entities(&loaded.log, &plan));
        projector = clock.time("postings again", || {
            Projector::new(&graph, definition.min_participation, run)
        })?;
        partitions
    } else {
        detect(&mut clock)?
    };
    let scores = match &loaded.known.seeds {
        Some(known) => Some(clock.time("seeds", || seeds::scores(&graph, known, run))?),
        None => None,
    };
    let (rings, population) = clock.time("rings", || {
        let known = scores.as_ref().map_or(&[][..], SeedScores::seeds);
        let population = population(&graph, &census, known);
        let found = rings(
            &graph,
            &population,
            &Candidates {
                communities: &partitions,
                homes: &homes,
            },
            definition,
            scores.as_ref(),
            run,
        )?;
        Ok::<_, Interrupted>((found, population))
    })?;
    let mut tables = clock.time("tables", || tables(&rings, &graph, &projector));
    if let Some(scores) = &scores {
        tables.seeds = from_seeds::rows(scores, &rings, &tables.rings, &loaded.log);
    }
    tables.rejects.clone_from(&loaded.reading.rejects);
    let mut manifest = manifest::manifest(loaded, definition, &plan, settings);
    manifest.entities = manifest::entity_counts(&graph, &census, &pairs_by_type, &population);
    manifest.results = manifest::results(&graph, pairs, &partitions, &tables);
    manifest.timings = clock.timings();
    Ok(Outcome { tables, manifest })
}
