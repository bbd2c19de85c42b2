//! Evaluation against slow twins that follow the definitions word by word.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use ringsweep::evaluate::{Truth, TruthColumns, TruthError, evaluate};
use ringsweep::publish::{MemberRow, RingRow, SweepTables, Tier};

/// Tier, score, and members with their scores.
type Ring = (usize, u32, Vec<(u32, u32)>);

const TIERS: [&str; 3] = ["act", "review", "watch"];

/// A sweep from rings of accounts: tier, score, members with scores.
fn sweep(rings: &[Ring]) -> SweepTables {
    let mut tables = SweepTables::default();
    for (at, (tier, score, members)) in rings.iter().enumerate() {
        tables.rings.push(RingRow {
            ring_id: format!("R{at}"),
            size: members.len() as u32,
            tier: TIERS[*tier].into(),
            bits: 1.0,
            q_value: 0.0,
            score: f64::from(*score),
            first_ts: String::new(),
            last_ts: String::new(),
            density: 1.0,
            exclusivity: 1.0,
            synchrony: 0.0,
            repetition: 1.0,
            reasons: String::new(),
            status: "new".into(),
            cost: 0.0,
        });
        for (account, score) in members {
            tables.members.push(MemberRow {
                account_id: format!("u{account}"),
                ring_id: format!("R{at}"),
                tier: TIERS[*tier].into(),
                score: f64::from(*score),
                role: "core".into(),
                reasons: String::new(),
            });
        }
    }
    tables
}

fn read(text: &str) -> Result<Truth, TruthError> {
    Truth::read(text.as_bytes(), &TruthColumns::default())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

/// Disjoint rings: every account goes to the ring its number says, or to none.
fn partition(rings: usize) -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..=rings, 1..40)
}

fn groups(homes: &[usize], none: usize) -> BTreeMap<usize, Vec<u32>> {
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (account, &home) in homes.iter().enumerate().filter(|&(_, &home)| home != none) {
        groups.entry(home).or_default().push(account as u32);
    }
    groups
}

proptest! {
    #[test]
    fn figures_equal_their_definitions(
        found in partition(6),
        right in partition(5),
        tiers in proptest::collection::vec(0usize..3, 6),
        ring_scores in proptest::collection::vec(0u32..3, 6),
        member_scores in proptest::collection::vec(0u32..3, 40),
    ) {
        let rings: Vec<Ring> = groups(&found, 6)
            .into_iter()
            .map(|(home, accounts)| {
                let members = accounts.iter().map(|&a| (a, member_scores[a as usize]));
                (tiers[home], ring_scores[home], members.collect())
            })
            .collect();
        let truth_rings: Vec<BTreeSet<u32>> =
            groups(&right, 5).into_values().map(|ring| ring.into_iter().collect()).collect();
        prop_assume!(!truth_rings.is_empty());
        let mut text = String::from("account_id,ring_id\n");
        for (at, ring) in truth_rings.iter().enumerate() {
            for account in ring {
                writeln!(text, "u{account},t{at}").unwrap();
            }
        }
        let evaluation = evaluate(&sweep(&rings), &read(&text).unwrap()).unwrap();
        let bad: BTreeSet<u32> = truth_rings.iter().flatten().copied().collect();
        let known: Vec<&BTreeSet<u32>> = truth_rings.iter().filter(|ring| ring.len() > 1).collect();
        prop_assert_eq!(evaluation.bad_accounts, bad.len() as u64);
        prop_assert_eq!(evaluation.truth_rings, known.len() as u64);

        for (lowest, scores) in evaluation.tiers.iter().enumerate() {
            prop_assert_eq!(scores.tier, Tier::ALL[lowest]);
            let published: Vec<BTreeSet<u32>> = rings
                .iter()
                .filter(|ring| ring.0 <= lowest)
                .map(|ring| ring.2.iter().map(|member| member.0).collect())
                .collect();
            let accounts: BTreeSet<u32> = published.iter().flatten().copied().collect();
            prop_assert_eq!(scores.accounts.found, accounts.len() as u64);
            prop_assert_eq!(scores.accounts.right, accounts.intersection(&bad).count() as u64);

            let alike = |a: &BTreeSet<u32>, b: &BTreeSet<u32>| {
                let common = a.intersection(b).count() as f64;
                common / a.len() as f64 >= 0.8 && common / b.len() as f64 >= 0.8
            };
            let matching = published.iter().filter(|p| known.iter().any(|t| alike(p, t))).count();
            let recovered = known.iter().filter(|t| published.iter().any(|p| alike(p, t))).count();
            prop_assert_eq!(scores.rings.matching, Some(matching as u64));
            prop_assert_eq!(scores.rings.recovered, Some(recovered as u64));
            prop_assert!(scores.rings.pure >= matching as u64);

            let together = |sets: &[&BTreeSet<u32>], a: u32, b: u32| {
                sets.iter().any(|set| set.contains(&a) && set.contains(&b))
            };
            let published: Vec<&BTreeSet<u32>> = published.iter().collect();
            let (mut hits, mut found_pairs, mut right_pairs) = (0u32, 0u32, 0u32);
            for a in 0..40 {
                for b in a + 1..40 {
                    let found = together(&published, a, b);
                    let right = together(&known, a, b);
                    found_pairs += u32::from(found);
                    right_pairs += u32::from(right);
                    hits += u32::from(found && right);
                }
            }
            let pairs = scores.pairs.unwrap();
            let share = |part: u32, whole: u32| {
                if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
            };
            prop_assert!(close(pairs.precision, share(hits, found_pairs)));
            prop_assert!(close(pairs.recall, share(hits, right_pairs)));
        }
        prop_assert!(close(evaluation.average_precision, average_precision(&rings, &bad)));
    }
}

/// Sweeps a threshold over all distinct ranks, counting from scratch at each.
fn average_precision(rings: &[Ring], bad: &BTreeSet<u32>) -> f64 {
    // Higher is better in every part.
    let ranks: Vec<((usize, u32, u32), u32)> = rings
        .iter()
        .flat_map(|(tier, score, members)| {
            members
                .iter()
                .map(move |&(account, own)| ((2 - tier, *score, own), account))
        })
        .collect();
    let thresholds: BTreeSet<(usize, u32, u32)> = ranks.iter().map(|rank| rank.0).collect();
    let mut sum = 0.0;
    let mut recall_before = 0.0;
    for threshold in thresholds.into_iter().rev() {
        let above: Vec<u32> = ranks
            .iter()
            .filter(|rank| rank.0 >= threshold)
            .map(|rank| rank.1)
            .collect();
        let right = above.iter().filter(|account| bad.contains(account)).count() as f64;
        let recall = right / bad.len() as f64;
        sum += (recall - recall_before) * right / above.len() as f64;
        recall_before = recall;
    }
    sum
}

#[test]
fn a_perfect_sweep_is_perfect_and_an_empty_one_is_nothing() {
    let truth = read("account_id,ring_id\nu1,a\nu2,a\nu3,b\nu4,b\n").unwrap();
    let perfect = sweep(&[(0, 9, vec![(1, 1), (2, 1)]), (0, 8, vec![(3, 1), (4, 1)])]);
    let evaluation = evaluate(&perfect, &truth).unwrap();
    assert_eq!(evaluation.average_precision, 1.0);
    for tier in &evaluation.tiers {
        assert_eq!(
            (tier.accounts.ratios.f1, tier.rings.recall),
            (1.0, Some(1.0))
        );
        assert_eq!(tier.pairs.unwrap().f1, 1.0);
    }
    assert_eq!(evaluation.best_matches[1].ring_id.as_deref(), Some("R1"));
    assert!(
        evaluation
            .to_string()
            .contains("Average precision of accounts: 1.0000")
    );

    let nothing = evaluate(&SweepTables::default(), &truth).unwrap();
    assert_eq!(nothing.average_precision, 0.0);
    assert_eq!(nothing.tiers[2].accounts.ratios.precision, 0.0);
    assert_eq!(nothing.best_matches[0].ring_id, None);
}

#[test]
fn unlabelled_accounts_count_nowhere() {
    let truth = read("name\taccount_id\tlabel\nx\tu1\tfraud\nx\tu2\t0\nx\tu9\tTRUE\n").unwrap();
    let tables = sweep(&[
        (1, 9, vec![(1, 2), (2, 1), (3, 1), (4, 1)]),
        (2, 1, vec![(7, 1), (8, 1)]),
    ]);
    let evaluation = evaluate(&tables, &truth).unwrap();
    let [act, review, all] = &evaluation.tiers[..] else {
        panic!("three tiers")
    };
    assert_eq!((act.accounts.found, act.rings.found), (0, 0));
    assert_eq!((review.accounts.found, review.accounts.right), (2, 1));
    assert_eq!(review.accounts.ratios.recall, 0.5);
    assert_eq!(
        all.rings.found, 1,
        "a ring without labelled accounts says nothing"
    );
    assert_eq!((review.pairs, evaluation.truth), (None, "labels"));
    assert_eq!(evaluation.average_precision, 0.5);
}

#[test]
fn truths_are_read_by_column_and_refused_with_the_row() {
    let message = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(
        message("id,group\nu1,a\n"),
        "the truth has no column account_id or account; it has id, group"
    );
    assert_eq!(
        message("account_id,group\nu1,a\n"),
        "the truth has no column ring_id or label; it has account_id, group"
    );
    assert!(message("account_id,label\nu1,1\nu2,maybe\n").contains("row 2: the label `maybe`"));
    assert!(message("account_id,label\nu1,1\nu1,0\n").contains("row 2: the account has the opp"));
    assert!(message("account_id,ring_id\nu1,a\n,a\n").contains("row 2: the account is empty"));
    assert!(message("account_id,ring_id\nu1\n").contains("row 1: 2 cells expected, 1 found"));
    assert_eq!(message("account_id,label\n"), "the truth has no rows");
    assert!(read("").is_err());

    let columns = TruthColumns {
        account: Some("uid".into()),
        label: Some("is_fraud".into()),
        ring: None,
    };
    let text = "uid,ring_id,is_fraud\nback\\slash,r,yes\nother,,no\n";
    let truth = Truth::read(text.as_bytes(), &columns).unwrap();
    assert_eq!(
        truth.is_bad("back\\\\slash"),
        Some(true),
        "ids are written as in the tables"
    );
    assert_eq!(truth.is_bad("unknown"), None);
    let rings = read("account_id,ring_id\nu1,a\nu2,\n").unwrap();
    assert_eq!((rings.is_bad("u2"), rings.bad_accounts()), (Some(false), 1));
}
