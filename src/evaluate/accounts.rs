//! By account: precision and recall of what was published, and how well it is ranked.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::truth::Truth;
use super::{EvaluateError, Ratios, ratio};
use crate::publish::{SweepTables, Tier};

/// Published accounts against bad ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountScores {
    /// Published accounts about which the truth says something.
    pub found: u64,
    /// Bad ones among them.
    pub right: u64,
    /// Precision, recall, F1.
    #[serde(flatten)]
    pub ratios: Ratios,
}

/// A published account with what it is ranked by: that of its best row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked<'a> {
    pub(super) account: &'a str,
    pub(super) tier: Tier,
    ring_score: f64,
    member_score: f64,
}

impl Ranked<'_> {
    /// The better first: stronger tier, then higher ring score, then higher member score.
    fn order(&self, other: &Self) -> Ordering {
        self.tier
            .cmp(&other.tier)
            .then(other.ring_score.total_cmp(&self.ring_score))
            .then(other.member_score.total_cmp(&self.member_score))
    }

    /// The accounts of sets in falling order of score, as the strongest tier.
    pub(super) fn of_sets(sets: &'_ [(f64, Vec<String>)]) -> Vec<Ranked<'_>> {
        let rows = sets.iter().flat_map(|(score, accounts)| {
            accounts.iter().map(|account| Ranked {
                account,
                tier: Tier::Act,
                ring_score: *score,
                member_score: 0.0,
            })
        });
        best_of_each(rows.collect())
    }
}

/// Every published account once, best first, ties by id.
pub(super) fn ranked(tables: &SweepTables) -> Result<Vec<Ranked<'_>>, EvaluateError> {
    let scores: HashMap<&str, f64> = tables
        .rings
        .iter()
        .map(|row| (&*row.ring_id, row.score))
        .collect();
    let mut ranked = Vec::with_capacity(tables.members.len());
    for row in &tables.members {
        let tier = row.tier.parse().map_err(|source| EvaluateError::Tier {
            table: "members",
            id: row.account_id.clone(),
            source,
        })?;
        let ring_score = *scores
            .get(&*row.ring_id)
            .ok_or_else(|| EvaluateError::NoSuchRing {
                account: row.account_id.clone(),
                ring: row.ring_id.clone(),
            })?;
        ranked.push(Ranked {
            account: &row.account_id,
            tier,
            ring_score,
            member_score: row.score,
        });
    }
    Ok(best_of_each(ranked))
}

fn best_of_each(mut ranked: Vec<Ranked<'_>>) -> Vec<Ranked<'_>> {
    ranked.sort_by(|a, b| a.order(b).then(a.account.cmp(b.account)));
    let mut seen = BTreeSet::new();
    ranked.retain(|row| seen.insert(row.account));
    ranked
}

/// The figures of all accounts in `lowest` or above.
pub(super) fn scores(ranked: &[Ranked<'_>], truth: &Truth, lowest: Tier) -> AccountScores {
    let bad = KnownAccounts::of(truth);
    let published = ranked.iter().filter(|row| row.tier <= lowest);
    let (mut found, mut right) = (0, 0);
    for is_bad in published.filter_map(|row| bad.is_bad(row.account)) {
        found += 1;
        right += u64::from(is_bad);
    }
    AccountScores {
        found,
        right,
        ratios: Ratios::of(right, found, truth.bad_accounts()),
    }
}

/// Σ over ranks of (gain in recall) × (precision there); accounts that nothing tells apart are one
/// rank, so the order of ids does not matter. Bad accounts that no ring holds count as never found,
/// which makes this a lower bound of what a full ranking of all accounts would get.
pub(super) fn average_precision(ranked: &[Ranked<'_>], truth: &Truth) -> f64 {
    let bad = KnownAccounts::of(truth);
    let all = truth.bad_accounts();
    let (mut found, mut right) = (0, 0);
    let mut sum = 0.0;
    for rank in ranked.chunk_by(|a, b| a.order(b).is_eq()) {
        let mut gained = 0;
        for is_bad in rank.iter().filter_map(|row| bad.is_bad(row.account)) {
            found += 1;
            gained += u64::from(is_bad);
        }
        right += gained;
        sum += ratio(gained, all) * ratio(right, found);
    }
    sum
}

/// A truth turned over for look-up by account.
pub(super) enum KnownAccounts<'a> {
    /// Bad ones; everybody else is innocent.
    Listed(BTreeSet<&'a str>),
    /// As labelled.
    Labelled(&'a Truth),
}

impl<'a> KnownAccounts<'a> {
    pub(super) fn of(truth: &'a Truth) -> Self {
        match truth {
            Truth::Rings(rings) => {
                KnownAccounts::Listed(rings.values().flatten().map(String::as_str).collect())
            }
            Truth::Labels(_) => KnownAccounts::Labelled(truth),
        }
    }

    pub(super) fn is_bad(&self, account: &str) -> Option<bool> {
        match self {
            KnownAccounts::Listed(accounts) => Some(accounts.contains(account)),
            KnownAccounts::Labelled(truth) => truth.is_bad(account),
        }
    }
}
