//! Topic: do the things on a list belong together for people who are not in the set?
//!
//! A club's list is a taste: whoever else has one of its artists has others too. A ring's list is a list of orders:
//! to everybody else its items have nothing to do with each other. So the accounts *outside* the set are asked
//! how many pairs of the listed things they have, against what their activity and the things' popularity foretell:
//!
//! ```text
//! Σ c(c−1)/2  over  Σ a(a−1)/2 · (L² − Σ L_j²) / M²
//! ```
//!
//! with `c` the listed things of an outsider and `a` all its things, `L_j` the outsiders of a thing, `L` their sum, and
//! `M` the incidences of everybody outside. Nothing is asked about the members themselves, so a ring cannot
//! excuse itself, and no model of interests is needed.

use crate::entities::{EntityGraph, Sharing};
use crate::recipe::Kind;
use crate::rings::population::Population;
use crate::sparse::ascending::in_both;
use crate::sparse::repeats::keep_repeats;

/// By how many standard deviations a count of pairs could have been larger.
const DOUBT: f64 = 3.0;

/// How far the list of a set is a taste of people outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Topic {
    /// By how much more often than foretold outsiders have two of the things; where there are few to
    /// ask, what tight clubs show. At least 1 and at most that.
    pub affinity: f64,
    /// 0 where the things have nothing to do with each other, or nobody can be asked; 1 where they belong
    /// together as in a tight club.
    pub taste: f64,
    /// The same as far as outsiders do not refute it: 1 where nobody can be asked.
    pub unrefuted: f64,
}

/// Asks those outside `accounts` (ascending) about the entities `listed` of plain behaviour type `entity_type`;
/// `None` for other types, and where fewer than two are listed. Cost: the accounts of those.
pub fn topic(
    entities: &EntityGraph<'_>,
    population: &Population,
    entity_type: usize,
    accounts: &[u32],
    listed: impl IntoIterator<Item = u32>,
) -> Option<Topic> {
    let facts = &population.types[entity_type];
    let Sharing::Plain {
        of_account,
        of_entity,
    } = &entities.types[entity_type].sharing
    else {
        return None;
    };
    if facts.kind != Kind::Behaviour {
        return None;
    }
    let mut having: Vec<u32> = Vec::new();
    let (mut things, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for entity in listed {
        let all = of_entity.get(entity);
        having.extend_from_slice(all);
        let outsiders = (all.len() - in_both(accounts, all)) as f64;
        things += 1.0;
        sum += outsiders;
        squares += outsiders * outsiders;
    }
    if things < 2.0 {
        return None;
    }
    let pairs = |count: u32| f64::from(count) * (f64::from(count) - 1.0) / 2.0;
    keep_repeats(&mut having, |account| account);
    having.sort_unstable();
    let observed: f64 = having
        .chunk_by(|a, b| a == b)
        .filter(|listed| listed.len() > 1 && accounts.binary_search(&listed[0]).is_err())
        .map(|listed| pairs(listed.len() as u32))
        .sum();
    let degree = |account: &u32| of_account.degree(*account);
    let inside: f64 = accounts.iter().map(|a| pairs(degree(a))).sum();
    let taken: f64 = accounts.iter().map(|a| f64::from(degree(a))).sum();
    let outside = (facts.incidences - taken).max(1.0);
    let foretold = (facts.pairs - inside).max(0.0) * (sum * sum - squares) / (outside * outside);
    Some(answer(observed, foretold, things, facts.affinity))
}

/// What `observed` pairs against `foretold` say of a list of `things`, where tight clubs show `club`: that is believed as far as the count, give or take
/// [`DOUBT`] standard deviations, does not refute it; that a list is a taste, only beyond one imaginary pair for each thing.
fn answer(observed: f64, foretold: f64, things: f64, club: f64) -> Topic {
    let club = club.max(1.0);
    // The square root of a count has a standard deviation of one half, whatever the count.
    let most = ((observed + 1.0).sqrt() + DOUBT / 2.0).powi(2) / foretold.max(f64::MIN_POSITIVE);
    let given = (observed + things) / (foretold + things);
    // Half way, in logarithms, between strangers and a tight club a list begins to be a taste.
    // Twice as often as strangers is the least that makes a club.
    let taste = |times: f64| (2.0 * times.max(1.0).ln() / club.max(2.0).ln() - 1.0).clamp(0.0, 1.0);
    Topic {
        affinity: most.clamp(1.0, club),
        taste: taste(given),
        unrefuted: taste(most),
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn orders_have_nothing_to_do_with_each_other_and_a_clubs_artists_do() {
        let orders = answer(1200.0, 1100.0, 24.0, 8.0);
        assert!(orders.taste == 0.0 && orders.affinity < 1.5, "{orders:?}");
        assert_eq!(orders.unrefuted, 0.0);
        let club = answer(9000.0, 1100.0, 24.0, 8.0);
        assert!(club.taste == 1.0 && club.affinity > 7.5, "{club:?}");
    }

    #[test]
    fn where_nobody_can_be_asked_nothing_is_presumed() {
        let alone = answer(0.0, 0.0, 24.0, 8.0);
        assert_eq!((alone.taste, alone.affinity), (0.0, 8.0));
        assert_eq!(alone.unrefuted, 1.0);
    }
}
