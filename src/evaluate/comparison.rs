//! One table for all methods: ours by tier, and the baselines.

use std::fmt;

use serde::Serialize;

use super::accounts::{self, AccountScores, Ranked};
use super::baselines::{SweptEvents, baselines};
use super::rings::{self, Published, RingScores};
use super::truth::Truth;
use super::{CompareError, EvaluateError, Ratios, pairs};
use crate::base::run::Run;
use crate::publish::text::{Align, Table, count};
use crate::publish::{SweepTables, Tier};

/// The figures of one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodScores {
    /// `ringsweep`, or the name of a baseline.
    pub method: String,
    /// For ours the tiers that count; for a baseline the setting that was best for this truth.
    pub setting: String,
    /// Area under precision over recall, accounts ranked as the method ranks them.
    pub average_precision: f64,
    /// By account.
    pub accounts: AccountScores,
    /// By set.
    pub rings: RingScores,
    /// By pair of accounts in one set; for ring truths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Ratios>,
}

impl MethodScores {
    pub(super) fn of(
        method: &str,
        setting: &str,
        ranked: &[Ranked<'_>],
        published: &[Published<'_>],
        truth: &Truth,
        lowest: Tier,
    ) -> Self {
        let up_to: Vec<Ranked<'_>> = ranked
            .iter()
            .filter(|row| row.tier <= lowest)
            .cloned()
            .collect();
        let published = rings::down_to(published, lowest);
        MethodScores {
            method: method.to_owned(),
            setting: setting.to_owned(),
            average_precision: accounts::average_precision(&up_to, truth),
            accounts: accounts::scores(&up_to, truth, lowest),
            rings: rings::scores(&published, truth),
            pairs: truth.has_rings().then(|| pairs::scores(&published, truth)),
        }
    }
}

/// All methods against one truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Ours by cumulative tier, then the baselines.
    pub methods: Vec<MethodScores>,
}

/// Holds `tables`, and all [baselines](super::baselines) on the `events` that it was made from, against `truth`.
///
/// # Errors
/// [`CompareError`].
pub fn compare(
    tables: &SweepTables,
    events: &SweptEvents<'_>,
    truth: &Truth,
    run: &Run<'_>,
) -> Result<Comparison, CompareError> {
    let mut methods = ours(tables, truth)?;
    methods.extend(baselines(events, truth, run)?);
    Ok(Comparison { methods })
}

/// Our own figures, one row a cumulative tier.
///
/// # Errors
/// [`EvaluateError`] where the sweep holds something that no sweep should.
pub fn ours(tables: &SweepTables, truth: &Truth) -> Result<Vec<MethodScores>, EvaluateError> {
    let ranked = accounts::ranked(tables)?;
    let published = rings::published(tables)?;
    Ok(Tier::ALL
        .into_iter()
        .map(|tier| {
            let setting = super::report::up_to(tier);
            MethodScores::of("ringsweep", &setting, &ranked, &published, truth, tier)
        })
        .collect())
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[
            ("method", Align::Left),
            ("found", Align::Right),
            ("precision", Align::Right),
            ("recall", Align::Right),
            ("f1", Align::Right),
            ("average precision", Align::Right),
            ("sets", Align::Right),
            ("recovered", Align::Right),
            ("pair f1", Align::Right),
            ("setting", Align::Left),
        ]);
        for method in &self.methods {
            let Ratios {
                precision,
                recall,
                f1,
            } = method.accounts.ratios;
            let [precision, recall, f1] = [precision, recall, f1].map(super::report::share);
            let optional = |value: Option<String>| value.unwrap_or_else(|| "-".into());
            table.row([
                method.method.clone(),
                count(method.accounts.found),
                precision,
                recall,
                f1,
                super::report::share(method.average_precision),
                count(method.rings.found),
                optional(method.rings.recovered.map(count)),
                optional(method.pairs.map(|pairs| super::report::share(pairs.f1))),
                method.setting.clone(),
            ]);
        }
        f.write_str(&table.lines(0))
    }
}
