//! Worlds without rings: everything that is said about them is a false alarm.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::Result;
use ringsweep::evaluate::evaluate;
use ringsweep::publish::{SweepTables, Tier};
use ringsweep::recipe::Definition;
use ringsweep::simulate::Scenario;
use serde::{Deserialize, Serialize};

use super::Args;
use super::journal::Journal;
use super::rings::{Bin, asked};
use super::world::World;

/// The largest q-value that counts as a discovery.
const DISCOVERY: f64 = 0.05;

/// One world without rings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Quiet {
    pub(crate) scenario: String,
    pub(crate) seed: u64,
    pub(crate) accounts: u64,
    pub(crate) in_act: u64,
    pub(crate) in_review: u64,
    pub(crate) in_watch: u64,
    /// Rings with a q-value that promises they are none of chance.
    pub(crate) discoveries: u64,
    pub(crate) calibration: Vec<Bin>,
}

pub(crate) fn examine(
    args: &Args,
    definition: &Definition,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Vec<Quiet>> {
    let mut quiet = Vec::new();
    for name in asked(args, false) {
        for seed in 1..=args.null_seeds {
            let scenario = args.scenario_of(name, seed)?;
            let key = format!(
                "quiet {} {} {} {seed} {}",
                args.graph,
                name.as_str(),
                args.accounts,
                args.events
            );
            let world = journal.finding(&key, || listen(&scenario, definition))?;
            writeln!(
                out,
                "{:<18} seed {:<3}  of {} accounts {} in act, {} in review, {} in watch; {} rings at q <= {DISCOVERY}",
                world.scenario,
                world.seed,
                world.accounts,
                world.in_act,
                world.in_review,
                world.in_watch,
                world.discoveries
            )?;
            quiet.push(world);
        }
    }
    Ok(quiet)
}

fn listen(scenario: &Scenario, definition: &Definition) -> Result<Quiet> {
    let world = World::make(scenario, definition)?;
    let tables = world.sweep(definition)?;
    let evaluation = evaluate(&tables, &world.truth)?;
    let rings = tables.rings.iter();
    Ok(Quiet {
        scenario: scenario.name.as_str().to_owned(),
        seed: scenario.seed,
        accounts: world.loaded.log.accounts.len() as u64,
        in_act: accounts_in(&tables, Tier::Act),
        in_review: accounts_in(&tables, Tier::Review),
        in_watch: accounts_in(&tables, Tier::Watch),
        discoveries: rings.filter(|ring| ring.q_value <= DISCOVERY).count() as u64,
        calibration: evaluation.calibration.iter().map(Bin::from).collect(),
    })
}

fn accounts_in(tables: &SweepTables, tier: Tier) -> u64 {
    let members = tables.members.iter();
    let of_tier = members.filter(|member| member.tier == tier.name());
    let accounts: BTreeSet<&str> = of_tier.map(|member| member.account_id.as_str()).collect();
    accounts.len() as u64
}
