//! The lines of an exam as tables.

use std::collections::BTreeMap;
use std::fmt;

use super::Results;
use super::framing::Trial;
use super::quiet::Quiet;
use super::recall::Point;
use super::rings::{Bin, Figures, Graded};
use super::seeds::Told;
use super::stability::Stable;

/// Rows of cells, printed as a table of a Markdown page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) header: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        writeln!(
            f,
            "{}",
            line(&mut self.header.iter().map(ToString::to_string))
        )?;
        writeln!(
            f,
            "{}",
            line(&mut self.header.iter().map(|_| "---".to_owned()))
        )?;
        for row in &self.rows {
            writeln!(f, "{}", line(&mut row.iter().cloned()))?;
        }
        Ok(())
    }
}

/// All tables that have a row, by the name of their place in the page.
pub(crate) fn all(results: &Results) -> Vec<(&'static str, Table)> {
    [
        ("methods", methods(&results.rings)),
        ("promises", promises(&results.rings)),
        ("tactics", tactics(&results.rings)),
        ("quiet", quiet(&results.quiet)),
        ("recall", recall(&results.recall)),
        ("calibration", calibration(results)),
        ("framing", framing(&results.framing)),
        ("stability", stability(&results.stability)),
        ("seeds", seeds(&results.seeds)),
    ]
    .into_iter()
    .filter(|(_, table)| !table.rows.is_empty())
    .collect()
}

/// The mean; 0 of nothing.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    if count == 0 {
        0.0
    } else {
        sum / f64::from(count)
    }
}

fn share(value: f64) -> String {
    format!("{value:.3}")
}

/// Items by name, names in the order in which they first come.
pub(crate) fn by_name<'a, T>(
    items: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
) -> Vec<(&'a str, Vec<&'a T>)> {
    let mut groups: Vec<(&str, Vec<&T>)> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|(known, _)| *known == name(item)) {
            Some((_, group)) => group.push(item),
            None => groups.push((name(item), vec![item])),
        }
    }
    groups
}

/// The same method of all worlds, by its place; ours are told apart by tier.
pub(crate) fn same_method<'a>(worlds: &[&'a Graded]) -> Vec<(String, Vec<&'a Figures>)> {
    let methods = worlds.iter().map(|world| world.methods.len()).min();
    (0..methods.unwrap_or(0))
        .map(|place| {
            let figures: Vec<&Figures> = worlds.iter().map(|world| &world.methods[place]).collect();
            let name = match figures.first() {
                Some(first) if first.method == "ringsweep" => {
                    format!("**ringsweep**, {}", first.setting)
                }
                Some(first) => first.method.clone(),
                None => String::new(),
            };
            (name, figures)
        })
        .collect()
}

fn methods(graded: &[Graded]) -> Table {
    let mut table = Table {
        header: vec![
            "scenario",
            "method",
            "precision",
            "recall",
            "F1",
            "worst F1",
            "average precision",
            "rings recovered",
            "pair F1",
        ],
        rows: Vec::new(),
    };
    for (scenario, worlds) in by_name(graded, |world| &world.scenario) {
        let rings: u64 = worlds.iter().map(|world| world.truth_rings).sum();
        for (name, figures) in same_method(&worlds) {
            let of = |value: fn(&Figures) -> f64| mean(figures.iter().map(|&f| value(f)));
            let worst = figures.iter().map(|f| f.f1).fold(1.0, f64::min);
            let recovered: u64 = figures.iter().map(|f| f.recovered).sum();
            table.rows.push(vec![
                scenario.to_owned(),
                name,
                share(of(|f| f.precision)),
                share(of(|f| f.recall)),
                share(of(|f| f.f1)),
                share(worst),
                share(of(|f| f.average_precision)),
                format!("{recovered}/{rings}"),
                share(of(|f| f.pair_f1)),
            ]);
        }
    }
    table
}

/// What the project promises, held against the worst of all worlds.
fn promises(graded: &[Graded]) -> Table {
    let mut table = Table {
        header: vec![
            "scenario",
            "precision ≥ .97",
            "recall ≥ .95",
            "`act` precision ≥ .99",
            "rings whole ≥ 95 %",
            "best baseline",
            "its F1",
            "ours",
        ],
        rows: Vec::new(),
    };
    for (scenario, worlds) in by_name(graded, |world| &world.scenario) {
        let methods = same_method(&worlds);
        let [(_, act), (_, review), _, baselines @ ..] = &methods[..] else {
            continue;
        };
        let of = |figures: &[&Figures], value: fn(&Figures) -> f64| {
            mean(figures.iter().map(|&f| value(f)))
        };
        let verdict = |value: f64, least: f64| {
            let sign = if value >= least { "✓" } else { "✗" };
            format!("{sign} {}", share(value))
        };
        let rings: u64 = worlds.iter().map(|world| world.truth_rings).sum();
        let recovered: u64 = review.iter().map(|f| f.recovered).sum();
        let best = baselines
            .iter()
            .map(|(name, figures)| (name.clone(), of(figures, |f| f.f1)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let (best, best_f1) = best.unwrap_or_else(|| ("-".into(), 0.0));
        let nothing_in_act = act.iter().all(|f| f.sets == 0);
        table.rows.push(vec![
            scenario.to_owned(),
            verdict(of(review, |f| f.precision), 0.97),
            verdict(of(review, |f| f.recall), 0.95),
            if nothing_in_act {
                "nothing in `act`".into()
            } else {
                verdict(of(act, |f| f.precision), 0.99)
            },
            verdict(recovered as f64 / rings.max(1) as f64, 0.95),
            best,
            share(best_f1),
            verdict(of(review, |f| f.f1), best_f1),
        ]);
    }
    table
}

fn tactics(graded: &[Graded]) -> Table {
    let mut sums: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for group in graded.iter().flat_map(|world| &world.groups) {
        let sum = sums.entry(&group.name).or_default();
        let more = [
            group.rings,
            group.recovered,
            group.accounts,
            group.found,
            group.right,
        ];
        for (sum, more) in sum.iter_mut().zip(more) {
            *sum += more;
        }
    }
    let ratio = |part: u64, whole: u64| share(part as f64 / whole.max(1) as f64);
    let rows = sums
        .iter()
        .map(|(group, [rings, recovered, accounts, found, right])| {
            vec![
                (*group).to_owned(),
                rings.to_string(),
                recovered.to_string(),
                accounts.to_string(),
                ratio(*right, *found),
                ratio(*right, *accounts),
            ]
        });
    Table {
        header: vec![
            "tactic",
            "rings",
            "recovered",
            "accounts",
            "precision",
            "recall",
        ],
        rows: rows.collect(),
    }
}

fn quiet(worlds: &[Quiet]) -> Table {
    let rows = by_name(worlds, |world| &world.scenario)
        .into_iter()
        .map(|(scenario, worlds)| {
            let sum = |value: fn(&Quiet) -> u64| worlds.iter().map(|&w| value(w)).sum::<u64>();
            let in_review =
                sum(|w| w.in_review + w.in_act) as f64 / sum(|w| w.accounts).max(1) as f64;
            let with_discovery = worlds.iter().filter(|w| w.discoveries > 0).count();
            vec![
                scenario.to_owned(),
                worlds.len().to_string(),
                sum(|w| w.in_act).to_string(),
                format!("{:.4} %", in_review * 100.0),
                sum(|w| w.in_watch).to_string(),
                format!("{with_discovery}/{}", worlds.len()),
            ]
        });
    Table {
        header: vec![
            "scenario",
            "runs",
            "accounts in `act`",
            "share in `act` + `review`",
            "accounts in `watch`",
            "runs with a ring at q ≤ .05",
        ],
        rows: rows.collect(),
    }
}

/// Sums of the points of one tactic, size and participation.
pub(crate) struct RecallCell<'a> {
    pub(crate) tactic: &'a str,
    pub(crate) size: u32,
    pub(crate) participation: f64,
    rings: u64,
    accounts: u64,
    tiers: [(u64, u64); 3],
}

impl RecallCell<'_> {
    /// Share of the rings that are recovered in a tier (0 `act`, 1 with `review`, 2 all).
    pub(crate) fn ring_recall(&self, tier: usize) -> f64 {
        self.tiers[tier].0 as f64 / self.rings.max(1) as f64
    }

    fn recall(&self, tier: usize) -> f64 {
        self.tiers[tier].1 as f64 / self.accounts.max(1) as f64
    }
}

pub(crate) fn recall_cells(points: &[Point]) -> Vec<RecallCell<'_>> {
    let mut cells: Vec<RecallCell<'_>> = Vec::new();
    for point in points {
        let same = |cell: &RecallCell<'_>| {
            (cell.tactic, cell.size) == (&*point.tactic, point.size)
                && (cell.participation - point.participation).abs() < 1e-9
        };
        let place = cells.iter().position(same).unwrap_or(cells.len());
        if place == cells.len() {
            cells.push(RecallCell {
                tactic: &point.tactic,
                size: point.size,
                participation: point.participation,
                rings: 0,
                accounts: 0,
                tiers: [(0, 0); 3],
            });
        }
        let cell = &mut cells[place];
        cell.rings += point.rings;
        cell.accounts += point.accounts;
        for (sum, more) in cell.tiers.iter_mut().zip(&point.tiers) {
            sum.0 += more.0;
            sum.1 += more.1;
        }
    }
    cells
}

fn recall(points: &[Point]) -> Table {
    let rows = recall_cells(points).into_iter().map(|cell| {
        let mut row = vec![
            cell.tactic.to_owned(),
            cell.size.to_string(),
            format!("{:.0} %", cell.participation * 100.0),
            cell.rings.to_string(),
        ];
        row.extend((0..3).map(|tier| share(cell.ring_recall(tier))));
        row.extend((1..3).map(|tier| share(cell.recall(tier))));
        row
    });
    Table {
        header: vec![
            "tactic",
            "accounts",
            "participation",
            "rings",
            "whole in `act`",
            "whole in `act` + `review`",
            "whole in all",
            "accounts found in `act` + `review`",
            "accounts found in all",
        ],
        rows: rows.collect(),
    }
}

/// All rings of all worlds by q-value: end of the bin, rings, false ones, sum of q.
pub(crate) fn calibrated(results: &Results) -> Vec<Bin> {
    let of_rings = results.rings.iter().map(|world| &world.calibration);
    let of_quiet = results.quiet.iter().map(|world| &world.calibration);
    let mut sums: Vec<Bin> = Vec::new();
    for bins in of_rings.chain(of_quiet) {
        for (place, bin) in bins.iter().enumerate() {
            match sums.get_mut(place) {
                Some(sum) => {
                    sum.rings += bin.rings;
                    sum.wrong += bin.wrong;
                    sum.promised += bin.promised;
                }
                None => sums.push(bin.clone()),
            }
        }
    }
    sums
}

fn calibration(results: &Results) -> Table {
    let (mut rings_up_to, mut wrong_up_to) = (0, 0);
    let rows = calibrated(results).into_iter().map(|bin| {
        rings_up_to += bin.rings;
        wrong_up_to += bin.wrong;
        let ratio = |part: f64, whole: u64| {
            if whole == 0 {
                "-".to_owned()
            } else {
                format!("{:.4}", part / whole as f64)
            }
        };
        vec![
            format!("≤ {}", bin.q_to),
            bin.rings.to_string(),
            bin.wrong.to_string(),
            ratio(bin.promised, bin.rings),
            ratio(bin.wrong as f64, bin.rings),
            ratio(wrong_up_to as f64, rings_up_to),
        ]
    });
    Table {
        header: vec![
            "q-value",
            "rings",
            "false",
            "promised",
            "realised",
            "realised of all up to here",
        ],
        rows: rows.collect(),
    }
}

fn framing(trials: &[Trial]) -> Table {
    let mut rows = Vec::new();
    for (scenario, trials) in by_name(trials, |trial| &trial.scenario) {
        let mut row = vec![
            scenario.to_owned(),
            trials
                .first()
                .map_or(String::new(), |trial| format!("{:?}", trial.attempt)),
            trials.len().to_string(),
            range(trials.iter().map(|trial| Some(trial.all))),
        ];
        row.extend((1..=3).map(|tier| range(trials.iter().map(|trial| trial.least(tier)))));
        rows.push(row);
    }
    Table {
        header: vec![
            "scenario",
            "attempt",
            "innocents",
            "at most",
            "in `watch` from",
            "in `review` from",
            "in `act` from",
        ],
        rows,
    }
}

/// `3 to 9, 2 never`.
fn range(values: impl Iterator<Item = Option<usize>>) -> String {
    let values: Vec<Option<usize>> = values.collect();
    let never = values.iter().filter(|value| value.is_none()).count();
    let known = || values.iter().flatten();
    let range = match (known().min(), known().max()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => return "never".into(),
    };
    if never == 0 {
        range
    } else {
        format!("{range}, {never} never")
    }
}

fn stability(worlds: &[Stable]) -> Table {
    let rings: Vec<_> = worlds
        .iter()
        .flat_map(|world| &world.rings)
        .cloned()
        .collect();
    let rows = by_name(&rings, |ring| &ring.tier)
        .into_iter()
        .map(|(tier, rings)| {
            let again = rings.iter().filter(|ring| ring.jaccard >= 0.8).count();
            vec![
                format!("`{tier}`"),
                rings.len().to_string(),
                share(mean(rings.iter().map(|ring| ring.jaccard))),
                share(again as f64 / rings.len().max(1) as f64),
                share(mean(rings.iter().map(|ring| ring.membership))),
            ]
        });
    Table {
        header: vec![
            "tier",
            "rings",
            "mean Jaccard",
            "rings with Jaccard ≥ .8",
            "members that stay",
        ],
        rows: rows.collect(),
    }
}

fn seeds(worlds: &[Told]) -> Table {
    let mut table = Table {
        header: vec![
            "scenario",
            "known",
            "rings recovered",
            "recall",
            "accounts in `act` + `review`",
            "precision",
            "accounts in `act`",
            "precision of `act`",
        ],
        rows: Vec::new(),
    };
    for (scenario, worlds) in by_name(worlds, |world| &world.scenario) {
        let rings: u64 = worlds.iter().map(|world| world.truth_rings).sum();
        let lists = worlds.iter().map(|world| world.lists.len()).min();
        for place in 0..lists.unwrap_or(0) {
            let lists = || worlds.iter().map(|world| &world.lists[place]);
            let name = lists()
                .next()
                .map_or_else(String::new, |list| list.0.clone());
            let recovered: u64 = lists().map(|(_, [_, shown], _)| shown.recovered).sum();
            let found = |tier: usize| lists().map(|list| list.2[tier]).sum::<u64>().to_string();
            // Of nobody nobody is innocent.
            let precision = |tier: usize| {
                let some = lists().filter(|list| list.2[tier] > 0);
                match some.clone().count() {
                    0 => "-".to_owned(),
                    _ => share(mean(some.map(|list| list.1[tier].precision))),
                }
            };
            let recall = match rings {
                0 => "-".to_owned(),
                _ => share(mean(lists().map(|list| list.1[1].recall))),
            };
            table.rows.push(vec![
                scenario.to_owned(),
                name,
                format!("{recovered}/{rings}"),
                recall,
                found(1),
                precision(1),
                found(0),
                precision(0),
            ]);
        }
    }
    table
}
