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

use std::collections::HashMap;

use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::weigh::Scales;

/// Of what the median member shares, what makes an outsider a bystander.
const CLOSE: f64 = 0.5;

/// Accounts outside `accounts` (ascending) that share with them almost what members do, ascending; none where
/// no behaviour is in evidence. Cost: the accounts of everything in `evidence`.
pub fn bystanders(scales: &Scales<'_>, accounts: &[u32], evidence: &[Evidence]) -> Vec<u32> {
    let mut ties: HashMap<u32, f64> = HashMap::new();
    let others = (accounts.len() as f64 - 1.0).max(1.0);
    let mut behaviour: Vec<((usize, u32), &Evidence)> = evidence
        .iter()
        .filter(|one| one.is_repetition())
        .filter(|one| scales.population.types[one.entity_type].kind == Kind::Behaviour)
        .map(|one| (scales.subjects.of(one), one))
        .collect();
    behaviour.sort_by_key(|&(subject, _)| subject);
    for subject in behaviour.chunk_by(|a, b| a.0 == b.0) {
        // A subject is shared once, however often two accounts met over it.
        let mut most: HashMap<u32, f64> = HashMap::new();
        for &(_, one) in subject {
            let facts = &scales.population.types[one.entity_type];
            let nats = facts.rarity(one.accounts) * (one.members.len() as f64 - 1.0) / others;
            for account in scales.having(
                one.entity_type,
                one.entity,
                one.window.map(|(from, _)| from),
            ) {
                let tie = most.entry(account).or_default();
                *tie = tie.max(nats);
            }
        }
        for (account, nats) in most {
            *ties.entry(account).or_default() += nats;
        }
    }
    let tie = |account: &u32| ties.get(account).copied().unwrap_or(0.0);
    let mut members: Vec<f64> = accounts.iter().map(tie).collect();
    members.sort_unstable_by(f64::total_cmp);
    let usual = members.get(members.len() / 2).copied().unwrap_or(0.0);
    if usual <= 0.0 {
        return Vec::new();
    }
    let mut close: Vec<u32> = ties
        .into_iter()
        .filter(|(account, nats)| {
            *nats >= CLOSE * usual && accounts.binary_search(account).is_err()
        })
        .map(|(account, _)| account)
        .collect();
    close.sort_unstable();
    close
}
