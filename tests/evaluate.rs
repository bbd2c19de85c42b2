//! Evaluation against slow twins that follow the definitions word by word.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use ringsweep::base::run::Run;
use ringsweep::evaluate::baselines::{SweptEvents, baselines};
use ringsweep::evaluate::stability::{stability, thin};
use ringsweep::evaluate::{
    MethodScores, Participation, Truth, TruthColumns, TruthError, UNNAMED, compare, evaluate,
    evaluate_with,
};
use ringsweep::publish::{MemberRow, RingRow, SweepTables, Tier};
use ringsweep::recipe::{Definition, plan};
use ringsweep::sweep::{self, Input, Loaded};

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

#[test]
fn kinds_of_rings_are_told_apart_and_innocents_charged() {
    let truth = read(
        "account_id,ring_id\nu1,farm-01\nu2,farm-01\nu3,farm-2\nu4,farm-2\nu5,drip-1\nu6,drip-1\nu7,x\nu8,x\n",
    )
    .unwrap();
    // The first ring is mostly of the farm, with one innocent; the second holds one of the drip's and
    // one of the farm's and two innocents; nobody of `x` is found; the last ring is all innocent.
    let tables = sweep(&[
        (0, 9, vec![(1, 1), (2, 1), (20, 1)]),
        (1, 8, vec![(3, 1), (5, 1), (21, 1), (22, 1)]),
        (1, 7, vec![(30, 1), (31, 1)]),
    ]);
    let evaluation = evaluate(&tables, &truth).unwrap();
    let names: Vec<&str> = evaluation.groups.iter().map(|g| g.group.as_str()).collect();
    assert_eq!(names, ["drip", "farm", UNNAMED]);
    let figures = |group: usize, tier: usize| {
        let tier = &evaluation.groups[group].tiers[tier];
        (tier.found, tier.right, tier.recovered)
    };
    assert_eq!(figures(1, 0), (3, 2, 0), "two of three are no match");
    assert_eq!(figures(1, 1), (4, 3, 0));
    assert_eq!(figures(0, 0), (0, 0, 0));
    assert_eq!(
        figures(0, 1),
        (3, 1, 0),
        "a tie between drip and farm goes to the first by name"
    );
    assert_eq!(figures(2, 2), (0, 0, 0));
    assert_eq!(
        (evaluation.groups[1].rings, evaluation.groups[1].accounts),
        (2, 4)
    );
    assert_eq!(evaluation.groups[1].tiers[2].ratios.recall, 0.75);
    let right: u64 = evaluation
        .groups
        .iter()
        .map(|group| group.tiers[2].right)
        .sum();
    assert_eq!(
        right, evaluation.tiers[2].accounts.right,
        "every bad account has one kind"
    );
}

#[test]
fn promises_are_held_against_what_came_of_them() {
    let truth = read("account_id,ring_id\nu1,a\nu2,a\nu3,a\nu4,b\nu5,b\n").unwrap();
    let mut tables = sweep(&[
        (0, 9, vec![(1, 1), (2, 1)]),
        (0, 8, vec![(4, 1), (40, 1)]),
        (1, 7, vec![(5, 1), (41, 1), (42, 1)]),
        (2, 6, vec![(43, 1), (44, 1)]),
    ]);
    for (ring, q_value) in tables.rings.iter_mut().zip([0.0, 0.008, 0.04, 3.0]) {
        ring.q_value = q_value;
    }
    let bins = evaluate(&tables, &truth).unwrap().calibration;
    let of = |q_to: f64| bins.iter().find(|bin| bin.q_to == q_to).unwrap();
    assert_eq!(
        (of(1e-6).rings, of(1e-6).wrong),
        (1, 0),
        "the first bin holds 0"
    );
    assert_eq!(
        (of(0.01).rings, of(0.01).wrong),
        (1, 0),
        "half bad is not false"
    );
    assert_eq!((of(0.05).rings, of(0.05).wrong), (1, 1));
    assert_eq!((of(0.05).promised, of(0.05).realised), (0.04, 1.0));
    assert!(close(of(0.05).realised_up_to, 1.0 / 3.0));
    assert_eq!(
        (of(1.0).rings, of(1.0).rings_up_to, of(1.0).wrong_up_to),
        (1, 4, 2)
    );
    assert!(bins.windows(2).all(|pair| pair[0].q_to == pair[1].q_from));
    assert_eq!(bins.iter().map(|bin| bin.rings).sum::<u64>(), 4);
    let labels = read("account_id,label\nu1,1\nu40,0\n").unwrap();
    let bins = evaluate(&tables, &labels).unwrap().calibration;
    assert_eq!(
        bins.iter().map(|bin| bin.rings).sum::<u64>(),
        2,
        "others are unknown"
    );
}

#[test]
fn recall_is_told_by_size_and_participation() {
    let truth = read(
        "account_id,ring_id\nu1,a-1\nu2,a-1\nu3,a-1\nu4,b-2\nu5,b-2\nu6,b-3\nu7,b-3\nu8,b-3\nu9,b-3\nu10,b-3\n",
    )
    .unwrap();
    let tables = sweep(&[
        (0, 9, vec![(1, 1), (2, 1), (3, 1)]),
        (2, 8, vec![(6, 1), (7, 1), (8, 1)]),
    ]);
    let record = r#"{"tool": "t", "rings": [
            {"ring_id": "a-1", "tactic": "a", "participation": 0.31},
            {"ring_id": "b-2", "participation": 0.5}, {"ring_id": "b-3", "participation": 0.8}]}"#;
    let participation = Participation::from_scenario(record).unwrap();
    let known = Participation::of([("a-1", 0.31), ("b-2", 0.5), ("b-3", 0.8)]);
    assert_eq!(participation, known);
    assert!(Participation::from_scenario("{}").is_err());
    let curve = evaluate_with(&tables, &truth, &participation)
        .unwrap()
        .recall_curve;
    let points: Vec<_> = curve
        .iter()
        .map(|point| {
            let [act, _, all] = &point.tiers[..] else {
                panic!("three tiers")
            };
            let shares = (act.recovered, act.recall, all.recovered, all.recall);
            (
                point.size_from,
                point.size_to,
                point.participation,
                point.rings,
                shares,
            )
        })
        .collect();
    assert_eq!(
        points,
        [
            (2, 3, Some(0.3), 1, (1, 1.0, 1, 1.0)),
            (2, 3, Some(0.5), 1, (0, 0.0, 0, 0.0)),
            (4, 7, Some(0.8), 1, (0, 0.0, 0, 0.6)),
        ]
    );
    let blind = evaluate(&tables, &truth).unwrap().recall_curve;
    assert_eq!(
        blind.len(),
        2,
        "without participation size alone tells points apart"
    );
    assert_eq!(
        (blind[0].rings, blind[0].accounts, blind[0].participation),
        (2, 5, None)
    );
}

/// 300 accounts on things of their own, and two rings of 12 that act on the same 10 targets within
/// seconds, from two devices each.
fn small_world() -> (String, Truth) {
    let mut events = String::from("account_id,device_id,target_id,ts\n");
    let mut truth = String::from("account_id,ring_id\n");
    let mut line = |account: u64, device: String, target: String, second: u64| {
        writeln!(events, "u{account},{device},{target},{second}").unwrap();
    };
    for account in 0..324u64 {
        for i in 0..6 {
            let bits = ringsweep::base::chance::draw(7, account, i);
            let (target, second) = (bits % 200, 1_700_000_000 + (bits >> 20) % 600_000);
            line(account, format!("d{account}"), format!("t{target}"), second);
        }
        if account >= 300 {
            let ring = (account - 300) / 12;
            for job in 0..10 {
                let second = 1_700_000_000 + ring * 7_777 + job * 50_000 + account % 12;
                line(
                    account,
                    format!("r{ring}{}", job % 2),
                    format!("t{}", ring * 50 + job),
                    second,
                );
            }
            writeln!(truth, "u{account},ring-{ring}").unwrap();
        }
    }
    (events, read(&truth).unwrap())
}

const SMALL_WORLD: &str = r#"
[columns]
account = "account_id"
time = "ts"
[[entity]]
name = "device"
kind = "infrastructure"
columns = ["device_id"]
[[entity]]
name = "lockstep"
kind = "behaviour"
columns = ["target_id"]
within = "60s"
"#;

fn loaded(events: &str, definition: &Definition) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    std::fs::write(&path, events).unwrap();
    let input = Input::of(&[path]).unwrap();
    sweep::load(&input, definition, BTreeMap::new(), &Run::quiet()).unwrap()
}

#[test]
fn baselines_find_what_they_can_and_stand_beside_ours() {
    let (events, truth) = small_world();
    let definition = Definition::from_toml("small", SMALL_WORLD).unwrap();
    let loaded = loaded(&events, &definition);
    let plan = plan(&definition, &loaded.reading.found).unwrap();
    let swept = SweptEvents {
        log: &loaded.log,
        plan: &plan,
        definition: &definition,
        seed: 0,
    };
    let scores = baselines(&swept, &truth, &Run::quiet()).unwrap();
    let names: Vec<&str> = scores.iter().map(|method| method.method.as_str()).collect();
    assert_eq!(
        names,
        [
            "components",
            "label-propagation",
            "leiden",
            "fraudar",
            "co-share"
        ]
    );
    for method in &scores {
        let ratios = method.accounts.ratios;
        assert!(ratios.f1 > 0.9, "an easy world: {method:?}");
        assert_eq!(method.accounts.right, (ratios.recall * 24.0).round() as u64);
        assert!(!method.setting.is_empty() && method.pairs.is_some());
    }
    let by_name = |name: &str| -> &MethodScores {
        scores.iter().find(|method| method.method == name).unwrap()
    };
    assert_eq!(by_name("co-share").rings.recovered, Some(2));
    assert_eq!(by_name("components").accounts.ratios.f1, 1.0);
    let on_one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let again = on_one_thread.install(|| baselines(&swept, &truth, &Run::quiet()).unwrap());
    assert_eq!(scores, again);

    let tables = sweep(&[(1, 9, (300..324).map(|account| (account, 1)).collect())]);
    let comparison = compare(&tables, &swept, &truth, &Run::quiet()).unwrap();
    assert_eq!(comparison.methods.len(), 3 + scores.len());
    let settings: Vec<&str> = comparison.methods[..3]
        .iter()
        .map(|m| m.setting.as_str())
        .collect();
    assert_eq!(settings, ["act", "act + review", "all"]);
    assert_eq!(comparison.methods[0].accounts.found, 0);
    assert_eq!(comparison.methods[1].accounts.ratios.f1, 1.0);
    assert_eq!(
        comparison.methods[1].rings.recovered,
        Some(0),
        "two rings run together"
    );
    assert_eq!(comparison.methods[3..], scores[..]);
    let text = comparison.to_string();
    assert!(
        text.lines().count() == 9 && text.contains("fraudar"),
        "{text}"
    );
}

#[test]
fn thinned_events_are_a_share_of_the_events_in_their_order() {
    let (events, _) = small_world();
    let definition = Definition::from_toml("small", SMALL_WORLD).unwrap();
    let log = loaded(&events, &definition).log;
    let thinned = thin(&log, 0.7, 3);
    let share = thinned.len() as f64 / log.len() as f64;
    assert!((share - 0.7).abs() < 0.05, "{share}");
    assert_eq!(thinned, thin(&log, 0.7, 3));
    assert_ne!(thinned, thin(&log, 0.7, 4));
    assert_eq!(
        (thin(&log, 1.0, 3), thin(&log, 0.0, 3).len()),
        (log.clone(), 0)
    );
    assert_eq!(thinned.accounts, log.accounts);
    for account in 0..log.accounts.len() as u32 {
        let rows = thinned.rows_of(account);
        assert!(
            thinned.account[rows.clone()]
                .iter()
                .all(|&of| of == account)
        );
        let whole = log.rows_of(account);
        let (whole, part) = (&log.times[0].micros[whole], &thinned.times[0].micros[rows]);
        let mut left = whole.iter();
        assert!(
            part.iter().all(|time| left.any(|kept| kept == time)),
            "a subsequence"
        );
    }
    assert_eq!(
        thinned.first_row.last().copied(),
        Some(thinned.len() as u64)
    );
}

#[test]
fn stability_is_the_mean_likeness_over_resamples() {
    let first = sweep(&[
        (0, 9, vec![(1, 1), (2, 1), (3, 1), (4, 1)]),
        (2, 8, vec![(7, 1), (8, 1)]),
    ]);
    let same = first.clone();
    let half = sweep(&[
        (0, 9, vec![(1, 1), (2, 1)]),
        (1, 5, vec![(3, 1), (9, 1), (10, 1), (11, 1)]),
    ]);
    let stable = stability(&first, &[same, half]).unwrap();
    assert_eq!(
        (stable[0].ring_id.as_str(), stable[0].tier, stable[0].size),
        ("R0", Tier::Act, 4)
    );
    assert!(close(stable[0].jaccard, 0.75) && close(stable[0].membership, 0.75));
    assert!(close(stable[0].least_membership, 0.5));
    assert!(close(stable[1].jaccard, 0.5) && close(stable[1].least_membership, 0.5));
    let none = stability(&first, &[SweepTables::default()]).unwrap();
    assert!(
        none.iter()
            .all(|ring| ring.jaccard == 0.0 && ring.membership == 0.0)
    );
}
