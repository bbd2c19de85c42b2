//! The same world with a few accounts known: what do they find, and what do wrong labels spoil?

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;

use anyhow::Result;
use ringsweep::base::chance::draw;
use ringsweep::evaluate::ours;
use ringsweep::lists::SeedList;
use ringsweep::publish::SweepTables;
use ringsweep::recipe::Definition;
use ringsweep::simulate::Scenario;
use ringsweep::sweep;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::Args;
use super::journal::Journal;
use super::rings::{Figures, asked};
use super::world::{self, World, definition_for};

/// One account in so many of every ring is known to be bad, and as many others to be good. Where there are no rings,
/// one in so many thousands is said to be bad.
const KNOWN: usize = 20;

/// One label in so many is wrong.
const WRONG: usize = 10;

/// What is known of a world.
const LISTS: [&str; 3] = ["nothing", "seeds", "seeds, a tenth wrong"];

/// One world, swept with each of the lists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) scenario: String,
    pub(crate) seed: u64,
    pub(crate) truth_rings: u64,
    /// By list: what is in `act`, and what is in `act` and `review`.
    pub(crate) lists: Vec<(String, [Figures; 2], [u64; 2])>,
}

pub(crate) fn examine(
    args: &Args,
    definition: &Definition,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    let names = asked(args, true).chain(asked(args, false));
    for (name, seed) in names.flat_map(|name| (1..=args.seeds).map(move |seed| (name, seed))) {
        let scenario = args.scenario_of(name, seed)?;
        let (graph, name) = (&args.graph, name.as_str());
        let key = format!(
            "seeds {graph} {name} {} {seed} {}",
            args.accounts, args.events
        );
        let world = journal.finding(&key, || tell(&scenario, definition))?;
        writeln!(out, "{}", line(&world))?;
        told.push(world);
    }
    Ok(told)
}

fn tell(scenario: &Scenario, definition: &Definition) -> Result<Told> {
    let definition = &definition_for(scenario, definition)?;
    let world = World::make(scenario, definition)?;
    let mut seeds = seeds(&world, scenario.seed);
    let mut lists = Vec::new();
    // Where nobody is guilty all labels are wrong as it is.
    let rings = world.truth.rings().len();
    for list in &LISTS[..if rings > 0 { 3 } else { 2 }] {
        let list = *list;
        let wrong = if list == LISTS[2] {
            seeds.len() / WRONG
        } else {
            0
        };
        for seed in &mut seeds[..wrong] {
            seed.1 = !seed.1;
        }
        let known = if list == LISTS[0] { &[][..] } else { &seeds };
        let tables = sweep_knowing(&world, known, definition)?;
        let mut of_tiers = ours(&tables, &world.truth)?.into_iter();
        let (act, shown) = (of_tiers.next(), of_tiers.next());
        let (Some(act), Some(shown)) = (act, shown) else {
            anyhow::bail!("a sweep has three tiers");
        };
        let found = [&act, &shown].map(|scores| scores.accounts.found);
        lists.push((list.to_owned(), [act, shown].map(Figures::from), found));
    }
    Ok(Told {
        scenario: scenario.name.as_str().to_owned(),
        seed: scenario.seed,
        truth_rings: rings as u64,
        lists,
    })
}

/// Accounts and whether they are bad, in an order that says nothing about them.
fn seeds(world: &World, seed: u64) -> Vec<(String, bool)> {
    let some = |accounts: Vec<String>, count: usize, stage: u64| {
        let mut accounts: Vec<(u64, String)> = (0..)
            .zip(accounts)
            .map(|(at, account)| (draw(seed, stage, at), account))
            .collect();
        accounts.sort_unstable();
        accounts.truncate(count);
        accounts.into_iter().map(|(_, account)| account)
    };
    let mut known: Vec<(String, bool)> = Vec::new();
    let rings = world.truth.rings();
    for (stage, (_, ring)) in (2..).zip(&rings) {
        let bad = some(
            ring.iter().cloned().collect(),
            (ring.len() / KNOWN).max(1),
            stage,
        );
        known.extend(bad.map(|account| (account, true)));
    }
    let planted: BTreeSet<&String> = rings.iter().flat_map(|(_, ring)| *ring).collect();
    let accounts = world.loaded.log.accounts.iter();
    let innocent: Vec<String> = accounts
        .map(|key| String::from_utf8_lossy(key).into_owned())
        .filter(|account| !planted.contains(account))
        .collect();
    let (count, bad) = match known.len() {
        0 => (innocent.len() / (KNOWN * 50), true),
        count => (count, false),
    };
    known.extend(some(innocent, count, 1).map(|account| (account, bad)));
    let mut order: Vec<(u64, (String, bool))> = (0..)
        .zip(known)
        .map(|(at, known)| (draw(seed, 0, at), known))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, known)| known).collect()
}

fn sweep_knowing(
    world: &World,
    known: &[(String, bool)],
    definition: &Definition,
) -> Result<SweepTables> {
    if known.is_empty() {
        return world.sweep(definition);
    }
    let folder = TempDir::new()?;
    let path = folder.path().join("seeds.csv");
    let lines = known
        .iter()
        .map(|(account, bad)| format!("{account},{}\n", if *bad { "bad" } else { "good" }));
    fs::write(
        &path,
        format!("account,label\n{}", lines.collect::<String>()),
    )?;
    let mut loaded = world.loaded.clone();
    let list = SeedList::read(&path, "account")?;
    sweep::know(&mut loaded, Some(&list), None, definition)?;
    world::sweep(&loaded, definition)
}

/// What is printed while the exam runs.
fn line(world: &Told) -> String {
    let lists = world.lists.iter().map(|(list, [act, shown], found)| {
        format!(
            "{list}: rings {}/{} recall {:.3} precision {:.3} of {}, in act {:.3} of {}",
            shown.recovered,
            world.truth_rings,
            shown.recall,
            shown.precision,
            found[1],
            act.precision,
            found[0]
        )
    });
    format!(
        "{:<18} seed {:<3}  {}",
        world.scenario,
        world.seed,
        lists.collect::<Vec<_>>().join("; ")
    )
}
