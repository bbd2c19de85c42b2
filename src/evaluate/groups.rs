//! By kind of ring: which tactics are found, and which get away?
//!
//! Rings of the truth are grouped by the name before their number: `lockstep-03` and `lockstep-11` are
//! both `lockstep`; ids that do not end in `-` and digits are one group, [`UNNAMED`]. A group's recall is over its
//! own accounts. Innocents have no tactic, so an innocent account in a published ring is charged to the
//! group that most of the ring's members are of (ties to the first by name); rings without a bad member are charged to
//! nobody here, and count in the figures of the whole.

use std::collections::BTreeMap;

use serde::Serialize;

use super::accounts::Ranked;
use super::rings::{self, Published};
use super::truth::Truth;
use super::{Ratios, ratio};
use crate::publish::Tier;

/// The group of rings whose ids name none.
pub const UNNAMED: &str = "other";

/// The figures of one group of true rings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupScores {
    /// Its name.
    pub group: String,
    /// Its rings of two accounts or more.
    pub rings: u64,
    /// Its accounts.
    pub accounts: u64,
    /// Figures by cumulative tier.
    pub tiers: Vec<GroupTier>,
}

/// The figures of one group in one tier or above.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupTier {
    /// The lowest tier that counts.
    pub tier: Tier,
    /// Published accounts of the group, and innocents charged to it.
    pub found: u64,
    /// Published accounts of the group.
    pub right: u64,
    /// By account.
    #[serde(flatten)]
    pub ratios: Ratios,
    /// Its rings that a published one matches.
    pub recovered: u64,
    /// `recovered` over its rings.
    pub ring_recall: f64,
}

/// The group of a ring: its id without the number at the end.
pub fn group_of(ring: &str) -> &str {
    match ring.rsplit_once('-') {
        Some((name, number))
            if !name.is_empty()
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => UNNAMED,
    }
}

/// The figures of every group, by name; none for labels.
pub(super) fn scores(
    ranked: &[Ranked<'_>],
    published: &[Published<'_>],
    truth: &Truth,
) -> Vec<GroupScores> {
    let Truth::Rings(rings) = truth else {
        return Vec::new();
    };
    // An account of rings of several groups counts for the first by name.
    let mut group_of_account: BTreeMap<&str, &str> = BTreeMap::new();
    for (ring, accounts) in rings {
        let group = group_of(ring);
        for account in accounts {
            let slot = group_of_account.entry(account).or_insert(group);
            *slot = group.min(slot);
        }
    }
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for &group in group_of_account.values() {
        *sizes.entry(group).or_default() += 1;
    }
    let known = truth.rings();
    let tiers = Tier::ALL.map(|tier| {
        let rings = rings::down_to(published, tier);
        let charged = charged(&rings, &group_of_account);
        let counts = count(ranked, &group_of_account, &charged, tier);
        (tier, counts, rings::recovered(&rings, truth))
    });
    sizes
        .into_iter()
        .map(|(group, accounts)| {
            let of_group = |ring: &str| group_of(ring) == group;
            let rings = known.iter().filter(|(ring, _)| of_group(ring)).count() as u64;
            let figures = tiers.iter().map(|(tier, counts, recovered)| {
                let (found, right) = counts.get(group).copied().unwrap_or_default();
                let recovered = recovered.iter().filter(|ring| of_group(ring)).count() as u64;
                GroupTier {
                    tier: *tier,
                    found,
                    right,
                    ratios: Ratios::of(right, found, accounts),
                    recovered,
                    ring_recall: ratio(recovered, rings),
                }
            });
            GroupScores {
                group: group.to_owned(),
                rings,
                accounts,
                tiers: figures.collect(),
            }
        })
        .collect()
}

/// The group that each innocent account in a ring is charged to: that of its first ring which has one.
fn charged<'a>(
    published: &[Published<'a>],
    group_of_account: &BTreeMap<&'a str, &'a str>,
) -> BTreeMap<&'a str, &'a str> {
    let mut charged = BTreeMap::new();
    for ring in published {
        let mut votes: BTreeMap<&str, u64> = BTreeMap::new();
        for group in ring.members.keys().filter_map(|a| group_of_account.get(a)) {
            *votes.entry(group).or_default() += 1;
        }
        let most = votes.values().copied().max();
        let Some((&group, _)) = votes.iter().find(|&(_, &count)| Some(count) == most) else {
            continue;
        };
        for &account in ring.members.keys() {
            if !group_of_account.contains_key(account) {
                charged.entry(account).or_insert(group);
            }
        }
    }
    charged
}

/// Found and right accounts by group.
fn count<'a>(
    ranked: &[Ranked<'a>],
    group_of_account: &BTreeMap<&'a str, &'a str>,
    charged: &BTreeMap<&'a str, &'a str>,
    lowest: Tier,
) -> BTreeMap<&'a str, (u64, u64)> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in ranked.iter().filter(|row| row.tier <= lowest) {
        if let Some(group) = group_of_account.get(row.account) {
            let (found, right) = counts.entry(group).or_default();
            *found += 1;
            *right += 1;
        } else if let Some(group) = charged.get(row.account) {
            counts.entry(group).or_default().0 += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_names_before_numbers() {
        let groups = ["lockstep-03", "slow-drip-1", "ring 7", "-5", "a-", "x-1b"].map(group_of);
        assert_eq!(
            groups,
            ["lockstep", "slow-drip", UNNAMED, UNNAMED, UNNAMED, UNNAMED]
        );
    }
}
