//! Growing: members that the communities left outside are taken in.
//!
//! A community detector sees pairs; an account that is busy elsewhere is drawn away from its ring though it
//! shares everything with it. So whoever has what speaks for a ring is asked: accounts whose part in the
//! evidence would pay for one more member, and who share with the mean member at least half of what a member
//! as active as they are would, are taken in, at most as many as the ring has. The larger set is peeled again, and stays
//! if it has more evidence. This repeats while it helps.
//!
//! The second condition keeps strangers apart: two families that have nothing to do with each other also
//! cost less as one set than as two. It is also how rings that span communities come together: each part
//! grows into the other.

use crate::base::run::{Interrupted, Run};
use crate::recipe::Kind;
use crate::rings::case::Case;
use crate::rings::exhibits::{Exhibit, Exhibits};
use crate::rings::population::activity;
use crate::rings::weigh::{Scales, Weighed};

/// Doublings at the most.
const ROUNDS: usize = 8;

/// Of what a member shares with the mean member, how much a newcomer as active has to.
const ALIKE: f64 = 0.5;

/// An outsider's part in the evidence of a set.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    /// Nats that its coming would bring.
    brings: f64,
    /// Nats that it shares with the mean member.
    shares: f64,
}

/// `ring`, or what it grows into. Cost: the accounts of everything that speaks for it, per round.
///
/// # Errors
/// [`Interrupted`].
pub fn grow(scales: &Scales<'_>, ring: Weighed, run: &Run<'_>) -> Result<Weighed, Interrupted> {
    let mut ring = ring;
    for _ in 0..ROUNDS {
        run.check()?;
        let Some(larger) = larger(scales, &ring) else {
            break;
        };
        ring = larger;
    }
    Ok(ring)
}

/// A set with more evidence that takes in accounts from outside, if there is one.
fn larger(scales: &Scales<'_>, ring: &Weighed) -> Option<Weighed> {
    let newcomers = newcomers(scales, &ring.set);
    if newcomers.is_empty() {
        return None;
    }
    let mut accounts = ring.set.accounts.clone();
    accounts.extend(newcomers);
    accounts.sort_unstable();
    scales.stronger(accounts, 2, ring.nats)
}

/// Whether what is popular says most of what the behaviour of the members of `case` says: what made no links did not find
/// the others either.
fn is_by_popular(scales: &Scales<'_>, case: &Case<'_>, set: &Exhibits) -> bool {
    let mut popular = 0.0;
    for (number, exhibit) in set.list.iter().enumerate() {
        if is_behaviour(scales, exhibit) {
            let nats = case.contribution(number, 0);
            popular += if is_hub(scales, exhibit) { nats } else { -nats };
        }
    }
    popular > 0.0
}

fn is_hub(scales: &Scales<'_>, exhibit: &Exhibit) -> bool {
    let cap = scales.entities.types[exhibit.entity_type].plan.max_accounts;
    exhibit.window.is_none() && cap.is_some_and(|most| exhibit.accounts > most)
}

fn is_behaviour(scales: &Scales<'_>, exhibit: &Exhibit) -> bool {
    scales.population.types[exhibit.entity_type].kind == Kind::Behaviour
}

/// Outsiders whose part in the evidence pays for one more member: at most as many as there are members,
/// those with the greatest part.
fn newcomers(scales: &Scales<'_>, set: &Exhibits) -> Vec<u32> {
    let by_member = set.by_member();
    let case = Case::new(set, &by_member, scales.population);
    let size = set.accounts.len() as f64;
    let mut asked: Vec<(u32, Part)> = Vec::new();
    // Nats that two members share on average, by type.
    let mut usual = vec![0.0; scales.entities.types.len()];
    let by_popular = is_by_popular(scales, &case, set);
    for (number, exhibit) in set.list.iter().enumerate() {
        if is_hub(scales, exhibit) && !(by_popular && is_behaviour(scales, exhibit)) {
            // What makes no links recruits nobody.
            continue;
        }
        // What the last member to come brought is what the next one is taken to bring.
        let brings = case.contribution(number, 0) - case.contribution(number, 1);
        if brings <= 0.0 {
            continue;
        }
        let facts = &scales.population.types[exhibit.entity_type];
        let nats = facts.rarity(exhibit.accounts);
        let sharing = f64::from(case.sharing(number)) / size;
        usual[exhibit.entity_type] += nats * sharing * (sharing - 1.0 / size).max(0.0);
        let from = exhibit.window.as_ref().map(|window| window.from);
        let all = scales.having(exhibit.entity_type, exhibit.entity, from);
        let outside = |account: &u32| set.accounts.binary_search(account).is_err();
        let mut has: Vec<u32> = all.iter().copied().filter(outside).collect();
        has.sort_unstable();
        has.dedup();
        let shares = nats * sharing;
        asked.extend(
            has.into_iter()
                .map(|account| (account, Part { brings, shares })),
        );
    }
    // Stable, so that everybody's parts are summed in the order of the exhibits.
    asked.sort_by_key(|&(account, _)| account);
    // What is asked of an account follows how many things it has of each type: with four addresses in
    // all nobody can be on as many of a pool's as one with twenty.
    let usual_activity: Vec<f64> = set
        .activity
        .iter()
        .map(|of| of.iter().map(|&n| f64::from(n)).sum::<f64>() / size)
        .collect();
    let as_active = |account: u32| {
        let types = scales
            .entities
            .types
            .iter()
            .zip(&usual)
            .zip(&usual_activity);
        types
            .filter(|((_, nats), _)| **nats > 0.0)
            .map(|((entity_type, nats), mean)| {
                let own = f64::from(activity(scales.entities, entity_type, account));
                nats * (own / mean).min(1.0)
            })
            .sum::<f64>()
    };
    let alike = |account: u32, part: &Part| part.shares >= ALIKE * as_active(account);
    let price = case.price_of_one_more();
    let mut paying: Vec<(u32, f64)> = asked
        .chunk_by(|a, b| a.0 == b.0)
        .map(|parts| {
            let mut whole = Part::default();
            for (_, part) in parts {
                whole.brings += part.brings;
                whole.shares += part.shares;
            }
            (parts[0].0, whole)
        })
        .filter(|(account, part)| part.brings > price && alike(*account, part))
        .map(|(account, part)| (account, part.brings))
        .collect();
    paying.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    paying.truncate(set.accounts.len());
    paying.into_iter().map(|(account, _)| account).collect()
}
