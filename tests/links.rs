//! Links against an `O(n²)` slow twin: every rule of weight, caps, minima, keys and windows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use ringsweep::base::run::Run;
use ringsweep::entities::census::census;
use ringsweep::entities::entities;
use ringsweep::links::{Projector, Thinning};
use ringsweep::recipe::{Definition, plan};
use ringsweep::sweep::{self, Input, at_most};

mod common {
    pub(crate) mod project;
}
use common::project::{Link, Links, links};

/// Degree and population to weight.
type Rule = (&'static str, fn(f64, f64) -> f64);

const RULES: [Rule; 4] = [
    ("evidence", |d, n| (n / d).ln()),
    ("count", |_, _| 1.0),
    ("newman", |d, _| 1.0 / (d - 1.0)),
    ("adamic-adar", |d, _| 1.0 / d.ln()),
];

fn micro(units: f64) -> u64 {
    (units * 1e6).round() as u64
}

/// A plain type as the definition describes it.
#[derive(Debug, Clone)]
struct Plain {
    rule: usize,
    cap: usize,
    least: u32,
}

impl Plain {
    /// Entity by account, as `(account, entity)`; `accounts` in all.
    fn links(&self, has: &BTreeSet<(String, String)>, accounts: usize) -> Links {
        let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (account, entity) in has {
            holders.entry(entity).or_default().push(account);
        }
        let mut links = Links::new();
        for holders in holders.values().filter(|h| h.len() <= self.cap) {
            for (at, a) in holders.iter().enumerate() {
                for b in &holders[at + 1..] {
                    let link = links.entry(((*a).to_owned(), (*b).to_owned())).or_default();
                    link.shared += 1;
                    link.weight += micro(RULES[self.rule].1(holders.len() as f64, accounts as f64));
                }
            }
        }
        links.retain(|_, link| link.shared >= self.least);
        links
    }

    fn toml(&self, name: &str, columns: &str) -> String {
        let (weight, cap, least) = (RULES[self.rule].0, self.cap, self.least);
        format!(
            "[[entity]]\nname = \"{name}\"\nkind = \"infrastructure\"\n{columns}\n\
             weight = \"{weight}\"\nmax_accounts = {cap}\nmin_shared = {least}\n"
        )
    }
}

fn sum(parts: impl IntoIterator<Item = Links>) -> Links {
    let mut total = Links::new();
    for (pair, link) in parts.into_iter().flatten() {
        let sum: &mut Link = total.entry(pair).or_default();
        sum.weight += link.weight;
        sum.shared += link.shared;
        sum.co_actions += link.co_actions;
    }
    total
}

fn plain() -> impl Strategy<Value = Plain> {
    (0..RULES.len(), 2..8usize, 1..3u32).prop_map(|(rule, cap, least)| Plain { rule, cap, least })
}

/// An id of a small set; 0 is an empty cell.
fn cell(prefix: char, id: u8) -> String {
    if id == 0 {
        String::new()
    } else {
        format!("{prefix}{id}")
    }
}

const COLUMNS: &str = "[columns]\naccount = \"who\"\ntime = \"ts\"\n";

/// A row without any entity is rejected: its account may not even be there.
fn with_an_entity(rows: &[(u8, u8, u8, u8)]) -> Vec<(u8, u8, u8, u8)> {
    let has = |row: &&(u8, u8, u8, u8)| row.1 > 0 || row.2 > 0 || row.3 > 0;
    rows.iter().filter(has).copied().collect()
}

fn accounts_of(rows: &[(u8, u8, u8, u8)]) -> usize {
    rows.iter().map(|row| row.0).collect::<BTreeSet<_>>().len()
}

fn csv_of(rows: &[(u8, u8, u8, u8)]) -> String {
    let mut csv = String::from("who,device,ip,note\n");
    for &(who, device, ip, note) in rows {
        let (device, ip, note) = (cell('d', device), cell('i', ip), cell('n', note));
        writeln!(csv, "u{who},{device},{ip},{note}").unwrap();
    }
    csv
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Single, composite and optional keys, side by side: the parts add up.
    #[test]
    fn plain_entities(
        rows in prop::collection::vec((0..9u8, 0..5u8, 0..4u8, 0..3u8), 1..60),
        one in plain(),
        both in plain(),
        more in plain(),
    ) {
        let toml = [
            COLUMNS.to_owned(),
            one.toml("one", "columns = [\"device\"]"),
            both.toml("both", "columns = [\"device\", \"ip\"]"),
            more.toml("more", "columns = [\"ip\"]\noptional = [\"note\", \"absent\"]"),
        ];
        let csv = csv_of(&rows);
        let rows = with_an_entity(&rows);
        let accounts = accounts_of(&rows);
        let has = |key: fn(&(u8, u8, u8, u8)) -> Option<String>| -> BTreeSet<(String, String)> {
            rows.iter().filter_map(|row| Some((format!("u{}", row.0), key(row)?))).collect()
        };
        let expected = sum([
            one.links(&has(|row| (row.1 > 0).then(|| row.1.to_string())), accounts),
            both.links(
                &has(|row| (row.1 > 0 && row.2 > 0).then(|| format!("{}|{}", row.1, row.2))),
                accounts,
            ),
            more.links(&has(|row| (row.2 > 0).then(|| format!("{}|{}", row.2, row.3))), accounts),
        ]);
        prop_assert_eq!(links(&csv, &toml.concat()), expected);
    }

    /// Windows: pairs of actions, moments and their weight, for caps that count heads in the window.
    #[test]
    fn windowed_entities(
        rows in prop::collection::vec((0..6u8, 1..3u8, 0..60i64), 1..40),
        rule in 0..RULES.len(),
        cap in 2..7usize,
        least in 1..4u32,
        within in 1..15i64,
    ) {
        let mut csv = String::from("who,target,ts\n");
        for &(who, target, time) in &rows {
            writeln!(csv, "u{who},t{target},{}", FIRST + time).unwrap();
        }
        let toml = format!(
            "{COLUMNS}[[entity]]\nname = \"together\"\nkind = \"behaviour\"\n\
             columns = [\"target\"]\nwithin = \"{within}s\"\nweight = \"{}\"\n\
             max_accounts = {cap}\nmin_shared = {least}\n",
            RULES[rule].0
        );
        let windows = Windows { rows: &rows, rule, cap, within };
        prop_assert_eq!(links(&csv, &toml), windows.links(least));
    }

    /// A moment is a window of its own: their number is the most that fit without touching.
    #[test]
    fn moments_are_disjoint_windows(
        rows in prop::collection::vec((0..2u8, 1..2u8, 0..80i64), 2..30),
        within in 1..15i64,
    ) {
        let windows = Windows { rows: &rows, rule: 1, cap: 9, within };
        let mut spans: Vec<(i64, i64)> = windows
            .co_actions(0, 1)
            .map(|(a, b)| (a.2.max(b.2), a.2.min(b.2)))
            .collect();
        spans.sort_unstable();
        let (mut most, mut free_from) = (0, i64::MIN);
        for (end, start) in spans {
            if start > free_from {
                most += 1;
                free_from = end;
            }
        }
        let found = windows.links(1);
        prop_assert_eq!(found.values().next().map_or(0, |link| link.shared), most);
    }

    /// Whoever names another is linked to it, however many name it, and, below the cap, to whoever names
    /// the same third.
    #[test]
    fn relations(
        rows in prop::collection::vec((0..7u8, 0..8u8), 1..30),
        of in plain(),
    ) {
        let mut csv = String::from("who,friend\n");
        let mut names = BTreeSet::new();
        let mut accounts = BTreeSet::new();
        for &(who, friend) in &rows {
            let (who, friend) = (format!("u{who}"), cell('u', friend));
            writeln!(csv, "{who},{friend}").unwrap();
            if !friend.is_empty() {
                accounts.insert(who.clone());
                accounts.insert(friend.clone());
                if who != friend {
                    names.insert((who, friend));
                }
            }
        }
        let toml = COLUMNS.to_owned()
            + &of.toml("friend", "columns = [\"friend\"]").replace("infrastructure", "relation");
        let expected = sum([of.links(&names, accounts.len()), direct(&names, of.rule)]);
        prop_assert_eq!(links(&csv, &toml), expected);
    }

    /// Accounts with too few rows are as if they had never been.
    #[test]
    fn participation(
        rows in prop::collection::vec((0..9u8, 0..5u8, 0..4u8, 0..3u8), 1..40),
        least in 1..6usize,
    ) {
        let of = Plain { rule: 0, cap: 9, least: 1 };
        let csv = csv_of(&rows);
        let usable: Vec<_> = rows.iter().copied().filter(|row| row.1 > 0).collect();
        let count = |who: u8| usable.iter().filter(|row| row.0 == who).count();
        let kept: Vec<_> = usable.iter().copied().filter(|row| count(row.0) >= least).collect();
        let toml = COLUMNS.to_owned() + &of.toml("one", "columns = [\"device\"]");
        let expected = if kept.is_empty() { Links::new() } else { links(&csv_of(&kept), &toml) };
        let toml = format!("min_participation = {least}\n{toml}");
        prop_assert_eq!(links(&csv, &toml), expected);
    }
}

/// The links between those who name and those whom they name: `names` holds `(who, whom)`.
fn direct(names: &BTreeSet<(String, String)>, rule: usize) -> Links {
    let mut links = Links::new();
    for (who, whom) in names {
        let out = names.iter().filter(|name| name.0 == *who).count();
        let back = names.iter().filter(|name| name.1 == *whom).count();
        let nats = (names.len() as f64 / (out * back) as f64).ln().max(0.0);
        let weight = match RULES[rule].0 {
            "evidence" => nats,
            _ => RULES[rule].1(2.0, 2.0),
        };
        let pair = (who.min(whom).clone(), who.max(whom).clone());
        let link = links.entry(pair).or_default();
        link.shared += 1;
        link.weight += micro(weight);
    }
    links
}

/// The times count from here: epoch seconds that no reader could take for anything else.
const FIRST: i64 = 1_600_000_000;

/// Account, target and second of an action.
type Action = (u8, u8, i64);

struct Windows<'a> {
    rows: &'a [Action],
    rule: usize,
    cap: usize,
    within: i64,
}

impl Windows<'_> {
    /// Accounts on the same target at most the window away, the action's own included.
    fn crowd(&self, action: &Action) -> usize {
        let near = self
            .rows
            .iter()
            .filter(|row| row.1 == action.1 && (row.2 - action.2).abs() <= self.within);
        near.map(|row| row.0).collect::<BTreeSet<_>>().len()
    }

    /// Pairs of actions of `a` and `b` on one target inside the window and below the cap.
    fn co_actions(&self, a: u8, b: u8) -> impl Iterator<Item = (&Action, &Action)> {
        let of = move |who| {
            self.rows
                .iter()
                .filter(move |row| row.0 == who && self.crowd(row) <= self.cap)
        };
        of(a).flat_map(move |one| {
            of(b)
                .filter(move |other| one.1 == other.1 && (one.2 - other.2).abs() <= self.within)
                .map(move |other| (one, other))
        })
    }

    fn links(&self, least: u32) -> Links {
        let accounts: BTreeSet<u8> = self.rows.iter().map(|row| row.0).collect();
        let mut links = Links::new();
        for &a in &accounts {
            for &b in accounts.range(a + 1..) {
                let link = self.link(a, b, accounts.len());
                if link.co_actions > 0 && link.co_actions >= least {
                    links.insert((format!("u{a}"), format!("u{b}")), link);
                }
            }
        }
        links
    }

    fn link(&self, a: u8, b: u8, accounts: usize) -> Link {
        let mut co_actions: Vec<(&Action, &Action)> = self.co_actions(a, b).collect();
        co_actions.sort_unstable_by_key(|(one, other)| (one.1, one.2, other.2));
        let mut link = Link::default();
        let mut last = None;
        for (one, other) in co_actions {
            let (start, end) = (one.2.min(other.2), one.2.max(other.2));
            let fresh = last.is_none_or(|(target, until)| target != one.1 || start > until);
            link.co_actions += 1;
            if fresh {
                link.shared += 1;
                last = Some((one.1, end));
            }
            if fresh || RULES[self.rule].0 == "count" {
                let heads = self.crowd(one).max(self.crowd(other));
                link.weight += micro(RULES[self.rule].1(heads as f64, accounts as f64));
            }
        }
        link
    }
}

/// By hand: three accounts of five on one device weigh ln(5/3), one pair is also on another.
#[test]
fn a_small_case_by_hand() {
    let csv = "who,device\na,d1\nb,d1\nc,d1\na,d2\nb,d2\nd,d3\ne,d4\na,d1\n";
    let toml = COLUMNS.to_owned()
        + "[[entity]]\nname = \"device\"\nkind = \"infrastructure\"\ncolumns = [\"device\"]\n";
    let found = links(csv, &toml);
    let three = micro((5f64 / 3.0).ln());
    let link = |weight, shared| Link {
        weight,
        shared,
        co_actions: 0,
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let expected = Links::from([
        (pair("a", "b"), link(three + micro((5f64 / 2.0).ln()), 2)),
        (pair("a", "c"), link(three, 1)),
        (pair("b", "c"), link(three, 1)),
    ]);
    assert_eq!(found, expected);
}

/// The links that are searched under `thinning`, by the numbers of accounts, after the forecast has said how many.
fn kept(csv: &str, toml: &str, thinning: Thinning) -> BTreeSet<(u32, u32)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    std::fs::write(&path, csv).unwrap();
    let definition = Definition::from_toml("test", toml).unwrap();
    let run = Run::quiet();
    let input = Input::of(&[path]).unwrap();
    let loaded = sweep::load(&input, &definition, BTreeMap::new(), &run).unwrap();
    let plan = plan(&definition, &loaded.reading.found).unwrap();
    let graph = entities(&loaded.log, &plan);
    let projector = Projector::new(&graph, definition.min_participation, &run).unwrap();
    let links = projector.account_graph(thinning, &run).unwrap().graph;
    let row = |a| links.edges(a).map(move |(b, _)| (a, b));
    let kept: BTreeSet<_> = (0..links.nodes() as u32)
        .flat_map(row)
        .filter(|pair| pair.0 < pair.1)
        .collect();
    let expected = projector.expected(thinning);
    assert_eq!(expected.links, kept.len() as u64);
    let census: Vec<_> = graph.types.iter().map(census).collect();
    assert!(expected.links <= at_most(&graph, &census, thinning).links);
    kept
}

/// A hundred friends of whom everybody names the next three, and all of whom like the same things: what they like in common is
/// thinned, who names whom is not, and the forecast knows both before there is a link.
#[test]
fn relations_are_kept_whole_where_links_are_thinned() {
    let mut csv = String::from("account_id,target_id,whom\n");
    for account in 0..100 {
        for step in 1..=3 {
            let whom = (account + step) % 100;
            writeln!(csv, "a{account:02},t{step},a{whom:02}").unwrap();
        }
    }
    let toml = "[columns]\naccount = \"account_id\"\n\
                [[entity]]\nname = \"likes\"\nkind = \"behaviour\"\ncolumns = [\"target_id\"]\n\
                weight = \"count\"\n\
                [[entity]]\nname = \"names\"\nkind = \"relation\"\ncolumns = [\"whom\"]\nmax_accounts = 2\n";
    let (heavy, weak, whole) = (9_000, 5, 2);
    let all = kept(&csv, toml, Thinning::NONE);
    assert_eq!(all.len(), 99 * 100 / 2);
    let named = |pair: &(u32, u32)| (1..=3).contains(&(pair.1 - pair.0).min(100 - pair.1 + pair.0));
    let few: usize = (0..100)
        .map(|account| {
            let row = all.range((account, 0)..(account + 1, 0));
            let friends = row.clone().filter(|pair| named(pair)).count();
            friends + weak.min(row.count() - friends)
        })
        .sum();
    let thinned = kept(&csv, toml, Thinning { heavy, weak, whole });
    assert!(
        all.iter()
            .filter(|pair| named(pair))
            .all(|pair| thinned.contains(pair))
    );
    assert_eq!(thinned.len(), few);
    // Were they not kept whole, they would take the places of others.
    let whole = 0;
    assert!(kept(&csv, toml, Thinning { heavy, weak, whole }).len() < few);
}
