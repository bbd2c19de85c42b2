//! The crowd: a slice of an audience is no ring.
//!
//! Thousands come whenever one artist posts. Held against the whole platform, any hundred of them share far more than
//! chance allows, and those who came in the same minute once share that as well. But they were not picked
//! from the platform, they were picked from the crowd. So a set with many [bystanders](crate::rings::gap) is asked a second
//! time, with the set and its bystanders for a platform: of those who are into this, do *these* share more than
//! they would by chance?
//!
//! It is the statistic of `rings::statistic` again, with the numbers of the crowd: what `d` of its `C` accounts have, `k` of
//! the `n` members have (hypergeometric); a moment that `d` of the crowd's accounts on the key hit, `k` of the members on
//! it hit. Both pay for the entity, and the set pays `ln C(C, n)` for having been picked from the crowd. A moment
//! counts its own members here: what everybody in it has in common is what the set would have been picked by.
//!
//! Fewer bystanders are no crowd. They may be members whom the search left out, and what two thirds of the accounts
//! in question do is no measure of what the last third does by chance.

use crate::entities::Sharing;
use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::statistic;
use crate::rings::weigh::Scales;
use crate::sparse::repeats::Sieve;

/// Bystanders for each member that make a crowd.
const CROWD: usize = 2;

/// Nats by which what `accounts` (ascending) do in common goes beyond what as many of the crowd around them would, all
/// costs paid; `None` where their `bystanders` (ascending) are no crowd. Cost: the accounts of everything in
/// `evidence`.
pub fn beyond_crowd(
    scales: &Scales<'_>,
    accounts: &[u32],
    bystanders: &[u32],
    evidence: &[Evidence],
) -> Option<f64> {
    if bystanders.len() < CROWD * accounts.len() {
        return None;
    }
    let mut crowd = [accounts, bystanders].concat();
    crowd.sort_unstable();
    let (size, among) = (accounts.len() as f64, crowd.len() as f64);
    let (members, crowd) = (Accounts::of(accounts), Accounts::of(&crowd));
    let behaviour = |one: &&Evidence| {
        let facts = &scales.population.types[one.entity_type];
        facts.kind == Kind::Behaviour && one.nats > 0.0
    };
    let nats: f64 = evidence
        .iter()
        .filter(behaviour)
        .map(|one| {
            let facts = &scales.population.types[one.entity_type];
            let from = one.window.map(|(from, _)| from);
            let having = scales.having(one.entity_type, one.entity, from);
            let (total, acting) = match on_key(scales, one) {
                Some(actors) if facts.given_key => (crowd.common(actors), members.common(actors)),
                _ => (among, size),
            };
            let sharing = one.members.len() as f64;
            let ln_e = statistic::shared(total, crowd.common(having), acting, sharing);
            statistic::contribution(ln_e, facts.pickable)
        })
        .sum();
    let types = scales.population.types.len();
    Some(nats - statistic::cost(among, size, types))
}

/// Whoever acted on the key of a moment; perhaps more than once.
fn on_key<'a>(scales: &Scales<'a>, one: &Evidence) -> Option<&'a [u32]> {
    let Sharing::Windowed { postings, .. } = &scales.entities.types[one.entity_type].sharing else {
        return None;
    };
    let key = one.entity as usize;
    let (from, to) = (postings.offsets[key], postings.offsets[key + 1]);
    Some(&postings.nodes[from as usize..to as usize])
}

/// Accounts (ascending) that others are looked for among.
struct Accounts<'a> {
    all: &'a [u32],
    /// Whom it is worth looking for.
    perhaps: Sieve,
}

impl<'a> Accounts<'a> {
    fn of(all: &'a [u32]) -> Self {
        Accounts {
            all,
            perhaps: Sieve::of(all),
        }
    }

    /// How many of `some`, each once, are among them.
    fn common(&self, some: &[u32]) -> f64 {
        let inside =
            |&account: &u32| self.perhaps.has(account) && self.all.binary_search(&account).is_ok();
        let mut inside: Vec<u32> = some.iter().copied().filter(inside).collect();
        inside.sort_unstable();
        inside.dedup();
        inside.len() as f64
    }
}
