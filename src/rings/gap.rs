//! The gap: a ring ends somewhere, a taste does not.
//!
//! Around people of one taste there are always more who share it a little less; whatever border a search
//! draws, there are many just outside. Around a ring there is nobody: an account has worked through the
//! list, or it has met one item of it by chance. So for a set that its deeds hold together, the accounts
//! outside are asked what they share with the mean member, `Σ ln(N/d) (k − 1)/(n − 1)` over its subjects,
//! each once, and those are counted that share at least half of what the median member does.
//!
//! No model of taste is needed: the question is not how clubby the platform is, only whether the club has a
//! door.

use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::weigh::Scales;
use crate::sparse::repeats::Slots;

/// Of what the median member shares, what makes an outsider a bystander.
const CLOSE: f64 = 0.5;

/// Accounts outside `accounts` (ascending) that share with them almost what members do, ascending; none where
/// no behaviour is in evidence. Cost: the accounts of everything in `evidence`.
pub fn bystanders(scales: &Scales<'_>, accounts: &[u32], evidence: &[Evidence]) -> Vec<u32> {
    let others = (accounts.len() as f64 - 1.0).max(1.0);
    let mut behaviour: Vec<((usize, u32), &Evidence)> = evidence
        .iter()
        .filter(|one| one.is_repetition())
        .filter(|one| scales.population.types[one.entity_type].kind == Kind::Behaviour)
        .map(|one| (scales.subjects.of(one), one))
        .collect();
    behaviour.sort_by_key(|&(subject, _)| subject);
    // Account and subject in one word: such are sorted fastest.
    let mut meetings: Vec<(u64, f64)> = Vec::new();
    for (subject, met) in (0u64..).zip(behaviour.chunk_by(|a, b| a.0 == b.0)) {
        for &(_, one) in met {
            let facts = &scales.population.types[one.entity_type];
            let nats = facts.rarity(one.accounts) * (one.members.len() as f64 - 1.0) / others;
            let from = one.window.map(|(from, _)| from);
            let having = scales.having(one.entity_type, one.entity, from);
            meetings.extend(
                having
                    .into_iter()
                    .map(|account| (u64::from(account) << 32 | subject, nats)),
            );
        }
    }
    // What all the meetings come to of whoever shares a slot, which no account exceeds; and whether a member does.
    let slots = Slots::of(meetings.len());
    let slot = |met: u64| slots.slot((met >> 32) as u32);
    let mut at_most = vec![(0.0, false); slots.count()];
    for &(met, nats) in &meetings {
        at_most[slot(met)].0 += nats;
    }
    for &account in accounts {
        at_most[slots.slot(account)].1 = true;
    }
    let near = meetings.iter().filter(|(met, _)| at_most[slot(*met)].1);
    let near = ties(near.copied().collect());
    let tie = |account: &u32| {
        let at = near.binary_search_by_key(account, |&(other, _)| other);
        at.map_or(0.0, |at| near[at].1)
    };
    let mut members: Vec<f64> = accounts.iter().map(tie).collect();
    members.sort_unstable_by(f64::total_cmp);
    let usual = members.get(members.len() / 2).copied().unwrap_or(0.0);
    if usual <= 0.0 {
        return Vec::new();
    }
    // Whoever may be close: what is summed in another order is rounded otherwise.
    meetings.retain(|&(met, _)| at_most[slot(met)].0 >= CLOSE * usual * (1.0 - 1e-9));
    let outside = |account: &u32| accounts.binary_search(account).is_err();
    ties(meetings)
        .into_iter()
        .filter(|&(account, nats)| nats >= CLOSE * usual && outside(&account))
        .map(|(account, _)| account)
        .collect()
}

/// What each account shares, ascending by account, by its `meetings`: account and subject, and nats. A subject is shared
/// once, however often two accounts met over it: what says most of it counts.
fn ties(mut meetings: Vec<(u64, f64)>) -> Vec<(u32, f64)> {
    meetings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    meetings.dedup_by_key(|&mut (met, _)| met);
    meetings
        .chunk_by(|a, b| a.0 >> 32 == b.0 >> 32)
        .map(|of_one| {
            let nats = of_one.iter().fold(0.0, |sum, &(_, nats)| sum + nats);
            ((of_one[0].0 >> 32) as u32, nats)
        })
        .collect()
}
