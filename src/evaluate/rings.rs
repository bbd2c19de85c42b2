//! By ring: which rings of the truth were recovered, and how many published ones are one of them.
//!
//! A published ring *matches* a ring of the truth when it holds at least 80 % of its accounts and at
//! least 80 % of its own accounts are of that ring. Down to a tier, its accounts are those which are in that tier or
//! above themselves: who lives where a ring works may be listed with it and be in `watch`. That leaves at most one match on either side
//! as long as rings do not overlap.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::truth::Truth;
use super::{EvaluateError, ratio};
use crate::publish::{SweepTables, Tier};

/// Published rings against rings of the truth (for labels: against bad accounts).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RingScores {
    /// Published rings; for labels those with at least one labelled account.
    pub found: u64,
    /// Published rings that match one of the truth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching: Option<u64>,
    /// Published rings of which at least 80 % belong to one ring of the truth (for labels: 80 % of
    /// the labelled are bad), whole or a part of it.
    pub pure: u64,
    /// Rings of the truth that a published one matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered: Option<u64>,
    /// `matching / found`, for labels `pure / found`.
    pub precision: f64,
    /// `recovered` over the rings of the truth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
}

/// The published ring most like a ring of the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestMatch {
    /// The ring of the truth.
    pub truth_ring: String,
    /// Its accounts.
    pub size: u64,
    /// The published ring with the greatest Jaccard index, if any overlaps; ties by published order.
    pub ring_id: Option<String>,
    /// Its tier.
    pub tier: Option<Tier>,
    /// Accounts over their union.
    pub jaccard: f64,
    /// Share of the true ring's accounts that it holds.
    pub recall: f64,
    /// Share of its accounts that are of the true ring.
    pub purity: f64,
}

/// A published ring.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Published<'a> {
    pub(super) id: &'a str,
    pub(super) tier: Tier,
    /// What it promises; 0 for sets that promise nothing.
    pub(super) q_value: f64,
    /// Its accounts, each with the tier that its own part bears: the ring's, or a lower one.
    pub(super) members: BTreeMap<&'a str, Tier>,
}

impl<'a> Published<'a> {
    /// A set of accounts that came about in another way.
    pub(super) fn set(id: &'a str, tier: Tier, accounts: &'a [String]) -> Self {
        Published {
            id,
            tier,
            q_value: 0.0,
            members: accounts.iter().map(|name| (name.as_str(), tier)).collect(),
        }
    }

    /// The ring without members below `lowest`.
    fn down_to(&self, lowest: Tier) -> Self {
        let mut ring = self.clone();
        ring.members.retain(|_, tier| *tier <= lowest);
        ring
    }
}

/// The rings in `lowest` or above, each without members below it: what somebody sees who looks no further.
pub(super) fn down_to<'a>(published: &[Published<'a>], lowest: Tier) -> Vec<Published<'a>> {
    let reach = published.iter().filter(|ring| ring.tier <= lowest);
    reach.map(|ring| ring.down_to(lowest)).collect()
}

/// The published rings in their order.
pub(super) fn published(tables: &SweepTables) -> Result<Vec<Published<'_>>, EvaluateError> {
    let tier_of = |table: &'static str, id: &str, tier: &str| {
        tier.parse().map_err(|source| EvaluateError::Tier {
            table,
            id: id.to_owned(),
            source,
        })
    };
    let mut members: HashMap<&str, BTreeMap<&str, Tier>> = HashMap::new();
    for row in &tables.members {
        let tier = tier_of("members", &row.account_id, &row.tier)?;
        let ring = members.entry(&row.ring_id).or_default();
        ring.insert(&row.account_id, tier);
    }
    tables
        .rings
        .iter()
        .map(|row| {
            let tier = tier_of("rings", &row.ring_id, &row.tier)?;
            let members = members.remove(&*row.ring_id).unwrap_or_default();
            Ok(Published {
                id: &row.ring_id,
                tier,
                q_value: row.q_value,
                members,
            })
        })
        .collect()
}

/// The figures of all `published` rings.
pub(super) fn scores(published: &[Published<'_>], truth: &Truth) -> RingScores {
    match truth {
        Truth::Rings(_) => against_rings(published, truth),
        Truth::Labels(_) => against_labels(published, truth),
    }
}

fn against_rings(published: &[Published<'_>], truth: &Truth) -> RingScores {
    let known = truth.rings();
    let rings_of = rings_by_account(&known);
    let mut recovered = BTreeSet::new();
    let mut scores = RingScores::default();
    let mut matching = 0;
    for ring in published {
        scores.found += 1;
        let size = ring.members.len() as u64;
        let mut matches = false;
        let mut pure = false;
        for (place, common) in overlaps(ring, &rings_of) {
            if enough(common, size) {
                pure = true;
                if enough(common, known[place].1.len() as u64) {
                    matches = true;
                    recovered.insert(place);
                }
            }
        }
        scores.pure += u64::from(pure);
        matching += u64::from(matches);
    }
    let recovered = recovered.len() as u64;
    RingScores {
        matching: Some(matching),
        recovered: Some(recovered),
        precision: ratio(matching, scores.found),
        recall: Some(ratio(recovered, known.len() as u64)),
        ..scores
    }
}

/// The ids of the true rings that a `published` one matches.
pub(super) fn recovered<'t>(published: &[Published<'_>], truth: &'t Truth) -> BTreeSet<&'t str> {
    let known = truth.rings();
    let rings_of = rings_by_account(&known);
    let mut recovered = BTreeSet::new();
    for ring in published {
        let size = ring.members.len() as u64;
        for (place, common) in overlaps(ring, &rings_of) {
            let (id, accounts) = known[place];
            if enough(common, size) && enough(common, accounts.len() as u64) {
                recovered.insert(id);
            }
        }
    }
    recovered
}

fn against_labels(published: &[Published<'_>], truth: &Truth) -> RingScores {
    let mut scores = RingScores::default();
    for ring in published {
        let known: Vec<bool> = ring
            .members
            .keys()
            .filter_map(|account| truth.is_bad(account))
            .collect();
        if !known.is_empty() {
            let bad = known.iter().filter(|&&bad| bad).count() as u64;
            scores.found += 1;
            scores.pure += u64::from(enough(bad, known.len() as u64));
        }
    }
    scores.precision = ratio(scores.pure, scores.found);
    scores
}

/// For every ring of the truth the published ring most like it: of rings to be acted on or reviewed the members
/// that are, too.
pub(super) fn best_matches(published: &[Published<'_>], truth: &Truth) -> Vec<BestMatch> {
    let known = truth.rings();
    let rings_of = rings_by_account(&known);
    let published: Vec<Published<'_>> = published
        .iter()
        .map(|ring| ring.down_to(ring.tier.max(Tier::Review)))
        .collect();
    let mut best: Vec<Option<(u64, u64, &Published<'_>)>> = vec![None; known.len()];
    for ring in &published {
        for (place, common) in overlaps(ring, &rings_of) {
            let union = (ring.members.len() + known[place].1.len()) as u64 - common;
            let better = best[place].is_none_or(|(common_before, union_before, _)| {
                // common / union > before, without division.
                u128::from(common) * u128::from(union_before)
                    > u128::from(common_before) * u128::from(union)
            });
            if better {
                best[place] = Some((common, union, ring));
            }
        }
    }
    known
        .iter()
        .zip(best)
        .map(|(&(id, accounts), best)| {
            let (common, union, ring) = match best {
                Some((common, union, ring)) => (common, union, Some(ring)),
                None => (0, 0, None),
            };
            BestMatch {
                truth_ring: id.to_owned(),
                size: accounts.len() as u64,
                ring_id: ring.map(|ring| ring.id.to_owned()),
                tier: ring.map(|ring| ring.tier),
                jaccard: ratio(common, union),
                recall: ratio(common, accounts.len() as u64),
                purity: ratio(common, ring.map_or(0, |ring| ring.members.len() as u64)),
            }
        })
        .collect()
}

/// At least 80 %, in whole numbers.
pub(super) fn enough(part: u64, whole: u64) -> bool {
    part * 5 >= whole * 4
}

/// The places of the true rings that each account is in.
pub(super) fn rings_by_account<'a>(
    known: &[(&'a str, &'a BTreeSet<String>)],
) -> HashMap<&'a str, Vec<usize>> {
    let mut rings_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, (_, accounts)) in known.iter().enumerate() {
        for account in *accounts {
            rings_of.entry(account).or_default().push(place);
        }
    }
    rings_of
}

/// How many accounts a published ring has in common with each true ring that it meets.
pub(super) fn overlaps(
    ring: &Published<'_>,
    rings_of: &HashMap<&str, Vec<usize>>,
) -> BTreeMap<usize, u64> {
    let mut common = BTreeMap::new();
    for place in ring
        .members
        .keys()
        .filter_map(|account| rings_of.get(account))
        .flatten()
    {
        *common.entry(*place).or_default() += 1;
    }
    common
}
