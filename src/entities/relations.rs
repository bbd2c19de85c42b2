//! Relations: entities that are accounts themselves, named by other accounts.
//!
//! An account is whoever acts or is named, so accounts that are only ever named count among all accounts.
//! Of an account's rows every other account that it names counts once; naming oneself says nothing.
//! What is kept is the directed graph, both ways round: `of_account` holds whom an account names,
//! `of_entity` who names it. Nothing is dropped: a cap concerns only the pairs that name the same third.

use crate::events::{EventLog, NONE};
use crate::sparse::rows::Rows;

/// Pairs by way of a third, for each relation, where the definition sets no cap.
const PAIRS_PER_RELATION: u64 = 8;

/// Whom each account names, by event row `named[row]`: ascending, once each, never itself.
pub(super) fn names(log: &EventLog, named: &[u32]) -> Rows {
    Rows::build(log.accounts.len(), |account, row| {
        let others = named[log.rows_of(account)].iter().copied();
        row.extend(others.filter(|&other| other != NONE && other != account));
    })
}

/// The largest number of accounts that may name a third for them to be linked by it, read off the data:
/// thirds are taken from the least named on, as long as they make at most 8 pairs for each relation.
///
/// So the work is linear in the relations, whatever the tail of fame; a graph without fame has no cap.
/// At least 2. Cost: `O(accounts)`.
pub(super) fn cap_of_thirds(named_by: &Rows) -> u32 {
    let degrees = || (0..named_by.len() as u32).map(|account| named_by.degree(account));
    let most = degrees().max().unwrap_or(0);
    let mut thirds = vec![0u64; most as usize + 1];
    for degree in degrees() {
        thirds[degree as usize] += 1;
    }
    let budget = PAIRS_PER_RELATION.saturating_mul(named_by.total() as u64);
    let mut pairs = 0u64;
    for (degree, &count) in (0u64..).zip(&thirds) {
        pairs = pairs.saturating_add(count.saturating_mul(degree * degree.saturating_sub(1) / 2));
        if pairs > budget {
            return (degree.saturating_sub(1) as u32).max(2);
        }
    }
    most.max(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accounts named by so many others each.
    fn named_by(degrees: &[u32]) -> Rows {
        Rows::build(degrees.len(), |account, row| {
            row.extend(0..degrees[account as usize]);
        })
    }

    #[test]
    fn without_fame_there_is_no_cap() {
        assert_eq!(cap_of_thirds(&named_by(&[7; 100])), 7);
        assert_eq!(cap_of_thirds(&named_by(&[0, 1, 0])), 2);
        assert_eq!(cap_of_thirds(&named_by(&[])), 2);
    }

    #[test]
    fn fame_is_capped_where_its_pairs_outnumber_the_relations() {
        // 1,000 ordinary accounts with 10 relations and 45 pairs each, and one star.
        let mut degrees = vec![10; 1_000];
        degrees.push(2_000);
        let cap = cap_of_thirds(&named_by(&degrees));
        assert!((10..2_000).contains(&cap), "{cap}");
        // A small star makes few pairs: it stays.
        degrees[1_000] = 100;
        assert_eq!(cap_of_thirds(&named_by(&degrees)), 100);
    }
}
