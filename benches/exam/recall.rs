//! Recall against ring size and participation.
//!
//! Worlds of a fifth of the size, each with many rings of one size and one participation, so that a point
//! is a mean over rings and not the fate of one.

use std::io::Write;

use anyhow::Result;
use ringsweep::evaluate::evaluate_with;
use ringsweep::recipe::Definition;
use ringsweep::simulate::{Knobs, Name, Scenario};
use serde::{Deserialize, Serialize};

use super::Args;
use super::journal::Journal;
use super::world::World;

const SIZES: [u32; 5] = [6, 12, 25, 60, 120];
const PARTICIPATIONS: [f64; 3] = [0.3, 0.5, 0.8];

/// The tactics whose rings have jobs to take part in.
const TACTICS: [Name; 3] = [Name::Lockstep, Name::EngagementSeller, Name::SlowDrip];

/// At most so many accounts of a world are planted, one in.
const PLANTED_ONE_IN: u32 = 20;

/// At most so many rings in a world.
const RINGS: u32 = 12;

/// A share of the full size.
const SHARE: u32 = 5;

/// All rings of one tactic, size and participation in one world.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) tactic: String,
    pub(crate) size: u32,
    pub(crate) participation: f64,
    pub(crate) seed: u64,
    pub(crate) rings: u64,
    pub(crate) accounts: u64,
    /// By cumulative tier: rings recovered, and accounts found.
    pub(crate) tiers: Vec<(u64, u64)>,
}

pub(crate) fn examine(
    args: &Args,
    definition: &Definition,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Vec<Point>> {
    let (accounts, events) = args.share(SHARE);
    let mut points = Vec::new();
    let tactics = TACTICS.into_iter();
    let wanted = |name: &Name| args.scenarios.is_empty() || args.scenarios.contains(name);
    for name in tactics.filter(wanted) {
        for (size, participation, seed) in grid(args.seeds) {
            let rings = (accounts / PLANTED_ONE_IN / size).min(RINGS);
            let knobs = Knobs {
                accounts,
                events,
                seed,
                rings: Some(rings),
                ring_size: Some(size),
                participation: Some(participation),
                ..Knobs::default()
            };
            if rings == 0 {
                continue;
            }
            let Ok(scenario) = Scenario::new(name, &knobs) else {
                continue;
            };
            let key = format!(
                "recall {} {} {accounts} {events} {seed} {size} {participation}",
                args.graph,
                name.as_str()
            );
            let point = journal.finding(&key, || recall(&scenario, definition))?;
            let (recovered, found) = point.tiers.get(1).copied().unwrap_or_default();
            writeln!(
                out,
                "{:<18} seed {:<3}  {size} accounts, participation {participation}: {recovered} of {} rings, {found} of {} accounts",
                point.tactic, point.seed, point.rings, point.accounts
            )?;
            points.push(point);
        }
    }
    Ok(points)
}

fn grid(seeds: u64) -> impl Iterator<Item = (u32, f64, u64)> {
    SIZES.into_iter().flat_map(move |size| {
        PARTICIPATIONS
            .into_iter()
            .flat_map(move |share| (1..=seeds).map(move |seed| (size, share, seed)))
    })
}

fn recall(scenario: &Scenario, definition: &Definition) -> Result<Point> {
    let world = World::make(scenario, definition)?;
    let evaluation = evaluate_with(
        &world.sweep(definition)?,
        &world.truth,
        &world.participation,
    )?;
    let first = scenario.rings.first();
    let mut tiers = vec![(0, 0); 3];
    let (mut rings, mut accounts) = (0, 0);
    for point in &evaluation.recall_curve {
        rings += point.rings;
        accounts += point.accounts;
        for ((recovered, found), tier) in tiers.iter_mut().zip(&point.tiers) {
            *recovered += tier.recovered;
            *found += (tier.recall * point.accounts as f64).round() as u64;
        }
    }
    Ok(Point {
        tactic: scenario.name.as_str().to_owned(),
        size: first.map_or(0, |ring| ring.size),
        participation: first.map_or(0.0, |ring| ring.participation),
        seed: scenario.seed,
        rings,
        accounts,
        tiers,
    })
}
