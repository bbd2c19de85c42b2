//! Same events, same bytes: for any number of threads, any order of rows, any cut into files.
//!
//! The threads are compared on a million events, where every stage has many chunks; the orders on two
//! hundred thousand (still dozens of chunks in every reader), because each order is a sweep of its own.

use std::fs;
use std::path::{Path, PathBuf};

use ringsweep::base::chance::draw;

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
}
use common::command::ringsweep;
use common::sweeping::sweep;

const TABLES: [&str; 6] = [
    "members.csv",
    "rings.csv",
    "evidence.csv",
    "links.csv",
    "uses.csv",
    "rejects.csv",
];

/// Makes a platform with rings of every kind and returns its events.
fn simulate(folder: &Path, accounts: u32, events: u32) -> PathBuf {
    let (accounts, events) = (accounts.to_string(), events.to_string());
    let out = folder.join("world");
    let options = ["simulate", "mixed", "--seed", "11", "--accounts", &accounts];
    ringsweep(options)
        .args(["--events", &events, "--out"])
        .arg(&out)
        .assert()
        .success();
    out.join("events.csv")
}

/// The manifest without the one part that may differ.
fn manifest(sweep: &Path) -> serde_json::Value {
    let text = fs::read(sweep.join("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let timings = manifest.as_object_mut().unwrap().remove("timings");
    assert!(timings.is_some(), "a manifest has timings");
    manifest
}

fn assert_same_tables(one: &Path, other: &Path, what: &str) {
    for table in TABLES {
        let [a, b] = [one, other].map(|sweep| fs::read(sweep.join(table)).unwrap());
        assert!(a == b, "{what}: {table} differs");
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let events = simulate(folder.path(), 60_000, 1_000_000);
    let swept = ["1", "2", "7"].map(|threads| {
        let out = folder.path().join(threads);
        sweep(&events, "engagement", &out, &["--threads", threads]);
        out
    });
    let manifests = swept.each_ref().map(|out| manifest(out));
    assert!(manifests[0]["rows"]["accepted"].as_u64() >= Some(980_000));
    assert!(manifests[0]["results"]["rings"].as_u64() > Some(0));
    for (out, manifest) in swept.iter().zip(&manifests).skip(1) {
        assert_same_tables(&swept[0], out, &out.display().to_string());
        assert_eq!(manifest, &manifests[0]);
    }
}

/// Shuffles `rows` (Fisher and Yates) by the stateless `seed`.
fn shuffle<T>(rows: &mut [T], seed: u64) {
    for last in (1..rows.len()).rev() {
        let pick = draw(seed, 0, last as u64) % (last as u64 + 1);
        rows.swap(last, pick as usize);
    }
}

/// The cell of `column`; cells before it hold no comma.
fn cell(row: &str, column: usize) -> &str {
    row.split(',').nth(column).unwrap()
}

fn write(path: &Path, header: &str, rows: &[&str]) {
    fs::write(path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
}

#[test]
fn the_order_of_rows_changes_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let events = simulate(folder.path(), 12_000, 200_000);
    let text = fs::read_to_string(&events).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let time = header.split(',').position(|name| name == "ts").unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let plain = folder.path().join("plain");
    sweep(&events, "engagement", &plain, &[]);
    assert!(manifest(&plain)["results"]["rings"].as_u64() > Some(0));

    let mut among_equal_times = rows.clone();
    let mut moved = 0;
    for equal in among_equal_times.chunk_by_mut(|a, b| cell(a, time) == cell(b, time)) {
        shuffle(equal, 1);
        moved += usize::from(equal.len() > 1);
    }
    assert!(moved > 1_000, "the world has rows with equal times");
    let mut shuffled = rows;
    shuffle(&mut shuffled, 2);
    for (name, order) in [("equal-times", &among_equal_times), ("shuffled", &shuffled)] {
        let path = folder.path().join(name).with_extension("csv");
        write(&path, header, order);
        let out = folder.path().join(name);
        sweep(&path, "engagement", &out, &[]);
        assert_same_tables(&plain, &out, name);
    }

    let cut = folder.path().join("cut");
    fs::create_dir(&cut).unwrap();
    for (number, part) in shuffled.chunks(shuffled.len() / 6 + 1).enumerate() {
        write(&cut.join(format!("part-{number}.csv")), header, part);
    }
    let out = folder.path().join("from-parts");
    sweep(&cut, "engagement", &out, &["--threads", "3"]);
    assert_same_tables(&plain, &out, "cut into files");
}
