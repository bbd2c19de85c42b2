//! Worlds with rings: ours and the baselines, scenario by scenario.

use std::io::Write;
use std::time::Instant;

use anyhow::Result;
use ringsweep::base::run::Run;
use ringsweep::evaluate::baselines::{SweptEvents, baselines};
use ringsweep::evaluate::{CalibrationBin, MethodScores, evaluate_with, ours};
use ringsweep::recipe::{Definition, plan};
use ringsweep::simulate::{Knobs, Name, Scenario};
use serde::{Deserialize, Serialize};

use super::Args;
use super::journal::Journal;
use super::world::{World, definition_for};

/// One world, graded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Graded {
    pub(crate) scenario: String,
    pub(crate) seed: u64,
    pub(crate) truth_rings: u64,
    /// Ours by cumulative tier, then the baselines.
    pub(crate) methods: Vec<Figures>,
    pub(crate) groups: Vec<Group>,
    pub(crate) calibration: Vec<Bin>,
    pub(crate) sweep_seconds: f64,
}

/// The figures of one method.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) method: String,
    pub(crate) setting: String,
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
    pub(crate) average_precision: f64,
    pub(crate) sets: u64,
    pub(crate) recovered: u64,
    pub(crate) pair_f1: f64,
}

impl From<MethodScores> for Figures {
    fn from(scores: MethodScores) -> Self {
        let accounts = scores.accounts.ratios;
        Figures {
            method: scores.method,
            setting: scores.setting,
            precision: accounts.precision,
            recall: accounts.recall,
            f1: accounts.f1,
            average_precision: scores.average_precision,
            sets: scores.rings.found,
            recovered: scores.rings.recovered.unwrap_or(0),
            pair_f1: scores.pairs.map_or(0.0, |pairs| pairs.f1),
        }
    }
}

/// One tactic of a world in `act` and `review`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) rings: u64,
    pub(crate) recovered: u64,
    pub(crate) accounts: u64,
    pub(crate) found: u64,
    pub(crate) right: u64,
}

/// Rings of one range of q-values.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bin {
    pub(crate) q_to: f64,
    pub(crate) rings: u64,
    pub(crate) wrong: u64,
    /// Sum of the q-values.
    pub(crate) promised: f64,
}

impl From<&CalibrationBin> for Bin {
    fn from(bin: &CalibrationBin) -> Self {
        Bin {
            q_to: bin.q_to,
            rings: bin.rings,
            wrong: bin.wrong,
            promised: bin.promised * bin.rings as f64,
        }
    }
}

/// Whether a scenario plants anything.
pub(crate) fn has_rings(name: Name) -> bool {
    Scenario::new(name, &Knobs::default()).is_ok_and(|scenario| scenario.planted_accounts() > 0)
}

/// The scenarios that were asked for, with rings or without.
pub(crate) fn asked(args: &Args, with_rings: bool) -> impl Iterator<Item = Name> {
    let wanted = |name: &Name| args.scenarios.is_empty() || args.scenarios.contains(name);
    let names: Vec<Name> = Name::ALL.into_iter().filter(wanted).collect();
    names
        .into_iter()
        .filter(move |&name| has_rings(name) == with_rings)
}

pub(crate) fn examine(
    args: &Args,
    definition: &Definition,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Vec<Graded>> {
    let mut graded = Vec::new();
    for name in asked(args, true) {
        for seed in 1..=args.seeds {
            let scenario = args.scenario_of(name, seed)?;
            let baselines = !args.no_baselines;
            let key = format!(
                "rings {} {} {} {seed} {} {baselines}",
                args.graph,
                name.as_str(),
                args.accounts,
                args.events
            );
            let world = journal.finding(&key, || grade(&scenario, definition, baselines))?;
            writeln!(out, "{}", line(&world))?;
            graded.push(world);
        }
    }
    Ok(graded)
}

fn grade(scenario: &Scenario, definition: &Definition, with_baselines: bool) -> Result<Graded> {
    let definition = &definition_for(scenario, definition)?;
    let world = World::make(scenario, definition)?;
    let start = Instant::now();
    let tables = world.sweep(definition)?;
    let sweep_seconds = start.elapsed().as_secs_f64();
    let evaluation = evaluate_with(&tables, &world.truth, &world.participation)?;
    let mut methods = ours(&tables, &world.truth)?;
    if with_baselines {
        let plan = plan(definition, &world.loaded.reading.found)?;
        let events = SweptEvents {
            log: &world.loaded.log,
            plan: &plan,
            definition,
            seed: 0,
        };
        methods.extend(baselines(&events, &world.truth, &Run::quiet())?);
    }
    let groups = evaluation.groups.iter().filter_map(|group| {
        // Tiers are cumulative: the second is `act` and `review`.
        let tier = group.tiers.get(1)?;
        Some(Group {
            name: group.group.clone(),
            rings: group.rings,
            recovered: tier.recovered,
            accounts: group.accounts,
            found: tier.found,
            right: tier.right,
        })
    });
    Ok(Graded {
        scenario: scenario.name.as_str().to_owned(),
        seed: scenario.seed,
        truth_rings: evaluation.truth_rings,
        methods: methods.into_iter().map(Figures::from).collect(),
        groups: groups.collect(),
        calibration: evaluation.calibration.iter().map(Bin::from).collect(),
        sweep_seconds,
    })
}

/// What is printed while the exam runs.
fn line(world: &Graded) -> String {
    let methods = world.methods.iter().map(|figures| {
        let name = if figures.method == "ringsweep" {
            &figures.setting
        } else {
            &figures.method
        };
        let (precision, recall, f1) = (figures.precision, figures.recall, figures.f1);
        format!("{name} {precision:.3}/{recall:.3}/{f1:.3}")
    });
    let recovered = world.methods.get(1).map_or(0, |ours| ours.recovered);
    format!(
        "{:<18} seed {:<3}  {}  rings {recovered}/{}  {:.1} s",
        world.scenario,
        world.seed,
        methods.collect::<Vec<_>>().join("  "),
        world.truth_rings,
        world.sweep_seconds
    )
}
