//! What others would do: the usual ways to find groups, each through our own kernels, each at its best.
//!
//! | baseline | sets are | settings tried |
//! |---|---|---|
//! | `components` | connected components of the account graph | which links, the strongest share of them, size from, size to |
//! | `label-propagation` | its communities | the same |
//! | `leiden` | its communities, by modularity and by constant Potts | the same |
//! | `fraudar` | dense blocks of accounts × entities | which entities, with hubs or without, the first so many blocks |
//! | `co-share` | components of the pairs with so many co-actions | co-actions from, size from |
//!
//! Nobody shall say that they were held down: every baseline tries all its settings *and is told by the truth
//! which of them was best* (by F1 over accounts). No user has that advantage, and our own method
//! runs at its defaults. A setting is a point of a small grid; grids hold shares and round numbers,
//! nothing that comes from a scenario.

mod blocks;
mod clusters;
mod co_actions;

use super::accounts::Ranked;
use super::rings::Published;
use super::truth::Truth;
use super::{MethodScores, Ratios};
use crate::base::run::{Interrupted, Run};
use crate::entities::{EntityGraph, entities};
use crate::events::EventLog;
use crate::links::{AccountGraph, Projector, Thinning};
use crate::publish::Tier;
use crate::publish::ids::id_text;
use crate::recipe::{Definition, Plan};

/// What baselines work on: the graphs that our own method has, too.
struct Material<'a> {
    /// Accounts × entities.
    entities: &'a EntityGraph<'a>,
    /// The links between accounts, and why two are linked.
    projector: &'a Projector<'a>,
    /// The links as a graph.
    links: &'a AccountGraph,
    /// The definition's resolution, in units a pair.
    resolution: f64,
    /// Seed of every random choice.
    seed: u64,
}

/// A set of accounts that a baseline would report.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ScoredSet {
    /// Accounts, by number.
    pub(super) members: Vec<u32>,
    /// What the baseline ranks sets by.
    pub(super) score: f64,
}

/// One point of a baseline's grid and what it finds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    /// For people.
    pub(super) text: String,
    /// The sets.
    pub(super) sets: Vec<ScoredSet>,
}

/// Takes the settings of a baseline one by one.
type Offer<'a> = dyn FnMut(Setting) + 'a;

/// A baseline: offers everything that its settings find.
type Method = fn(&Material<'_>, &Run<'_>, &mut Offer<'_>) -> Result<(), Interrupted>;

/// All baselines, in the order of the table above.
const METHODS: [(&str, Method); 5] = [
    ("components", clusters::by_components),
    ("label-propagation", clusters::by_label_propagation),
    ("leiden", clusters::by_leiden),
    ("fraudar", blocks::by_blocks),
    ("co-share", co_actions::by_co_actions),
];

/// Events as a sweep saw them.
#[derive(Debug, Clone, Copy)]
pub struct SweptEvents<'a> {
    /// The events.
    pub log: &'a EventLog,
    /// What is built from them.
    pub plan: &'a Plan,
    /// The definition that the plan is of.
    pub definition: &'a Definition,
    /// Seed of every random choice.
    pub seed: u64,
}

/// The scores of every baseline at the setting that suits `truth` best; among equals, the first tried.
///
/// Cost: some forty community searches on parts of the account graph, three projections, and for
/// every entity type a degree-preserving shuffle and a few peelings.
///
/// # Errors
/// [`Interrupted`].
pub fn baselines(
    events: &SweptEvents<'_>,
    truth: &Truth,
    run: &Run<'_>,
) -> Result<Vec<MethodScores>, Interrupted> {
    let entities = entities(events.log, events.plan);
    let projector = Projector::new(&entities, events.definition.min_participation, run)?;
    let links = projector.account_graph(Thinning::NONE, run)?;
    let material = Material {
        entities: &entities,
        projector: &projector,
        links: &links,
        resolution: events.definition.detection.resolution,
        seed: events.seed,
    };
    let judge = Judge::new(&material, truth);
    METHODS
        .into_iter()
        .map(|(name, method)| {
            let mut best: Option<(f64, Setting)> = None;
            method(&material, run, &mut |setting| {
                let f1 = judge.f1(&setting.sets);
                if best.as_ref().is_none_or(|(known, _)| f1 > *known) {
                    best = Some((f1, setting));
                }
            })?;
            Ok(judge.scores(name, best.map(|(_, setting)| setting)))
        })
        .collect()
}

/// The truth by number of account.
struct Judge<'a> {
    material: &'a Material<'a>,
    truth: &'a Truth,
    is_bad: Vec<Option<bool>>,
    bad: u64,
}

impl<'a> Judge<'a> {
    fn new(material: &'a Material<'a>, truth: &'a Truth) -> Self {
        let is_bad = super::accounts::KnownAccounts::of(truth);
        let accounts = material.entities.log.accounts.iter();
        Judge {
            material,
            truth,
            is_bad: accounts.map(|key| is_bad.is_bad(&id_text(key))).collect(),
            bad: truth.bad_accounts(),
        }
    }

    /// F1 over accounts, each counted once.
    fn f1(&self, sets: &[ScoredSet]) -> f64 {
        let mut seen = vec![false; self.is_bad.len()];
        let (mut found, mut right) = (0, 0);
        for &account in sets.iter().flat_map(|set| &set.members) {
            if !std::mem::replace(&mut seen[account as usize], true)
                && let Some(is_bad) = self.is_bad[account as usize]
            {
                found += 1;
                right += u64::from(is_bad);
            }
        }
        Ratios::of(right, found, self.bad).f1
    }

    /// All figures of one setting.
    fn scores(&self, name: &str, setting: Option<Setting>) -> MethodScores {
        let (parameter, mut sets) = setting.map_or_else(Default::default, |s| (s.text, s.sets));
        sets.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.members.cmp(&b.members)));
        let named: Vec<(f64, Vec<String>)> = sets
            .iter()
            .map(|set| {
                let names = set.members.iter();
                let names = names.map(|&a| id_text(self.material.entities.log.accounts.get(a)));
                (set.score, names.collect())
            })
            .collect();
        let published: Vec<Published<'_>> = named
            .iter()
            .map(|(_, names)| Published::set("", Tier::Act, names))
            .collect();
        let ranked = Ranked::of_sets(&named);
        MethodScores::of(
            name,
            &parameter,
            &ranked,
            &published,
            self.truth,
            Tier::Watch,
        )
    }
}
