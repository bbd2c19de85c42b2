//! An evaluation as a table for people.

use std::fmt;

use super::{Evaluation, Ratios};
use crate::publish::text::{Align, Table, count, counted};

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
                crate::publish::text::printable(&best.truth_ring),
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
pub(super) fn up_to(tier: crate::publish::Tier) -> String {
    use crate::publish::Tier;
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
