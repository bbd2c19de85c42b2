//! Seeds: what they say of others is exact, modest and the same for any number of threads; they find rings
//! that were missed, and wrong labels do little harm.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use ringsweep::base::chance::draw;
use ringsweep::base::run::Run;
use ringsweep::lists::{ListError, SeedList};
use ringsweep::publish::EvidenceRow;
use ringsweep::recipe::Definition;
use ringsweep::sweep::{self, Clock, Input, Loaded, Outcome, Settings};

mod common {
    pub(crate) mod command;
}
use common::command::ringsweep;

fn read_list(text: &str) -> Result<SeedList, ListError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seeds.csv");
    fs::write(&path, text).unwrap();
    SeedList::read(&path, "user")
}

fn loaded(events: &Path, definition: &Definition) -> Loaded {
    let input = Input::of(&[events]).unwrap();
    sweep::load(&input, definition, BTreeMap::new(), &Run::quiet()).unwrap()
}

/// Sweeps `loaded` with the seeds of `list`.
fn swept(loaded: &Loaded, definition: &Definition, list: &str) -> Outcome {
    let mut loaded = loaded.clone();
    let list = read_list(list).unwrap();
    sweep::know(&mut loaded, Some(&list), None, definition).unwrap();
    let (settings, clock) = (Settings::default(), Clock::default());
    sweep::sweep(&loaded, definition, settings, clock, &Run::quiet()).unwrap()
}

const DEFINITION: &str = r#"
[columns]
account = "user"

[[entity]]
name = "device"
kind = "infrastructure"
columns = ["device"]

[[entity]]
name = "ip"
kind = "infrastructure"
columns = ["ip"]
"#;

/// A platform of `rows` of user, device and address.
fn platform(rows: impl IntoIterator<Item = (String, String, String)>) -> (Loaded, Definition) {
    let definition = Definition::from_toml("test", DEFINITION).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.csv");
    let mut text = String::from("user,device,ip\n");
    for (user, device, ip) in rows {
        writeln!(text, "{user},{device},{ip}").unwrap();
    }
    fs::write(&events, text).unwrap();
    (loaded(&events, &definition), definition)
}

/// A thousand behind one carrier's address, each with a phone; two of them share it.
fn carrier() -> (Loaded, Definition) {
    platform((0..1000).map(|user| {
        let device = if user < 2 {
            "shared".into()
        } else {
            format!("d{user}")
        };
        (format!("u{user:03}"), device, "carrier".into())
    }))
}

#[test]
fn a_carrier_passes_next_to_nothing_on_and_a_phone_a_lot() {
    let (loaded, definition) = carrier();
    let outcome = swept(&loaded, &definition, "account_id,label\nu000,bad\n");
    let bad = |account: &str| {
        let row = outcome
            .tables
            .seeds
            .iter()
            .find(|row| row.account_id == account);
        row.map_or(0.0, |row| row.bad)
    };
    assert!(bad("u001") > 0.05, "{}", bad("u001"));
    assert!(bad("u500") < 0.001, "{}", bad("u500"));
    assert!(outcome.tables.rings.iter().all(|ring| ring.tier == "watch"));
}

#[test]
fn parts_add_up_and_shares_leave_room_for_not_knowing() {
    let (loaded, definition) = platform((0..400u64).map(|row| {
        let [user, device, ip] = [1, 2, 3].map(|what| draw(7, what, row) % 60);
        (
            format!("u{user}"),
            format!("d{device}"),
            format!("i{}", ip / 4),
        )
    }));
    let mut list = String::from("user,label,weight\n");
    for user in 0..12u32 {
        let label = if user % 3 == 0 { "good" } else { "bad" };
        writeln!(list, "u{user},{label},{}", f64::from(user + 1) / 12.0).unwrap();
    }
    let outcome = swept(&loaded, &definition, &list);
    let mut sums: BTreeMap<(&str, &str), (f64, f64)> = BTreeMap::new();
    for row in &outcome.tables.seeds {
        let told = if row.seed_label == "bad" {
            row.bad
        } else {
            row.good
        };
        let sum = sums
            .entry((&row.account_id, &row.seed_label))
            .or_insert((told, 0.0));
        assert_eq!(sum.0, told);
        sum.1 += row.share;
        assert!(row.bad >= 0.0 && row.good >= 0.0 && row.bad + row.good <= 1.0);
    }
    assert!(sums.len() > 60);
    for (of, (told, sum)) in sums {
        assert!((told - sum).abs() < 1e-9, "{of:?}: {told} is not {sum}");
    }
}

#[test]
fn a_label_at_odds_with_its_surroundings_can_be_seen() {
    // Nine of one flat; eight are known to be good, the ninth is said to be bad.
    let (loaded, definition) =
        platform((0..9).map(|user| (format!("u{user}"), format!("d{}", user / 3), "home".into())));
    let mut list = String::from("account,label\n");
    for user in 0..9 {
        writeln!(list, "u{user},{}", i32::from(user == 8)).unwrap();
    }
    let outcome = swept(&loaded, &definition, &list);
    let row = outcome
        .tables
        .seeds
        .iter()
        .find(|row| row.account_id == "u8")
        .unwrap();
    assert_eq!(row.label, "bad");
    let others: f64 = row.good;
    assert!(others > 0.05, "{others}");
    let row = outcome
        .tables
        .seeds
        .iter()
        .find(|row| row.account_id == "u4")
        .unwrap();
    assert!(row.bad < 0.05 && row.good > 0.5, "{row:?}");
}

#[test]
fn an_empty_list_changes_no_table() {
    let (loaded, definition) = carrier();
    let none = swept(&loaded, &definition, "account_id,label\n");
    let (settings, clock) = (Settings::default(), Clock::default());
    let plain = sweep::sweep(&loaded, &definition, settings, clock, &Run::quiet()).unwrap();
    assert_eq!(none.tables, plain.tables);
}

#[test]
fn entries_are_counted_whatever_becomes_of_them() {
    let (loaded, definition) = carrier();
    let list = "account_id,label,weight,expires\nu001,fraud,,\nu001,BAD,0.5,\nu002,legit,,\nzz,1,,\nu003,bad,1,2020-01-01\n";
    let outcome = swept(&loaded, &definition, list);
    let record = outcome.manifest.seeds.as_ref().unwrap();
    assert_eq!(
        (record.entries, record.bad, record.good),
        (5, 2, 1),
        "nothing expires without times"
    );
    assert_eq!(
        (
            record.repeated,
            record.unknown,
            record.expired,
            record.allowed
        ),
        (1, 1, 0, 0)
    );
    assert_eq!(record.as_of, "");
}

#[test]
fn slips_are_told_with_file_and_row() {
    for (text, told) in [
        (
            "account_id,lable\na,bad\n",
            "seeds.csv has no column label; it has account_id, lable",
        ),
        (
            "account_id,label\na,bad\nb,meh\n",
            "row 2: the label `meh` is neither bad",
        ),
        ("account_id,label\n,bad\n", "row 1: the account is empty"),
        (
            "account_id,label,weight\na,bad,0\n",
            "row 1: the weight `0` is no number above 0 and at most 1",
        ),
        (
            "account_id,label,weight\na,bad,nan\n",
            "row 1: the weight `nan`",
        ),
        (
            "account_id,label,expires\na,bad,tomorrow\n",
            "row 1: `tomorrow` is no time",
        ),
    ] {
        let error = read_list(text).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    let (loaded, definition) = carrier();
    let list = read_list("account_id,label\nu001,bad\nu002,bad\nu001,good\n").unwrap();
    let error = sweep::know(&mut loaded.clone(), Some(&list), None, &definition).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("row 3: `u001` has the opposite label in row 1"),
        "{error}"
    );
}

/// A platform with planted rings: its events, and the accounts of each ring.
struct World {
    loaded: Loaded,
    definition: Definition,
    rings: BTreeMap<String, Vec<String>>,
}

fn small_platform() -> World {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/small-platform");
    let definition = Definition::load("engagement").unwrap();
    let mut rings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in fs::read_to_string(folder.join("truth.csv"))
        .unwrap()
        .lines()
        .skip(1)
    {
        let (account, ring) = line.split_once(',').unwrap();
        rings
            .entry(ring.to_owned())
            .or_default()
            .push(account.to_owned());
    }
    World {
        loaded: loaded(&folder.join("events.csv"), &definition),
        definition,
        rings,
    }
}

impl World {
    /// A seed list: about a twentieth of each ring, at least one, as bad, and four times as many others as
    /// good; one label in ten is wrong where `flipped`.
    fn seeds(&self, flipped: bool) -> String {
        let planted: BTreeSet<&String> = self.rings.values().flatten().collect();
        let accounts = self.loaded.log.accounts.iter();
        let others: Vec<String> = accounts
            .map(|key| String::from_utf8(key.to_vec()).unwrap())
            .filter(|account| !planted.contains(account))
            .collect();
        let some = |accounts: &[String], count: usize, stage: u64| -> Vec<String> {
            let mut order: Vec<usize> = (0..accounts.len()).collect();
            order.sort_by_key(|&at| draw(1, stage, at as u64));
            order
                .iter()
                .take(count)
                .map(|&at| accounts[at].clone())
                .collect()
        };
        let mut entries: Vec<(String, bool)> = Vec::new();
        for ring in self.rings.values() {
            let bad = some(ring, (ring.len() / 20).max(1), 2);
            entries.extend(bad.into_iter().map(|account| (account, true)));
        }
        let good = some(&others, entries.len() * 4, 3);
        entries.extend(good.into_iter().map(|account| (account, false)));
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&at| draw(1, 4, at as u64));
        for &at in order
            .iter()
            .take(if flipped { entries.len() / 10 } else { 0 })
        {
            entries[at].1 = !entries[at].1;
        }
        let lines = entries
            .iter()
            .map(|(account, bad)| format!("{account},{}\n", i32::from(*bad)));
        format!("account_id,label\n{}", lines.collect::<String>())
    }

    /// How good a sweep is.
    fn quality(&self, outcome: &Outcome) -> Quality {
        let members = &outcome.tables.members;
        let planted: BTreeSet<&str> = self.rings.values().flatten().map(String::as_str).collect();
        let is_planted = |account: &str| planted.contains(account);
        let shown: Vec<bool> = members
            .iter()
            .filter(|row| row.tier != "watch")
            .map(|row| is_planted(&row.account_id))
            .collect();
        let right = |found: &[bool]| found.iter().filter(|&&right| right).count() as f64;
        let all: Vec<bool> = members
            .iter()
            .map(|row| is_planted(&row.account_id))
            .collect();
        Quality {
            precision: right(&shown) / shown.len().max(1) as f64,
            reported_precision: right(&all) / all.len().max(1) as f64,
            reported_recall: right(&all) / planted.len() as f64,
        }
    }
}

/// Of accounts.
#[derive(Debug)]
struct Quality {
    /// In `act` and `review`.
    precision: f64,
    /// In any tier.
    reported_precision: f64,
    reported_recall: f64,
}

#[test]
fn wrong_labels_cost_little() {
    let world = small_platform();
    let [plain, right, flipped] = [
        "account_id,label\n".to_owned(),
        world.seeds(false),
        world.seeds(true),
    ]
    .map(|list| world.quality(&swept(&world.loaded, &world.definition, &list)));
    assert!(
        right.reported_recall >= plain.reported_recall,
        "{plain:?} {right:?}"
    );
    assert!(
        right.precision >= plain.precision - 0.01,
        "{plain:?} {right:?}"
    );
    assert!(
        flipped.precision >= right.precision - 0.05,
        "{right:?} {flipped:?}"
    );
    assert!(
        flipped.reported_precision >= right.reported_precision - 0.05,
        "{right:?} {flipped:?}"
    );
}

/// A platform of three thousand who visit eight of three thousand shops each, and a ring of sixty who go to one of
/// thirty shops in `loyalty` of twenty visits.
fn loyal_ring(loyalty: u64) -> (Loaded, Definition) {
    let definition = "[columns]\naccount = \"user\"\n[[entity]]\nname = \"shop\"\nkind = \"behaviour\"\ncolumns = [\"shop\"]\n";
    let definition = Definition::from_toml("test", definition).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.csv");
    let mut text = String::from("user,shop\n");
    for visit in 0..24_000u64 {
        let user = visit % 3000;
        let [any, loyal] = [draw(3, 0, visit), draw(3, 1, visit)];
        let of_the_ring = user < 60 && loyal % 20 < loyalty;
        let shop = if of_the_ring { any % 30 } else { any % 3000 };
        writeln!(text, "u{user},s{shop}").unwrap();
    }
    fs::write(&events, text).unwrap();
    (loaded(&events, &definition), definition)
}

#[test]
fn three_known_of_sixty_find_rings_that_were_missed() {
    let mut found = [0, 0];
    for loyalty in [0, 11, 12, 13, 14] {
        let (loaded, definition) = loyal_ring(loyalty);
        let lists = [
            "account,label\n",
            "account,label\nu7,bad\nu23,bad\nu41,bad\n",
        ];
        let recalled = lists.map(|list| {
            let outcome = swept(&loaded, &definition, list);
            let members = outcome.tables.members.iter();
            let numbers = members
                .filter(|row| row.tier != "watch")
                .map(|row| row.account_id[1..].parse::<u64>().unwrap());
            let (right, wrong): (Vec<u64>, Vec<u64>) = numbers.partition(|&user| user < 60);
            assert!(wrong.len() <= 5, "{loyalty}: {wrong:?}");
            right.len()
        });
        if loyalty == 0 {
            assert_eq!(recalled, [0, 0], "seeds alone convict nobody");
        }
        found[0] += recalled[0];
        found[1] += recalled[1];
    }
    assert!(found[1] > found[0], "{found:?}");
}

#[test]
fn contributions_of_seeds_are_part_of_the_sum_and_no_good_one_is_in_act() {
    let world = small_platform();
    let tables = swept(&world.loaded, &world.definition, &world.seeds(true)).tables;
    let told = |row: &&EvidenceRow| row.entity_type == "seed-list";
    assert!(
        tables
            .evidence
            .iter()
            .any(|row| told(&row) && row.bits > 0.0)
    );
    for ring in &tables.rings {
        let own = || {
            tables
                .evidence
                .iter()
                .filter(|row| row.ring_id == ring.ring_id)
        };
        let sum: f64 = own().map(|row| row.bits).sum();
        let rounding = 0.0006 * (own().count() + 2) as f64;
        assert!(
            (sum - ring.cost - ring.bits).abs() < rounding,
            "{ring:?} is not {sum}"
        );
    }
    let mut good = tables.seeds.iter().filter(|row| row.label == "good");
    assert!(good.all(|seed| {
        let mut members = tables.members.iter();
        members.all(|row| row.account_id != seed.account_id || row.tier != "act")
    }));
}

#[test]
fn any_number_of_threads_gives_the_same_tables() {
    let world = small_platform();
    let list = world.seeds(true);
    let [one, four] = [1, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| swept(&world.loaded, &world.definition, &list))
            .tables
    });
    assert_eq!(one, four);
}

#[test]
fn lists_that_cannot_be_used_end_the_command_with_the_right_code_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("events.csv"), "account_id,device_id\na,d\nb,d\nc,e\n").unwrap();
    fs::write(path("bad.csv"), "account_id,label\na,bad\nb,perhaps\n").unwrap();
    fs::write(path("good.csv"), "account_id,label\na,bad\n").unwrap();
    for (option, file, code, told) in [
        ("--seeds", "bad.csv", 3, "row 2: the label `perhaps`"),
        ("--seeds", "missing.csv", 2, "missing.csv"),
        ("--allow", "good.csv", 3, "has no column kind"),
        ("--allow", "missing.csv", 2, "missing.csv"),
        ("--seeds", "good.csv", 0, ""),
    ] {
        let mut command = ringsweep(["sweep", "--graph", "engagement"]);
        command.arg(path("events.csv")).arg(option).arg(path(file));
        let output = command.arg("--out").arg(path("sweep")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{option} {file}: {said}");
        assert!(said.contains(told), "{said}");
        assert_eq!(path("sweep").exists(), code == 0);
    }
    assert!(path("sweep/seeds.csv").exists());
    let output = ringsweep(["explain"])
        .arg(path("sweep"))
        .arg("b")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("end at bad seeds") && said.contains("  a "),
        "{said}"
    );
}
