//! Parts: what each member has to do with its ring.
//!
//! Two figures. What the ring would lose without the account, and what the account shares with the mean
//! member, `Σ ln(N/d) (k − 1)/(n − 1)` over the subjects it shares, against the median member. The second
//! tells members from neighbours: whoever lends a pool one address, or shares one tablet with a member,
//! may be worth a few nats and shares next to nothing with most of the ring.

use crate::recipe::definition::Tiers;
use crate::rings::case::Case;
use crate::rings::from_communities::Member;
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
    let shared = shared(weighed, ground, scales);
    let ties: Vec<Tie> = evidence_of
        .iter()
        .enumerate()
        .map(|(member, numbers)| {
            let at_home = at_home.get(member).map_or(&[][..], |numbers| numbers);
            let evidence = numbers
                .iter()
                .filter(|at| at_home.binary_search(at).is_err())
                .filter_map(|&at| shared[at as usize]);
            tie(evidence.collect())
        })
        .collect();
    let mut ordered: Vec<f64> = ties.iter().map(|tie| tie.nats).collect();
    ordered.sort_unstable_by(f64::total_cmp);
    let usual = ordered[ordered.len() / 2].max(f64::MIN_POSITIVE);
    let by_member = set.by_member();
    let own = weighed.null.map(|null| scales.population.with_null(null));
    let seed_nats = weighed.seed_nats();
    let mut case = Case::new(set, &by_member, own.as_ref().unwrap_or(scales.population));
    set.accounts
        .iter()
        .zip(evidence_of)
        .zip(ties)
        .enumerate()
        .map(|(member, ((&account, evidence), tie))| {
            case.remove(member as u32);
            let nats = weighed.nats - case.evidence();
            // Seeds say a little less of a larger set; that is not what the account does.
            let thinned = (case.seed_nats() - seed_nats).max(0.0);
            case.restore(member as u32);
            let part = Part {
                subjects: tie.subjects,
                share: tie.nats / usual,
                nats: nats + thinned,
                seed_nats,
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

/// A subject, and nats that whoever shares it has in common with the mean other member.
type Shared = ((usize, u32), f64);

/// What each piece of evidence says about whoever has it, if it is of the kinds that the ring stands on.
fn shared(weighed: &Weighed, ground: Ground, scales: &Scales<'_>) -> Vec<Option<Shared>> {
    let others = (weighed.size() as f64 - 1.0).max(1.0);
    let evidence = weighed.evidence.iter();
    evidence
        .map(|one| {
            let facts = &scales.population.types[one.entity_type];
            let counts = facts.kind.is_deed() == (ground == Ground::Deeds);
            (one.is_repetition() && counts).then(|| {
                let nats = facts.rarity(one.accounts) * (one.members.len() as f64 - 1.0) / others;
                (scales.subjects.of(one), nats)
            })
        })
        .collect()
}

/// Sums what one member has `shared`, each subject once.
fn tie(mut shared: Vec<Shared>) -> Tie {
    shared.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    shared.dedup_by_key(|one| one.0);
    Tie {
        subjects: shared.len(),
        nats: shared.iter().map(|one| one.1).sum(),
    }
}
