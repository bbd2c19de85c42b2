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
use crate::sparse::repeats::{Sieve, Slots};

/// Of what the median member shares, what makes an outsider a bystander.
const CLOSE: f64 = 0.5;

/// Some evidence, and who has it.
struct Met<'a> {
    /// Number of its subject.
    subject: u32,
    /// Nats that whoever has it shares with the mean member.
    nats: f64,
    having: &'a [u32],
}

/// Each meeting of an account that is wanted with one of `met`: account and index as one word, which are sorted fastest.
fn meetings(met: &[Met], wanted: impl Fn(u32) -> bool) -> Vec<u64> {
    let mut meetings = Vec::new();
    for (at, one) in (0u64..).zip(met) {
        let having = one.having.iter().filter(|&&account| wanted(account));
        meetings.extend(having.map(|&account| u64::from(account) << 32 | at));
    }
    meetings
}

/// Accounts outside `accounts` (ascending) that share with them almost what members do, ascending; none where
/// no behaviour is in evidence. Cost: the accounts of everything in `evidence`, and of little of it more than a glance.
pub fn bystanders(scales: &Scales, accounts: &[u32], evidence: &[Evidence]) -> Vec<u32> {
    let met = met(scales, accounts, evidence);
    let members = Sieve::of(accounts);
    let near = ties(&met, meetings(&met, |account| members.has(account)));
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
    let outside = |account: &u32| accounts.binary_search(account).is_err();
    ties(&met, close(&met, CLOSE * usual))
        .into_iter()
        .filter(|&(account, nats)| nats >= CLOSE * usual && outside(&account))
        .map(|(account, _)| account)
        .collect()
}

/// The behaviour in `evidence` about `accounts`, by subject; of a subject, what says most first.
fn met<'a>(scales: &Scales<'a>, accounts: &[u32], evidence: &[Evidence]) -> Vec<Met<'a>> {
    let others = (accounts.len() as f64 - 1.0).max(1.0);
    let mut behaviour: Vec<((usize, u32), &Evidence)> = evidence
        .iter()
        .filter(|one| one.is_repetition())
        .filter(|one| scales.population.types[one.entity_type].kind == Kind::Behaviour)
        .map(|one| (scales.subjects.of(one), one))
        .collect();
    behaviour.sort_by_key(|&(subject, _)| subject);
    let by_subject = (0..).zip(behaviour.chunk_by(|a, b| a.0 == b.0));
    let mut met: Vec<Met> = by_subject
        .flat_map(|(subject, met)| {
            met.iter().map(move |&(_, one)| {
                let facts = &scales.population.types[one.entity_type];
                let from = one.window.map(|(from, _)| from);
                Met {
                    subject,
                    nats: facts.rarity(one.accounts) * (one.members.len() as f64 - 1.0) / others,
                    having: scales.having(one.entity_type, one.entity, from),
                }
            })
        })
        .collect();
    most_first(&mut met);
    met
}

fn most_first(met: &mut [Met]) {
    met.sort_by(|a, b| a.subject.cmp(&b.subject).then(b.nats.total_cmp(&a.nats)));
}

/// The meetings of whoever may share `least` nats, in the order of `met`.
///
/// What all the meetings come to of whoever shares a slot, no account exceeds. And who has nothing but the subjects that
/// most accounts have, of which there are too few to come to `least`, need not be counted at all.
fn close(met: &[Met], least: f64) -> Vec<u64> {
    // What is summed in another order is rounded otherwise.
    let least = least * (1.0 - 1e-9);
    let (common, of_common) = common(met, least);
    let is_common = |one: &&Met| common[one.subject as usize];
    let rare = || met.iter().filter(|one| !is_common(one));
    let slots = Slots::of(rare().map(|one| one.having.len()).sum());
    let mut at_most = vec![0.0; slots.count()];
    for one in rare() {
        for &account in one.having {
            at_most[slots.slot(account)] += one.nats;
        }
    }
    if of_common > 0.0 {
        for sum in &mut at_most {
            *sum = if *sum + of_common < least {
                -f64::INFINITY
            } else {
                *sum
            };
        }
        for one in met.iter().filter(is_common) {
            for &account in one.having {
                at_most[slots.slot(account)] += one.nats;
            }
        }
    }
    let may = |account: u32| at_most[slots.slot(account)] >= least;
    meetings(met, may)
}

/// Whether a subject is one of those that most accounts have and that together say less than `least`; and what they say.
fn common(met: &[Met], least: f64) -> (Vec<bool>, f64) {
    let mut subjects: Vec<(usize, f64, usize)> = met
        .chunk_by(|a, b| a.subject == b.subject)
        .enumerate()
        .map(|(subject, met)| {
            let having = met.iter().map(|one| one.having.len()).sum();
            let most = met.iter().fold(0.0, |most: f64, one| most.max(one.nats));
            (having, most, subject)
        })
        .collect();
    subjects.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)));
    let (mut common, mut sum) = (vec![false; subjects.len()], 0.0);
    for (_, most, subject) in subjects {
        if sum + most >= least {
            break;
        }
        sum += most;
        common[subject] = true;
    }
    (common, sum)
}

/// What each account shares, ascending by account, by its `meetings` with `met`. A subject is shared once, however often two
/// accounts met over it: what says most of it counts.
fn ties(met: &[Met], mut meetings: Vec<u64>) -> Vec<(u32, f64)> {
    meetings.sort_unstable();
    let mut ties: Vec<(u32, f64)> = Vec::new();
    let mut last = None;
    for meeting in meetings {
        let (account, one) = ((meeting >> 32) as u32, &met[meeting as u32 as usize]);
        if last == Some((account, one.subject)) {
            continue;
        }
        match ties.last_mut() {
            Some(tie) if tie.0 == account => tie.1 += one.nats,
            _ => ties.push((account, 0.0 + one.nats)),
        }
        last = Some((account, one.subject));
    }
    ties
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whoever is close is found, with exactly what counting everybody says.
        #[test]
        fn nobody_close_is_overlooked(
            lists in prop::collection::vec((0u64..6, 1u32..9, prop::collection::vec(0u32..90, 0..60)), 1..20),
            least in 1u32..40,
        ) {
            let mut lists = lists;
            lists.sort_by_key(|list| list.0);
            let mut met: Vec<Met> = Vec::new();
            let mut last = None;
            for (subject, nats, having) in &lists {
                // Subjects are numbered in a row.
                let number = met.last().map_or(0, |met| met.subject + u32::from(last != Some(subject)));
                last = Some(subject);
                met.push(Met { subject: number, nats: f64::from(*nats) / 7.0, having });
            }
            let least = f64::from(least) / 7.0;
            most_first(&mut met);
            let all = meetings(&met, |_| true);
            let expected: Vec<_> = ties(&met, all).into_iter().filter(|tie| tie.1 >= least).collect();
            let mut found = ties(&met, close(&met, least));
            found.retain(|tie| tie.1 >= least);
            prop_assert_eq!(found, expected);
        }
    }
}
