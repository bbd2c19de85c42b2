//! Allow lists: what is allowed is as if it were not there, and the sweep says so.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use ringsweep::base::run::Run;
use ringsweep::lists::{AllowList, ListError};
use ringsweep::publish::explain::explain;
use ringsweep::publish::manifest::AllowedRecord;
use ringsweep::recipe::Definition;
use ringsweep::sweep::{self, Clock, Input, Outcome, Settings};

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::command::ringsweep;
use common::sweeping::sweep as sweep_into;
use common::tables::table;

/// Two rings of six on the same day: one on a handset each pair shares, one behind one address.
const DEFINITION: &str = r#"
[columns]
account = "user"
time = "at"

[[entity]]
name = "ip"
kind = "infrastructure"
columns = ["ip"]

[[entity]]
name = "shop"
kind = "behaviour"
columns = ["shop"]

[[entity]]
name = "job"
kind = "behaviour"
columns = ["shop", "item"]
within = "60s"

[[entity]]
name = "referrer"
kind = "relation"
columns = ["referrer"]
"#;

struct Row {
    user: String,
    ip: String,
    shop: String,
    item: String,
    referrer: String,
    at: u32,
}

/// Sixty people who go their ways, and six behind one address who visit twelve shops together.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for user in 0..60u32 {
        for visit in 0..6 {
            let shop = (user * 7 + visit * 11) % 40;
            rows.push(Row {
                user: format!("p{user:02}"),
                ip: format!("10.0.{}.{}", user / 4, user % 4),
                shop: format!("s{shop}"),
                item: format!("i{}", shop % 3),
                referrer: if visit == 0 {
                    format!("p{:02}", user / 2)
                } else {
                    String::new()
                },
                at: user * 5_000 + visit * 997_331 % 400_000,
            });
        }
    }
    for user in 0..6u32 {
        for visit in 0..12 {
            rows.push(Row {
                user: format!("r{user}"),
                ip: "10.9.0.1".into(),
                shop: format!("t{visit}"),
                item: "i1".into(),
                referrer: if visit == 0 {
                    "r0".into()
                } else {
                    String::new()
                },
                at: visit * 30_000 + user * 7,
            });
        }
    }
    rows
}

fn csv(rows: &[Row]) -> String {
    let mut text = String::from("user,ip,shop,item,referrer,at\n");
    for row in rows {
        let Row {
            user,
            ip,
            shop,
            item,
            referrer,
            at,
        } = row;
        let at = 1_767_225_600 + at;
        writeln!(text, "{user},{ip},{shop},{item},{referrer},{at}").unwrap();
    }
    text
}

fn definition() -> Definition {
    Definition::from_toml("test", DEFINITION).unwrap()
}

fn read_list(text: &str) -> Result<AllowList, ListError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("allow.csv");
    fs::write(&path, text).unwrap();
    AllowList::read(&path, &definition())
}

/// Sweeps `rows`; what `list` allows is left out.
fn swept(rows: &[Row], list: Option<&str>) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.csv");
    fs::write(&events, csv(rows)).unwrap();
    let (definition, run) = (definition(), Run::quiet());
    let input = Input::of(&[events]).unwrap();
    let mut loaded = sweep::load(&input, &definition, BTreeMap::new(), &run).unwrap();
    let allow = list.map(|text| read_list(text).unwrap());
    sweep::know(&mut loaded, None, allow, &definition).unwrap();
    sweep::sweep(
        &loaded,
        &definition,
        Settings::default(),
        Clock::default(),
        &run,
    )
    .unwrap()
}

fn entries(outcome: &Outcome) -> &[AllowedRecord] {
    &outcome.manifest.allow.as_ref().unwrap().entries
}

fn members(outcome: &Outcome) -> Vec<&str> {
    outcome
        .tables
        .members
        .iter()
        .map(|row| &*row.account_id)
        .collect()
}

#[test]
fn what_is_allowed_is_as_if_it_were_not_there() {
    let list = "kind,value\naccount,r3\nip,10.9.0.0/16\nshop,t0\njob,t4|i1\nreferrer,r0\n";
    let mut without = rows();
    without.retain(|row| row.user != "r3");
    for row in &mut without {
        if row.ip.starts_with("10.9.") {
            row.ip.clear();
        }
        if row.shop == "t0" || (row.shop == "t4" && row.item == "i1") {
            row.shop.clear();
        }
        if row.referrer == "r0" || row.referrer == "r3" {
            row.referrer.clear();
        }
    }
    let (allowed, edited) = (swept(&rows(), Some(list)), swept(&without, None));
    assert!(
        !allowed.tables.rings.is_empty(),
        "five of the six are still a ring"
    );
    assert_eq!(allowed.tables, edited.tables);
    assert_eq!(allowed.manifest.entities, edited.manifest.entities);
    assert_eq!(allowed.manifest.results, edited.manifest.results);
}

#[test]
fn the_order_of_entries_makes_no_difference() {
    let (a, b) = (
        swept(
            &rows(),
            Some("kind,value\naccount,r3\nip,10.9.0.0/16\njob,t4|i1\nshop,t4\n"),
        ),
        swept(
            &rows(),
            Some("kind,value\nshop,t4\njob,t4|i1\nip,10.9.0.0/16\naccount,r3\n"),
        ),
    );
    assert_eq!(a.tables, b.tables);
    let mut records = entries(&a).to_vec();
    records.reverse();
    let counts = |records: &[AllowedRecord]| -> Vec<_> {
        records
            .iter()
            .map(|one| (one.rows, one.accounts, one.entities))
            .collect()
    };
    assert_eq!(counts(&records), counts(entries(&b)));
}

#[test]
fn an_allowed_office_never_appears_and_its_members_may() {
    let outcome = swept(
        &rows(),
        Some("kind,value,reason,owner\nip,10.9.0.1,office,dana\n"),
    );
    let ring = outcome.tables.evidence.iter();
    assert!(ring.clone().all(|row| row.entity_type != "ip"));
    assert!(ring.clone().any(|row| row.entity_type == "shop"));
    assert!(members(&outcome).contains(&"r1"), "they still act as one");
    let [entry] = entries(&outcome) else {
        panic!("one entry")
    };
    assert_eq!(
        (&*entry.status, entry.rows, entry.accounts, entry.entities),
        ("applied", 72, 6, 1)
    );
    assert_eq!((&*entry.reason, &*entry.owner), ("office", "dana"));
}

/// The addresses that say most for rings whose members also act as one.
#[test]
fn no_table_and_no_command_tells_of_an_allowed_block_and_its_rings_are_found_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/small-platform/events.csv");
    let (plain, allowed) = (folder.path().join("plain"), folder.path().join("allowed"));
    sweep_into(&events, "engagement", &plain, &[]);
    let act_as_one: Vec<String> = table(&plain.join("rings.csv"))
        .into_iter()
        .filter(|ring| ring["tier"] == "act" && ring["reasons"].contains("lockstep"))
        .map(|mut ring| ring.remove("ring_id").unwrap())
        .collect();
    let blocks: Vec<String> = table(&plain.join("evidence.csv"))
        .into_iter()
        .filter(|row| row["entity_type"] == "ip" && act_as_one.contains(&row["ring_id"]))
        .map(|row| row["entity_id"].rsplit_once('.').unwrap().0.to_owned() + ".")
        .collect();
    assert!(blocks.len() > 5, "{blocks:?}");
    let list = folder.path().join("allow.csv");
    let lines = blocks
        .iter()
        .map(|block| format!("ip,{block}0/24,office,dana,\n"));
    let text = format!(
        "kind,value,reason,owner,expires\n{}",
        lines.collect::<String>()
    );
    fs::write(&list, text).unwrap();
    let options = ["--allow", list.to_str().unwrap()];
    sweep_into(&events, "engagement", &allowed, &options);

    let says_nothing = |text: &str, from: &str| {
        for line in text.lines() {
            let word = |word: &str| blocks.iter().any(|block| word.starts_with(block));
            let told = line
                .split(|c: char| !(c.is_alphanumeric() || c == '.'))
                .any(word);
            assert!(!told, "{from}: {line}");
        }
    };
    for name in ["rings", "members", "evidence", "links", "uses"] {
        let path = allowed.join(name).with_extension("csv");
        says_nothing(&fs::read_to_string(&path).unwrap(), name);
    }
    let said = |arguments: &[&str]| {
        let output = ringsweep(arguments).assert().success().get_output().clone();
        String::from_utf8(output.stdout).unwrap()
    };
    says_nothing(&said(&["feed", allowed.to_str().unwrap()]), "feed");

    let found = |out: &Path| -> Vec<String> {
        let members = table(&out.join("members.csv")).into_iter();
        let acting = members.filter(|row| row["tier"] == "act");
        acting
            .map(|mut row| row.remove("account_id").unwrap())
            .collect()
    };
    let still = found(&allowed);
    let members = table(&plain.join("members.csv")).into_iter();
    let missing: Vec<String> = members
        .filter(|row| row["tier"] == "act" && act_as_one.contains(&row["ring_id"]))
        .map(|mut row| row.remove("account_id").unwrap())
        .filter(|account| !still.contains(account))
        .collect();
    assert!(missing.is_empty(), "their deeds remain: {missing:?}");
}

#[test]
fn an_allowed_account_never_appears_and_its_rows_are_counted() {
    let outcome = swept(&rows(), Some("kind,value\naccount,r0\naccount,nobody\n"));
    assert!(
        !members(&outcome).contains(&"r0"),
        "not even where others name it"
    );
    let rows = &outcome.manifest.rows;
    assert_eq!(rows.filtered["allowed_account"], 12);
    assert!(rows.add_up());
    assert_eq!(outcome.manifest.results["accounts"], 65);
    let status: Vec<&str> = entries(&outcome)
        .iter()
        .map(|entry| &*entry.status)
        .collect();
    assert_eq!(status, ["applied", "unmatched"]);
}

#[test]
fn entries_hold_until_the_newest_event_reaches_their_expiry() {
    let newest = rows().iter().map(|row| row.at).max().unwrap() + 1_767_225_600;
    let list = format!(
        "kind,value,expires\naccount,r0,{newest}\naccount,r1,{}\n",
        newest + 1
    );
    let outcome = swept(&rows(), Some(&list));
    let status: Vec<&str> = entries(&outcome)
        .iter()
        .map(|entry| &*entry.status)
        .collect();
    assert_eq!(status, ["expired", "applied"]);
    assert!(members(&outcome).contains(&"r0") && !members(&outcome).contains(&"r1"));
    assert!(!outcome.manifest.allow.as_ref().unwrap().as_of.is_empty());
}

#[test]
fn a_list_that_allows_nothing_changes_nothing_but_the_record() {
    let (with, without) = (swept(&rows(), Some("kind,value\n")), swept(&rows(), None));
    assert_eq!(with.tables, without.tables);
    assert_eq!(with.manifest.rows, without.manifest.rows);
    assert_ne!(with.manifest.run_id, without.manifest.run_id);
}

#[test]
fn explain_says_who_allowed_an_account_and_what_was_left_out_of_a_ring() {
    let list = "kind,value,reason,owner,expires\naccount,r0,test account,dana,2030-01-01\nshop,t1,our own,,\n";
    let outcome = swept(&rows(), Some(list));
    let told = |id: &str| {
        let told = explain(&outcome.tables, &outcome.manifest, id, 3);
        told.unwrap().to_string()
    };
    let account = told("r0");
    assert!(
        account.contains("row 1): test account, says dana, until 2030-01-01"),
        "{account}"
    );
    assert!(account.contains("12 rows were left out"), "{account}");
    let ring = told(&outcome.tables.rings[0].ring_id);
    assert!(ring.contains("  shop t1: our own\n"), "{ring}");
}

#[test]
fn slips_are_told_with_file_and_row() {
    for (text, told) in [
        ("value\nr0\n", "allow.csv has no column kind; it has value"),
        (
            "kind,value\naccount,r0\ndevice,d1\n",
            "row 2: `device` is no kind: it is one of account, ip, shop, job, referrer",
        ),
        ("kind,value\naccount,\n", "row 1: the value is empty"),
        (
            "kind,value\nip,10.0.0.0/40\n",
            "row 1: `10.0.0.0/40` is no block of addresses",
        ),
        (
            "kind,value,expires\nip,10.0.0.0/8,soon\n",
            "row 1: `soon` is no time",
        ),
        (
            "kind,value\naccount,a,b\n",
            "row 1: 2 cells expected, 3 found",
        ),
    ] {
        let error = read_list(text).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    let missing = AllowList::read(Path::new("no/such/list.csv"), &definition());
    assert!(matches!(missing, Err(ListError::Unreadable { .. })));
}
