//! Parts: what each member has to do with its ring.
//!
//! Two figures. What the ring would lose without the account, and what the account shares with the mean
//! member, `Σ ln(N/d) (k − 1)/(n − 1)` over the subjects it shares, against the median member. The second
//! tells members from neighbours: whoever lends a pool one address, or shares one tablet with a member,
//! may be worth a few nats and shares next to nothing with most of the ring.

use std::collections::BTreeMap;

use crate::recipe::definition::Tiers;
use crate::rings::case::Case;
use crate::rings::from_communities::{Evidence, Member};
use crate::rings::tier::Tier;
use crate::rings::tiers::{Ground, Part, member_tier};
use crate::rings::weigh::{Scales, Weighed};

/// The members of `weighed`, a ring in a tier on some ground, with their parts. Evidence that a member shares `at_home` (by
/// member, or nothing; see [`residents`](crate::rings::residents)) is no sign of belonging. Cost: the incidences of its evidence, and
/// its exhibits once per member.
pub fn members(
    weighed: &Weighed,
    (ring_tier, ground): (Tier, Ground),
    at_home: &[Vec<u32>],
    scales: &Scales<'_>,
    rules: &Tiers,
) -> Vec<Member> {
    let set = &weighed.set;
    let mut evidence_of: Vec<Vec<u32>> = vec![Vec::new(); set.accounts.len()];
    for (at, one) in (0..).zip(weighed.evidence.iter()) {
        for member in one.places(&set.accounts) {
            evidence_of[member as usize].push(at);
        }
    }
    let ties: Vec<Tie> = evidence_of
        .iter()
        .enumerate()
        .map(|(member, numbers)| {
            let at_home = at_home.get(member).map_or(&[][..], |numbers| numbers);
            let evidence = numbers
                .iter()
                .filter(|at| at_home.binary_search(at).is_err())
                .map(|&at| &weighed.evidence[at as usize]);
            tie(weighed, evidence, ground, scales)
        })
        .collect();
    let mut ordered: Vec<f64> = ties.iter().map(|tie| tie.nats).collect();
    ordered.sort_unstable_by(f64::total_cmp);
    let usual = ordered[ordered.len() / 2].max(f64::MIN_POSITIVE);
    let by_member = set.by_member();
    let own = weighed.null.map(|null| scales.population.with_null(null));
    let mut case = Case::new(set, &by_member, own.as_ref().unwrap_or(scales.population));
    set.accounts
        .iter()
        .zip(evidence_of)
        .zip(ties)
        .enumerate()
        .map(|(member, ((&account, evidence), tie))| {
            case.remove(member as u32);
            let nats = weighed.nats - case.evidence();
            case.restore(member as u32);
            let part = Part {
                subjects: tie.subjects,
                share: tie.nats / usual,
                nats,
            };
            let tier = member_tier(ring_tier, part, rules);
            // Where evidence and a person disagree, that is for a person to settle.
            let seeds = &scales.population.seeds;
            let tier = if seeds.is_good(account) {
                tier.max(Tier::Review)
            } else if seeds.is_bad(account) {
                tier.min(ring_tier.max(Tier::Review))
            } else {
                tier
            };
            Member {
                account,
                nats,
                tier,
                evidence,
            }
        })
        .collect()
}

/// What one member shares with the others.
struct Tie {
    subjects: usize,
    /// With the mean other member.
    nats: f64,
}

/// Sums `evidence` that one member has a part in, each subject once, of the kinds that the ring stands on.
fn tie<'e>(
    weighed: &Weighed,
    evidence: impl Iterator<Item = &'e Evidence>,
    ground: Ground,
    scales: &Scales<'_>,
) -> Tie {
    let others = (weighed.size() as f64 - 1.0).max(1.0);
    let mut by_subject: BTreeMap<(usize, u32), f64> = BTreeMap::new();
    for one in evidence.filter(|one| one.is_repetition()) {
        let facts = &scales.population.types[one.entity_type];
        if facts.kind.is_deed() != (ground == Ground::Deeds) {
            continue;
        }
        let nats = facts.rarity(one.accounts) * (one.members.len() as f64 - 1.0) / others;
        let most = by_subject.entry(scales.subjects.of(one)).or_default();
        *most = most.max(nats);
    }
    Tie {
        subjects: by_subject.len(),
        nats: by_subject.values().sum(),
    }
}
