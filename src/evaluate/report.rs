//! An evaluation as a table for people.

use std::fmt;

use super::{Evaluation, Ratios};
use crate::publish::Tier;
use crate::publish::text::{Align, Table, count, counted, percent, printable, significant};

/// True rings listed one by one.
const LISTED: usize = 20;

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rings = self.truth == "rings";
        write!(f, "Truth: {}", counted(self.bad_accounts, "bad account"))?;
        if rings {
            write!(f, " in {}", counted(self.truth_rings, "ring"))?;
        }
        writeln!(
            f,
            "\nAverage precision of accounts: {}\n",
            share(self.average_precision)
        )?;
        f.write_str(&self.accounts().lines(0))?;
        writeln!(f)?;
        f.write_str(&self.rings().lines(0))?;
        if rings {
            writeln!(f)?;
            f.write_str(&self.pairs().lines(0))?;
            writeln!(f)?;
            f.write_str(&self.groups().lines(0))?;
            writeln!(f)?;
            f.write_str(&self.recall_curve().lines(0))?;
        }
        if self.calibration.iter().any(|bin| bin.rings > 0) {
            writeln!(f)?;
            f.write_str(&self.calibration().lines(0))?;
        }
        if rings {
            writeln!(f)?;
            f.write_str(&self.matches())?;
        }
        Ok(())
    }
}

impl Evaluation {
    fn accounts(&self) -> Table {
        let mut table = Table::new(&with_ratios(&[
            ("accounts", Align::Left),
            ("found", Align::Right),
            ("right", Align::Right),
        ]));
        for scores in &self.tiers {
            let accounts = &scores.accounts;
            let cells = [
                up_to(scores.tier),
                count(accounts.found),
                count(accounts.right),
            ];
            table.row(cells.into_iter().chain(ratio_cells(accounts.ratios)));
        }
        table
    }

    fn rings(&self) -> Table {
        let mut table = Table::new(&[
            ("rings", Align::Left),
            ("found", Align::Right),
            ("matching", Align::Right),
            ("pure", Align::Right),
            ("recovered", Align::Right),
            ("precision", Align::Right),
            ("recall", Align::Right),
        ]);
        let number = |value: Option<u64>| value.map_or("-".into(), count);
        for scores in &self.tiers {
            let rings = &scores.rings;
            table.row([
                up_to(scores.tier),
                count(rings.found),
                number(rings.matching),
                count(rings.pure),
                number(rings.recovered),
                share(rings.precision),
                rings.recall.map_or("-".into(), share),
            ]);
        }
        table
    }

    fn pairs(&self) -> Table {
        let mut table = Table::new(&with_ratios(&[("pairs", Align::Left)]));
        for scores in &self.tiers {
            let pairs = scores.pairs.unwrap_or_default();
            table.row([up_to(scores.tier)].into_iter().chain(ratio_cells(pairs)));
        }
        table
    }

    /// In `act` and `review`; the other tiers are in the JSON.
    fn groups(&self) -> Table {
        let mut table = Table::new(&with_ratios(&[
            ("kind, act + review", Align::Left),
            ("rings", Align::Right),
            ("recovered", Align::Right),
            ("accounts", Align::Right),
        ]));
        for group in &self.groups {
            let review = group.tiers.iter().find(|tier| tier.tier == Tier::Review);
            let ratios = review.map(|tier| tier.ratios).unwrap_or_default();
            let cells = [
                printable(&group.group),
                count(group.rings),
                count(review.map_or(0, |tier| tier.recovered)),
                count(group.accounts),
            ];
            table.row(cells.into_iter().chain(ratio_cells(ratios)));
        }
        table
    }

    fn recall_curve(&self) -> Table {
        let mut table = Table::new(&[
            ("true size", Align::Left),
            ("participation", Align::Right),
            ("rings", Align::Right),
            ("recovered, act + review", Align::Right),
            ("all", Align::Right),
            ("accounts", Align::Right),
            ("found, act + review", Align::Right),
            ("all", Align::Right),
        ]);
        for point in &self.recall_curve {
            let below_act: Vec<_> = point.tiers.iter().skip(1).collect();
            let mut cells = vec![
                format!("{} to {}", count(point.size_from), count(point.size_to)),
                point.participation.map_or("-".into(), percent),
                count(point.rings),
            ];
            cells.extend(below_act.iter().map(|tier| share(tier.ring_recall)));
            cells.push(count(point.accounts));
            cells.extend(below_act.iter().map(|tier| share(tier.recall)));
            table.row(cells);
        }
        table
    }

    fn calibration(&self) -> Table {
        let mut table = Table::new(&[
            ("q-value", Align::Left),
            ("rings", Align::Right),
            ("false", Align::Right),
            ("promised", Align::Right),
            ("realised", Align::Right),
            ("down to here", Align::Right),
        ]);
        for bin in self.calibration.iter().filter(|bin| bin.rings > 0) {
            table.row([
                format!("up to {}", significant(bin.q_to)),
                count(bin.rings),
                count(bin.wrong),
                significant(bin.promised),
                share(bin.realised),
                share(bin.realised_up_to),
            ]);
        }
        table
    }

    fn matches(&self) -> String {
        let mut table = Table::new(&[
            ("true ring", Align::Left),
            ("size", Align::Right),
            ("most like it", Align::Left),
            ("tier", Align::Left),
            ("recall", Align::Right),
            ("purity", Align::Right),
            ("jaccard", Align::Right),
        ]);
        for best in self.best_matches.iter().take(LISTED) {
            table.row([
                printable(&best.truth_ring),
                count(best.size),
                best.ring_id.clone().unwrap_or_else(|| "-".into()),
                best.tier.map_or("-".into(), |tier| tier.to_string()),
                share(best.recall),
                share(best.purity),
                share(best.jaccard),
            ]);
        }
        match self.best_matches.len().checked_sub(LISTED) {
            Some(more @ 1..) => format!("{}and {more} more\n", table.lines(0)),
            _ => table.lines(0),
        }
    }
}

fn with_ratios<'a>(columns: &[(&'a str, Align)]) -> Vec<(&'a str, Align)> {
    let ratios = ["precision", "recall", "f1"].map(|name| (name, Align::Right));
    columns.iter().copied().chain(ratios).collect()
}

fn ratio_cells(ratios: Ratios) -> [String; 3] {
    [ratios.precision, ratios.recall, ratios.f1].map(share)
}

/// Tiers are cumulative.
pub(super) fn up_to(tier: Tier) -> String {
    match tier {
        Tier::Act => "act",
        Tier::Review => "act + review",
        Tier::Watch => "all",
    }
    .into()
}

pub(super) fn share(value: f64) -> String {
    format!("{value:.4}")
}
