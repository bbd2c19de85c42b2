//! Co-sharing as `CooRTweet` counts it, against a slow twin written straight from the sentence:
//!
//! > Keep accounts with at least `min_participation` rows; all row pairs of an object at most the
//! > window apart, of different accounts, with different contents, neither content being the object
//! > itself; then count, per account, its rows whose content occurs in a surviving pair, and keep a
//! > pair if either account reaches `min_participation`. The weight of an edge is its number of pairs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use ringsweep::recipe::shipped;

mod common {
    pub(crate) mod project;
}
use common::project::{Links, links};

#[derive(Debug, Clone)]
struct Share {
    account: String,
    object: String,
    content: String,
    /// Seconds.
    time: i64,
}

fn share(account: &str, object: &str, content: &str, time: i64) -> Share {
    Share {
        account: account.to_owned(),
        object: object.to_owned(),
        content: content.to_owned(),
        time,
    }
}

/// The number of content pairs by pair of accounts: the sentence, row pair by row pair.
fn twin(rows: &[Share], window: i64, least: usize) -> BTreeMap<(String, String), u32> {
    let count_of = |account: &str| rows.iter().filter(|row| row.account == account).count();
    let rows: Vec<&Share> = rows
        .iter()
        .filter(|row| count_of(&row.account) >= least)
        .collect();
    let mut pairs = Vec::new();
    for (at, one) in rows.iter().enumerate() {
        for other in &rows[at + 1..] {
            if one.object == other.object
                && (one.time - other.time).abs() <= window
                && one.account != other.account
                && one.content != other.content
                && one.content != one.object
                && other.content != other.object
            {
                pairs.push((*one, *other));
            }
        }
    }
    let surviving: BTreeSet<&str> = pairs
        .iter()
        .flat_map(|(one, other)| [&*one.content, &*other.content])
        .collect();
    let takes_part = |account: &str| {
        let taking = rows
            .iter()
            .filter(|row| row.account == account && surviving.contains(&*row.content));
        taking.count() >= least
    };
    let mut edges = BTreeMap::new();
    for (one, other) in pairs {
        if takes_part(&one.account) || takes_part(&other.account) {
            let (a, b) = (&one.account, &other.account);
            let pair = (a.min(b).clone(), a.max(b).clone());
            *edges.entry(pair).or_default() += 1;
        }
    }
    edges
}

/// The links that the shipped definition makes.
fn coshare(rows: &[Share], window: i64, least: usize) -> Links {
    let mut csv = String::from("account_id,object_id,content_id,timestamp_share\n");
    for row in rows {
        let (account, object, content) = (&row.account, &row.object, &row.content);
        writeln!(csv, "{account},{object},{content},{}", FIRST + row.time).unwrap();
    }
    let toml = shipped::text("coshare").unwrap();
    let toml = toml
        .replace("within = \"60s\"", &format!("within = \"{window}s\""))
        .replace(
            "min_participation = 2",
            &format!("min_participation = {least}"),
        );
    links(&csv, &toml)
}

/// The times count from here: epoch seconds that no reader could take for anything else.
const FIRST: i64 = 1_600_000_000;

/// Compares, and returns the edges.
#[track_caller]
fn check(rows: &[Share], window: i64, least: usize) -> BTreeMap<(String, String), u32> {
    let expected = twin(rows, window, least);
    let found = coshare(rows, window, least);
    let counted: BTreeMap<_, _> = found
        .iter()
        .map(|(pair, link)| (pair.clone(), link.co_actions))
        .collect();
    assert_eq!(counted, expected, "window {window}, least {least}");
    for link in found.values() {
        assert_eq!(link.weight, u64::from(link.co_actions) * 1_000_000);
        assert!((1..=link.co_actions).contains(&link.shared));
    }
    expected
}

fn edges(list: &[(&str, &str, u32)]) -> BTreeMap<(String, String), u32> {
    list.iter()
        .map(|&(a, b, weight)| ((a.to_owned(), b.to_owned()), weight))
        .collect()
}

#[test]
fn the_window_is_closed() {
    let rows = [
        share("a", "o", "1", 0),
        share("b", "o", "2", 60),
        share("c", "o", "3", 121),
    ];
    assert_eq!(check(&rows, 60, 1), edges(&[("a", "b", 1)]));
    assert_eq!(check(&rows, 59, 1), edges(&[]));
    let all = [("a", "b", 1), ("a", "c", 1), ("b", "c", 1)];
    assert_eq!(check(&rows, 121, 1), edges(&all));
}

#[test]
fn sharing_with_oneself_is_no_loop() {
    let rows = [share("a", "o", "1", 0), share("a", "o", "2", 1)];
    assert_eq!(check(&rows, 60, 1), edges(&[]));
}

#[test]
fn the_same_content_is_no_pair_and_every_other_pair_of_rows_is_one() {
    let rows = [
        share("a", "o", "same", 0),
        share("b", "o", "same", 1),
        share("b", "o", "other", 2),
        share("b", "o", "other", 2),
    ];
    // Not `same` with `same`; the repeated row counts again.
    assert_eq!(check(&rows, 60, 1), edges(&[("a", "b", 2)]));
}

#[test]
fn the_object_itself_is_no_post_of_the_object() {
    let rows = [
        share("a", "o", "o", 0),
        share("b", "o", "2", 1),
        share("c", "o", "3", 1),
        // `o` is an ordinary content of another object.
        share("a", "p", "o", 0),
        share("b", "p", "2", 1),
    ];
    let expected = [("a", "b", 1), ("b", "c", 1)];
    assert_eq!(check(&rows, 60, 1), edges(&expected));
}

#[test]
fn a_pair_stays_when_either_side_takes_part_often_enough() {
    let rows = [
        // Busy takes part with two rows; rare has two rows, but only one of them in a pair.
        share("busy", "o", "1", 0),
        share("busy", "p", "2", 0),
        share("rare", "o", "3", 1),
        share("rare", "q", "4", 1),
        share("third", "p", "5", 1),
        share("third", "r", "6", 1),
    ];
    let expected = [("busy", "rare", 1), ("busy", "third", 1)];
    assert_eq!(check(&rows, 60, 2), edges(&expected));
    // Neither of these two does.
    let rows = [
        share("x", "o", "1", 0),
        share("x", "q", "2", 0),
        share("y", "o", "3", 1),
        share("y", "r", "4", 1),
    ];
    assert_eq!(check(&rows, 60, 2), edges(&[]));
    assert_eq!(check(&rows, 60, 1), edges(&[("x", "y", 1)]));
}

#[test]
fn accounts_with_too_few_rows_are_gone_before_anything_is_paired() {
    let rows = [
        share("a", "o", "1", 0),
        share("b", "o", "2", 1),
        share("b", "p", "3", 1),
    ];
    assert_eq!(check(&rows, 60, 2), edges(&[]));
}

#[test]
fn participation_counts_rows_whose_content_survives_anywhere() {
    // The second row of `a` is in no pair itself, but its content is in one elsewhere.
    let rows = [
        share("a", "o", "1", 0),
        share("a", "p", "1", 9_000),
        share("b", "o", "2", 1),
        share("b", "q", "7", 5_000),
    ];
    assert_eq!(check(&rows, 60, 2), edges(&[("a", "b", 1)]));
}

fn shares() -> impl Strategy<Value = Vec<Share>> {
    // Contents and objects come from one small set, so that a content is at times an object.
    let id = 0..6u8;
    let row = (0..6u8, id.clone(), id, 0..40i64).prop_map(|(account, object, content, time)| {
        share(
            &format!("a{account}"),
            &format!("x{object}"),
            &format!("x{content}"),
            time,
        )
    });
    prop::collection::vec(row, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_input_counts_as_the_sentence_says(rows in shares(), window in 1..20i64, least in 1..5usize) {
        check(&rows, window, least);
    }
}
