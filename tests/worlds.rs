//! The small worlds of `fixtures/`: what must be found is found, what must not is not, and the
//! evidence can be worked out again from the raw events.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::command::ringsweep;
use common::sweeping::sweep;
use common::tables::table;

type Row = BTreeMap<String, String>;

const WORLDS: [&str; 4] = ["small-platform", "household", "campus-nat", "flash-crowd"];

fn fixture(world: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(world)
}

fn events(world: &str) -> PathBuf {
    fixture(world).join("events.csv")
}

/// A published sweep of a world, gone when dropped.
struct Swept {
    folder: tempfile::TempDir,
}

impl Swept {
    fn of(world: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        sweep(
            &events(world),
            "engagement",
            &folder.path().join("swept"),
            &[],
        );
        Swept { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("swept")
    }

    fn table(&self, name: &str) -> Vec<Row> {
        table(&self.path().join(name).with_extension("csv"))
    }

    /// Accounts by ring.
    fn members(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut rings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for mut row in self.table("members") {
            let account = row.remove("account_id").unwrap();
            rings
                .entry(row.remove("ring_id").unwrap())
                .or_default()
                .insert(account);
        }
        rings
    }

    /// What the manifest says of clubs, by entity type.
    fn affinity(&self) -> HashMap<String, f64> {
        let text = fs::read_to_string(self.path().join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let types = manifest["entities"].as_array().unwrap();
        types
            .iter()
            .map(|one| {
                let name = one["name"].as_str().unwrap().to_owned();
                (name, one["affinity"].as_f64().unwrap())
            })
            .collect()
    }
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// The planted rings that the world's README says must be found, by its table's last column.
fn must_be_found(world: &str) -> BTreeSet<String> {
    let readme = fs::read_to_string(fixture(world).join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.strip_suffix(" | yes |"))
        .map(|row| row.split(" | ").next().unwrap().to_owned())
        .collect()
}

/// Accounts of the planted rings, by ring.
fn planted(world: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut rings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mut row in table(&fixture(world).join("truth.csv")) {
        let account = row.remove("account_id").unwrap();
        rings
            .entry(row.remove("ring_id").unwrap())
            .or_default()
            .insert(account);
    }
    rings
}

#[test]
fn planted_rings_are_found() {
    let found = Swept::of("small-platform").members();
    let truth = planted("small-platform");
    let expected = must_be_found("small-platform");
    assert_eq!(expected.len(), 10, "the README's table was read");
    let mut missed = Vec::new();
    for name in expected {
        let planted = &truth[&name];
        let share = |ring: &BTreeSet<String>| {
            let common = ring.intersection(planted).count() as f64;
            (common / planted.len() as f64, common / ring.len() as f64)
        };
        let best = found
            .values()
            .map(share)
            .max_by(|a, b| (a.0 * a.1).total_cmp(&(b.0 * b.1)));
        let (recall, purity) = best.unwrap_or_default();
        if recall < 0.8 || purity < 0.8 {
            missed.push(format!("{name}: recall {recall:.2}, purity {purity:.2}"));
        }
    }
    assert!(missed.is_empty(), "not recovered: {missed:#?}");
}

#[test]
fn nobody_but_the_planted_is_to_be_acted_on() {
    let truth = planted("small-platform");
    let guilty: BTreeSet<&String> = truth.values().flatten().collect();
    let members = Swept::of("small-platform").table("members");
    let (right, wrong): (Vec<&Row>, Vec<&Row>) = members
        .iter()
        .filter(|row| row["tier"] == "act")
        .partition(|row| guilty.contains(&row["account_id"]));
    assert!(
        wrong.is_empty(),
        "{} innocent accounts in `act`",
        wrong.len()
    );
    assert!(
        right.len() > guilty.len() / 5,
        "{} of the guilty",
        right.len()
    );
}

#[test]
fn innocent_worlds_give_nothing_to_act_on_or_review() {
    for world in ["household", "campus-nat", "flash-crowd"] {
        let tiers: Vec<String> = Swept::of(world)
            .table("rings")
            .into_iter()
            .filter_map(|mut row| row.remove("tier"))
            .filter(|tier| tier != "watch")
            .collect();
        assert!(tiers.is_empty(), "{world}: {tiers:?}");
    }
}

/// A truth without rings is one: whatever was found is wrong.
#[test]
fn a_world_without_rings_can_be_evaluated() {
    let swept = Swept::of("flash-crowd");
    let truth = fixture("flash-crowd").join("truth.csv");
    let output = ringsweep(["evaluate", "--json", "--truth"])
        .args([truth, swept.path()])
        .assert()
        .success()
        .get_output()
        .clone();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["bad_accounts"], 0);
    let everybody = found["tiers"].as_array().unwrap().last().unwrap();
    assert_eq!(everybody["accounts"]["found"], swept.table("members").len());
    assert_eq!(everybody["accounts"]["right"], 0);
}

#[test]
fn contributions_less_the_cost_are_the_evidence() {
    let mut rings_seen = 0;
    for world in WORLDS {
        let swept = Swept::of(world);
        let mut contributed: HashMap<String, (f64, usize)> = HashMap::new();
        for row in swept.table("evidence") {
            assert!(number(&row, "bits") > 0.0, "{row:?}");
            let sum = contributed.entry(row["ring_id"].clone()).or_default();
            *sum = (sum.0 + number(&row, "bits"), sum.1 + 1);
        }
        for ring in swept.table("rings") {
            let (sum, terms) = contributed[&ring["ring_id"]];
            // Every published number is rounded to a thousandth.
            let rounding = 0.0005 * (terms + 2) as f64 + 1e-9;
            let difference = sum - number(&ring, "cost") - number(&ring, "bits");
            assert!(
                difference.abs() <= rounding,
                "{world}: {difference} {ring:?}"
            );
            rings_seen += 1;
        }
    }
    assert!(rings_seen > 0);
}

#[test]
fn counts_add_up() {
    for world in WORLDS {
        let swept = Swept::of(world);
        let text = fs::read(swept.path().join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let rows = csv::Reader::from_path(events(world))
            .unwrap()
            .into_records()
            .count();
        assert_eq!(manifest["rows"]["read"], rows);
        assert_eq!(manifest["rows"]["accepted"], rows);
        let (rings, members) = (swept.table("rings"), swept.table("members"));
        assert_eq!(manifest["results"]["rings"], rings.len());
        assert_eq!(manifest["results"]["ring_accounts"], members.len());
        for name in ["members", "rings", "evidence", "links", "uses", "rejects"] {
            assert_eq!(
                manifest["tables"][name],
                swept.table(name).len(),
                "{world}/{name}"
            );
        }
        for tier in ["act", "review", "watch"] {
            let of_tier = rings.iter().filter(|row| row["tier"] == tier).count();
            assert_eq!(manifest["results"][format!("rings_{tier}")], of_tier);
        }
        let distinct: HashSet<&String> = members.iter().map(|row| &row["account_id"]).collect();
        assert_eq!(distinct.len(), members.len(), "an account is in one ring");
        for ring in &rings {
            let size = members
                .iter()
                .filter(|row| row["ring_id"] == ring["ring_id"])
                .count();
            assert_eq!(ring["size"], size.to_string());
        }
    }
}

#[test]
fn a_snapshot_sweeps_to_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let snapshot = path("events.snapshot");
    let keep = ["--save-graph", snapshot.to_str().unwrap()];
    sweep(
        &events("small-platform"),
        "engagement",
        &path("first"),
        &keep,
    );
    // The snapshot brings its definition along.
    ringsweep(["sweep", "--out"])
        .args([path("again"), snapshot])
        .assert()
        .success();
    for name in ["members", "rings", "evidence", "links", "uses", "rejects"] {
        let [first, again] = ["first", "again"]
            .map(|sweep| fs::read(path(sweep).join(name).with_extension("csv")).unwrap());
        assert!(first == again, "{name}");
    }
}

#[test]
fn rings_keep_their_ids_from_sweep_to_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let world = events("small-platform");
    let rings = |sweep: &str| table(&path(sweep).join("rings.csv"));
    sweep(&world, "engagement", &path("monday"), &[]);
    let monday = rings("monday");
    assert!(monday.len() > 1);
    assert!(monday.iter().all(|ring| ring["status"] == "new"));

    let monday_path = path("monday");
    let previous = ["--previous", monday_path.to_str().unwrap()];
    sweep(&world, "engagement", &path("tuesday"), &previous);
    let tuesday = rings("tuesday");
    assert_eq!(tuesday.len(), monday.len());
    for (before, now) in monday.iter().zip(&tuesday) {
        assert_eq!(now["status"], "continued");
        assert_eq!(now["ring_id"], before["ring_id"]);
    }

    // One member of the first ring vanishes: the ring keeps its id though its members changed.
    let first = &monday[0]["ring_id"];
    let members = table(&path("monday").join("members.csv"));
    let of_first: Vec<&Row> = members
        .iter()
        .filter(|row| row["ring_id"] == *first)
        .collect();
    let gone = &of_first.last().unwrap()["account_id"];
    let text = fs::read_to_string(&world).unwrap();
    let prefix = format!("{gone},");
    let left: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with(&prefix))
        .collect();
    fs::write(path("left.csv"), left.join("\n")).unwrap();
    sweep(
        &path("left.csv"),
        "engagement",
        &path("wednesday"),
        &previous,
    );
    let wednesday = rings("wednesday");
    let kept = wednesday.iter().find(|ring| ring["ring_id"] == *first);
    let kept = kept.expect("the ring goes on under its id");
    assert_ne!(kept["status"], "new");
    let members = table(&path("wednesday").join("members.csv"));
    assert!(members.iter().all(|row| row["account_id"] != *gone));
}

/// One entity type as the raw rows have it.
struct Type {
    /// Accounts of each entity.
    holders: HashMap<String, HashSet<String>>,
    /// Entities of each account.
    held: HashMap<String, HashSet<String>>,
}

impl Type {
    fn of(rows: &[Row], column: &str) -> Self {
        let mut of = Type {
            holders: HashMap::new(),
            held: HashMap::new(),
        };
        for row in rows.iter().filter(|row| !row[column].is_empty()) {
            let (account, entity) = (&row["account_id"], &row[column]);
            of.holders
                .entry(entity.clone())
                .or_default()
                .insert(account.clone());
            of.held
                .entry(account.clone())
                .or_default()
                .insert(entity.clone());
        }
        of
    }

    fn activity(&self, account: &str) -> usize {
        self.held.get(account).map_or(0, HashSet::len)
    }
}

/// `ln n!` by adding up, between whole numbers by the recurrence down from Stirling's series.
fn ln_factorial(n: f64) -> f64 {
    if n < 30.0 {
        return ln_factorial(n + 1.0) - (n + 1.0).ln();
    }
    let z = n + 1.0;
    (z - 0.5) * z.ln() - z + (2.0 * std::f64::consts::PI).ln() / 2.0 + 1.0 / (12.0 * z)
        - 1.0 / (360.0 * z.powi(3))
}

fn ln_choose(n: f64, k: f64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// Nats of an entity that `k` of `n` members and `d` of `total` accounts have, where `pickable`
/// entities could have been picked: minus the log of the hypergeometric chance, less the price of
/// not having said beforehand how many members, less that of not having said which entity.
fn nats(total: f64, d: f64, n: f64, k: f64, pickable: f64) -> f64 {
    let chance = ln_choose(n, k) + ln_choose(total - n, d - k) - ln_choose(total, d);
    let e = -chance - (n.min(d) + 1.0).ln();
    // ln(1 + e/|E|)
    let picked = e - pickable.ln();
    picked.max(0.0) + (-picked.abs()).exp().ln_1p()
}

/// Counts, expectations and bits of every device, address and owner that speaks for a ring.
#[test]
fn plain_evidence_can_be_worked_out_from_the_raw_events() {
    let swept = Swept::of("small-platform");
    let rows = table(&events("small-platform"));
    let columns = [("device", "device_id"), ("ip", "ip"), ("owner", "owner_id")];
    let types = columns.map(|(name, column)| (name, Type::of(&rows, column)));
    let members = swept.members();
    let affinity = swept.affinity();
    let mut checked = BTreeMap::new();
    for row in swept.table("evidence") {
        let Some((name, of)) = types.iter().find(|(name, _)| row["entity_type"] == *name) else {
            continue;
        };
        let ring = &members[&row["ring_id"]];
        let holders = &of.holders[&row["entity_id"]];
        let sharing = ring
            .iter()
            .filter(|account| holders.contains(*account))
            .count();
        assert_eq!(row["members"], sharing.to_string(), "{row:?}");
        assert_eq!(row["accounts"], holders.len().to_string(), "{row:?}");

        let active = ring
            .iter()
            .filter(|account| of.activity(account) > 0)
            .count() as f64;
        let mean = |sum: usize, accounts: f64| sum as f64 / accounts;
        let population = of.held.len() as f64;
        let usual = mean(of.held.values().map(HashSet::len).sum(), population);
        let here = mean(
            ring.iter().map(|account| of.activity(account)).sum(),
            active,
        );
        // Members who do more than others meet others more often, and so do members of one club.
        let total = population / ((here / usual).max(1.0) * affinity[*name]);
        let (d, k) = (holders.len() as f64, sharing as f64);
        let total = total.max(active + d - k);
        let expected = active * (d / total).min(1.0);
        assert!(
            (number(&row, "expected") - expected).abs() < 0.001,
            "{expected} {row:?}"
        );
        let pickable = of
            .holders
            .values()
            .filter(|holders| holders.len() > 1)
            .count();
        let bits = nats(total, d, active, k, pickable as f64) / 2f64.ln();
        assert!(
            (number(&row, "bits") - bits).abs() < 0.002,
            "{bits} {row:?}"
        );
        *checked.entry(*name).or_insert(0) += 1;
    }
    assert_eq!(checked.len(), 3, "every plain type speaks: {checked:?}");
}

/// Who was there, in every window that speaks for a ring.
#[test]
fn windows_can_be_counted_from_the_raw_events() {
    let swept = Swept::of("small-platform");
    let rows = table(&events("small-platform"));
    let members = swept.members();
    let mut by_key: HashMap<String, Vec<(jiff::Timestamp, &str)>> = HashMap::new();
    for row in &rows {
        let key = format!("{}|{}", row["target_id"], row["action"]);
        let time = row["ts"].parse().unwrap();
        by_key
            .entry(key)
            .or_default()
            .push((time, &row["account_id"]));
    }
    let mut checked = 0;
    for row in swept.table("evidence") {
        let Some((key, start)) = row["entity_id"].split_once('@') else {
            continue;
        };
        let start: jiff::Timestamp = start.parse().unwrap();
        let until = start + jiff::SignedDuration::from_secs(60);
        let there: BTreeSet<&str> = by_key[key]
            .iter()
            .filter(|(time, _)| (start..=until).contains(time))
            .map(|&(_, account)| account)
            .collect();
        let ring = &members[&row["ring_id"]];
        let sharing = there
            .iter()
            .filter(|account| ring.contains(**account))
            .count();
        assert_eq!(row["members"], sharing.to_string(), "{row:?}");
        assert_eq!(row["accounts"], there.len().to_string(), "{row:?}");
        assert_eq!(row["first_ts"].parse::<jiff::Timestamp>().unwrap(), start);
        checked += 1;
    }
    assert!(checked > 10, "{checked}");
}
