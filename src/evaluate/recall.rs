//! How small and how idle may a ring be and still be found? Recall by size and participation.
//!
//! True rings of one class of size (doubling from 2) and, where it is known, of one participation (to
//! the nearest tenth) are one point. Participation, the share of a ring's jobs that a member takes part in, is
//! known for simulated worlds: `scenario.json` holds it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ratio;
use super::rings::{self, Published};
use super::truth::Truth;
use crate::publish::Tier;

/// Participation by ring of the truth, where it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Participation {
    of_ring: BTreeMap<String, f64>,
}

/// Why a scenario cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("this is not the scenario.json of a simulated world")]
pub struct ScenarioError(#[from] serde_json::Error);

impl Participation {
    /// From pairs of ring and participation.
    pub fn of<S: Into<String>>(rings: impl IntoIterator<Item = (S, f64)>) -> Self {
        Participation {
            of_ring: rings
                .into_iter()
                .map(|(ring, share)| (ring.into(), share))
                .collect(),
        }
    }

    /// From the text of a simulated world's `scenario.json`.
    ///
    /// # Errors
    /// [`ScenarioError`] where the text is something else.
    pub fn from_scenario(text: &str) -> Result<Self, ScenarioError> {
        #[derive(Deserialize)]
        struct Scenario {
            rings: Vec<Ring>,
        }
        #[derive(Deserialize)]
        struct Ring {
            ring_id: String,
            participation: f64,
        }
        let scenario: Scenario = serde_json::from_str(text)?;
        let rings = scenario.rings.into_iter();
        Ok(Participation::of(
            rings.map(|ring| (ring.ring_id, ring.participation)),
        ))
    }
}

/// The true rings of one size and participation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecallPoint {
    /// Accounts of its smallest class member.
    pub size_from: u64,
    /// Accounts of its largest.
    pub size_to: u64,
    /// Share of a ring's jobs that a member takes part in, to the nearest tenth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participation: Option<f64>,
    /// Rings.
    pub rings: u64,
    /// Their accounts.
    pub accounts: u64,
    /// What was found of them by cumulative tier.
    pub tiers: Vec<RecallTier>,
}

/// What was found of some rings in one tier or above.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecallTier {
    /// The lowest tier that counts.
    pub tier: Tier,
    /// Rings that a published one matches.
    pub recovered: u64,
    /// `recovered` over the rings.
    pub ring_recall: f64,
    /// Share of their accounts that are in published rings.
    pub recall: f64,
}

/// The least size of a class of rings, and their participation in tenths.
type Class = (u64, Option<u64>);

/// All points that have a ring, by size and participation; none for labels.
pub(super) fn curve(
    published: &[Published<'_>],
    truth: &Truth,
    participation: &Participation,
) -> Vec<RecallPoint> {
    let mut classes: BTreeMap<Class, Vec<(&str, &BTreeSet<String>)>> = BTreeMap::new();
    for (ring, accounts) in truth.rings() {
        let share = participation.of_ring.get(ring);
        let tenths = share.map(|share| (share * 10.0).round().max(0.0) as u64);
        let size_from = 1 << accounts.len().ilog2();
        classes
            .entry((size_from, tenths))
            .or_default()
            .push((ring, accounts));
    }
    let tiers = Tier::ALL.map(|tier| {
        let rings = rings::down_to(published, tier);
        let members = rings.iter().flat_map(|ring| ring.members.keys().copied());
        let found: BTreeSet<&str> = members.collect();
        (tier, found, rings::recovered(&rings, truth))
    });
    classes
        .into_iter()
        .map(|((size_from, tenths), rings)| {
            let accounts = rings
                .iter()
                .map(|(_, accounts)| accounts.len() as u64)
                .sum();
            let figures = tiers.iter().map(|(tier, found, recovered)| {
                let whole = rings.iter().filter(|(ring, _)| recovered.contains(*ring));
                let recovered = whole.count() as u64;
                let members = rings.iter().flat_map(|(_, accounts)| *accounts);
                let right = members.filter(|account| found.contains(account.as_str()));
                RecallTier {
                    tier: *tier,
                    recovered,
                    ring_recall: ratio(recovered, rings.len() as u64),
                    recall: ratio(right.count() as u64, accounts),
                }
            });
            RecallPoint {
                size_from,
                size_to: 2 * size_from - 1,
                participation: tenths.map(|tenths| tenths as f64 / 10.0),
                rings: rings.len() as u64,
                accounts,
                tiers: figures.collect(),
            }
        })
        .collect()
}
