//! Explanations: sums that hold, on the page too, and nothing that the tables do not say.

use ringsweep::publish::SweepTables;
use ringsweep::publish::explain::{
    AccountExplanation, ExplainError, Explanation, RingExplanation, explain,
};

use crate::sample;

fn ring(tables: &SweepTables, id: &str, top: usize) -> (RingExplanation, String) {
    let explanation = explain(tables, &sample::manifest(), id, top).unwrap();
    let text = explanation.to_string();
    match explanation {
        Explanation::Ring(ring) => (*ring, text),
        other => panic!("{other:?}"),
    }
}

fn account(id: &str) -> (AccountExplanation, String) {
    let explanation = explain(&sample::tables(), &sample::manifest(), id, 10).unwrap();
    let text = explanation.to_string();
    match explanation {
        Explanation::Account(account) => (account, text),
        other => panic!("{other:?}"),
    }
}

/// The numbers of the waterfall's first column.
fn waterfall(text: &str) -> Vec<f64> {
    text.lines()
        .skip_while(|line| !line.starts_with("Evidence"))
        .skip(2)
        .take_while(|line| !line.is_empty())
        .map(|line| {
            line.split_whitespace()
                .next()
                .unwrap()
                .replace(',', "")
                .parse()
                .unwrap()
        })
        .collect()
}

#[test]
fn the_waterfall_adds_up_however_short_it_is_cut() {
    let mut tables = sample::tables();
    // Contributions whose tenths do not add up to the tenths of their sum.
    let uneven = tables
        .evidence
        .iter_mut()
        .filter(|row| row.ring_id == sample::DEVICE_RING);
    let mut bits = 0.0;
    for row in uneven {
        row.bits = (row.bits * 10.0).floor() / 10.0 + 0.049;
        bits += row.bits;
    }
    for row in tables
        .rings
        .iter_mut()
        .filter(|row| row.ring_id == sample::DEVICE_RING)
    {
        row.bits = ((bits - row.cost) * 1e3).round() / 1e3;
    }
    for (id, tables) in [
        (sample::DEVICE_RING, &tables),
        (sample::NASTY_RING, &sample::tables()),
    ] {
        for top in 0..6 {
            let (explanation, text) = ring(tables, id, top);
            let shown: f64 = explanation.evidence.iter().map(|line| line.row.bits).sum();
            let total = shown + explanation.other_bits - explanation.ring.cost;
            assert!(
                (total - explanation.ring.bits).abs() < 1e-6,
                "{explanation:?}"
            );
            let column = waterfall(&text);
            let (total, parts) = column.split_last().unwrap();
            assert!((parts.iter().sum::<f64>() - total).abs() < 1e-9, "{text}");
            let all = tables
                .evidence
                .iter()
                .filter(|row| row.ring_id == id)
                .count();
            assert_eq!(
                explanation.evidence.len() + explanation.other_entities as usize,
                all
            );
            assert_eq!(
                text.contains("everything else"),
                explanation.other_entities > 0
            );
        }
    }
}

#[test]
fn a_ring_says_what_carries_it() {
    let (explanation, text) = ring(&sample::tables(), sample::DEVICE_RING, 10);
    let left = |what: &str, name: &str| {
        let found = explanation
            .without
            .iter()
            .find(|w| w.what == what && w.name == name);
        found.unwrap_or_else(|| panic!("{what} {name}")).bits_left
    };
    assert_eq!(left("entity", "device d1"), 34.25);
    assert_eq!(left("type", "device"), -10.25);
    assert_eq!(left("kind", "behaviour"), 82.125);
    assert_eq!(explanation.on_one_entity, ["u4"]);
    assert_eq!((explanation.links, explanation.pairs), (6, 6));
    assert_eq!(explanation.evidence[0].events, 1 + 2 + 3 + 4);
    assert_eq!(explanation.members[2].entities, 2);
    assert!(
        text.contains("without the type (device) nothing is left"),
        "{text}"
    );
    assert!(text.contains("tied to it by one entity only: u4"), "{text}");
}

#[test]
fn an_account_says_what_it_shares_and_why_it_is_lower() {
    let (explanation, text) = account("u4");
    let part = &explanation.rings[0];
    assert_eq!(part.shared.len(), 1);
    assert_eq!(part.shared[0].with, ["u1", "u2", "u3"]);
    assert_eq!(part.shared[0].events, 4);
    assert!(text.contains("tier is lower than the ring's"), "{text}");
    assert!(
        text.contains("3.1 against a median of 40.0 bits, by 1 entity"),
        "{text}"
    );
    let (_, text) = account("u1");
    assert!(!text.contains("lower than the ring's"), "{text}");
    // As it stood in the events, before a backslash was doubled.
    assert_eq!(
        account("back\\slash at the end\\").0.account_id,
        sample::NASTY_IDS[5]
    );
}

#[test]
fn ids_do_not_reach_the_terminal_raw() {
    let (_, text) = ring(&sample::tables(), sample::NASTY_RING, 10);
    assert!(text.contains("\\u{1}control"), "{text}");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
}

#[test]
fn an_unknown_name_brings_the_nearest() {
    let unknown = explain(&sample::tables(), &sample::manifest(), "u9", 10).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "`u9` is neither a ring of this sweep nor an account in one; nearest: u1, u2, u3"
    );
    let ExplainError::Unknown { nearest, .. } = explain(
        &sample::tables(),
        &sample::manifest(),
        "R00000000000000a",
        10,
    )
    .unwrap_err();
    assert_eq!(nearest[0], sample::DEVICE_RING);
}
