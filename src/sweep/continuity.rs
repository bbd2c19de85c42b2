//! Continuity: which ring of the last sweep each ring of this one continues.
//!
//! Greene, Doyle & Cunningham, *Tracking the evolution of communities in dynamic social networks*, ASONAM
//! 2010: rings match when the Jaccard index of their members reaches a threshold. The best match hands its
//! id on, so that a case keeps its name while members come and go. One old ring with several new matches
//! was split, several old ones with one new match were merged.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::publish::SweepTables;
use crate::sparse::node_set::NodeSet;

/// Members in common over members of either, from which on two rings are the same ring.
const SAME_RING: f64 = 0.3;

/// Gives the rings of `now` their ids and status in the light of the sweep `before`.
pub fn continue_from(before: &SweepTables, now: &mut SweepTables) {
    let numbers = numbers(before, now);
    let (old, new) = (
        members_by_ring(before, &numbers),
        members_by_ring(now, &numbers),
    );
    let mut matches = matches(&old, &new);
    matches.sort_by(|a, b| {
        b.jaccard
            .total_cmp(&a.jaccard)
            .then((&a.old, &a.new).cmp(&(&b.old, &b.new)))
    });
    let mut heir: BTreeMap<&str, &str> = BTreeMap::new();
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for one in &matches {
        if !heir.contains_key(one.new) && given.insert(one.old) {
            heir.insert(one.new, one.old);
        }
    }
    let mut descent: BTreeMap<String, (String, &'static str)> = BTreeMap::new();
    for (&id, members) in &new {
        let parents: Vec<&str> = matches
            .iter()
            .filter(|one| one.new == id)
            .map(|one| one.old)
            .collect();
        let siblings = matches
            .iter()
            .filter(|one| parents.contains(&one.old) && one.new != id)
            .count();
        let status = match (parents.len(), siblings, heir.get(id)) {
            (0, ..) => "new",
            (2.., ..) => "merged",
            (_, 1.., _) | (.., None) => "split",
            (.., Some(parent)) => match members.len().cmp(&old[parent].len()) {
                Ordering::Greater => "grown",
                Ordering::Less => "shrunk",
                Ordering::Equal => "continued",
            },
        };
        descent.insert(
            id.to_owned(),
            (heir.get(id).unwrap_or(&id).to_string(), status),
        );
    }
    let ids = rename(now, &descent);
    debug_assert_eq!(ids, now.rings.len(), "two rings would share an id");
}

/// Puts the inherited ids and the status in; returns the number of distinct ids.
fn rename(tables: &mut SweepTables, descent: &BTreeMap<String, (String, &'static str)>) -> usize {
    let inherit = |id: &mut String| {
        if let Some((inherited, _)) = descent.get(id) {
            id.clone_from(inherited);
        }
    };
    for ring in &mut tables.rings {
        if let Some((_, status)) = descent.get(&ring.ring_id) {
            (*status).clone_into(&mut ring.status);
        }
        inherit(&mut ring.ring_id);
    }
    tables
        .members
        .iter_mut()
        .for_each(|row| inherit(&mut row.ring_id));
    tables
        .evidence
        .iter_mut()
        .for_each(|row| inherit(&mut row.ring_id));
    tables
        .links
        .iter_mut()
        .for_each(|row| inherit(&mut row.ring_id));
    tables
        .uses
        .iter_mut()
        .for_each(|row| inherit(&mut row.ring_id));
    tables
        .seeds
        .iter_mut()
        .for_each(|row| inherit(&mut row.ring_id));
    tables
        .rings
        .iter()
        .map(|ring| &ring.ring_id)
        .collect::<BTreeSet<_>>()
        .len()
}

/// Two rings with enough members in common.
struct Match<'a> {
    old: &'a str,
    new: &'a str,
    jaccard: f64,
}

type Members<'a> = BTreeMap<&'a str, NodeSet>;

/// Members of each ring, accounts numbered by `numbers`.
fn members_by_ring<'a>(tables: &'a SweepTables, numbers: &BTreeMap<&str, u32>) -> Members<'a> {
    let mut rings = Members::new();
    for member in &tables.members {
        let number = numbers.get(member.account_id.as_str()).copied();
        rings.entry(&member.ring_id).or_default().extend(number);
    }
    rings
}

/// A number for every account of either sweep.
fn numbers<'a>(before: &'a SweepTables, now: &'a SweepTables) -> BTreeMap<&'a str, u32> {
    let members = before.members.iter().chain(&now.members);
    let accounts: BTreeSet<&str> = members.map(|member| member.account_id.as_str()).collect();
    accounts.into_iter().zip(0..).collect()
}

fn matches<'a>(old: &Members<'a>, new: &Members<'a>) -> Vec<Match<'a>> {
    let mut old_rings_of: BTreeMap<u32, Vec<&'a str>> = BTreeMap::new();
    for (&id, members) in old {
        for member in members.iter() {
            old_rings_of.entry(member).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    for (&id, members) in new {
        let touched: BTreeSet<&str> = members
            .iter()
            .filter_map(|member| old_rings_of.get(&member))
            .flatten()
            .copied()
            .collect();
        found.extend(touched.into_iter().filter_map(|ring| {
            let jaccard = old[ring].jaccard(members);
            (jaccard >= SAME_RING).then_some(Match {
                old: ring,
                new: id,
                jaccard,
            })
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::{MemberRow, RingRow};

    fn sweep(rings: &[(&str, std::ops::Range<u32>)]) -> SweepTables {
        let mut tables = SweepTables::default();
        for (id, members) in rings {
            tables.rings.push(RingRow {
                ring_id: (*id).to_owned(),
                size: members.len() as u32,
                tier: "review".to_owned(),
                bits: 0.0,
                q_value: 0.0,
                score: 0.0,
                first_ts: String::new(),
                last_ts: String::new(),
                density: 0.0,
                exclusivity: 0.0,
                synchrony: 0.0,
                repetition: 0.0,
                reasons: String::new(),
                status: "new".to_owned(),
                cost: 0.0,
            });
            tables
                .members
                .extend(members.clone().map(|member| MemberRow {
                    account_id: format!("a{member}"),
                    ring_id: (*id).to_owned(),
                    tier: "review".to_owned(),
                    score: 0.0,
                    role: "core".to_owned(),
                    reasons: String::new(),
                }));
        }
        tables
    }

    fn followed(
        old: &[(&str, std::ops::Range<u32>)],
        new: &[(&str, std::ops::Range<u32>)],
    ) -> Vec<(String, String)> {
        let mut now = sweep(new);
        continue_from(&sweep(old), &mut now);
        now.rings
            .into_iter()
            .map(|ring| (ring.ring_id, ring.status))
            .collect()
    }

    #[test]
    fn rings_keep_their_names_while_members_come_and_go() {
        let old = [
            ("A", 0..10),
            ("B", 20..30),
            ("C", 40..50),
            ("D", 60..70),
            ("E", 70..80),
        ];
        let new = [
            ("p", 0..10),
            ("q", 20..32),
            ("r", 40..47),
            ("s", 60..80),
            ("t", 90..95),
        ];
        let expected = [
            ("A", "continued"),
            ("B", "grown"),
            ("C", "shrunk"),
            ("D", "merged"),
            ("t", "new"),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|&(id, status)| (id.to_owned(), status.to_owned()))
            .collect();
        assert_eq!(followed(&old, &new), expected);
    }

    #[test]
    fn halves_of_a_ring_are_split_and_one_keeps_the_name() {
        let found = followed(&[("A", 0..20)], &[("p", 0..11), ("q", 11..20)]);
        assert_eq!(found[0], ("A".to_owned(), "split".to_owned()));
        assert_eq!(found[1], ("q".to_owned(), "split".to_owned()));
    }
}
