//! The small worlds in `fixtures/` are what the command in their README makes, byte for byte.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// Runs the command that the README of a fixture gives, into another folder, and compares.
fn rerun(fixture: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(fixture);
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let line = readme
        .lines()
        .find_map(|line| line.trim().strip_prefix("$ ringsweep "))
        .expect("the README gives its command");
    let (line, out) = line
        .split_once(" --out ")
        .expect("the command names its folder");
    assert_eq!(out, format!("fixtures/{fixture}"));

    let place = tempfile::tempdir().unwrap();
    let made = place.path().join(fixture);
    let mut command = Command::cargo_bin("ringsweep").unwrap();
    command
        .args(line.split_whitespace())
        .arg("--out")
        .arg(&made)
        .assert()
        .success();

    for file in ["events.csv", "truth.csv"] {
        let (stored, fresh) = (fs::read(folder.join(file)), fs::read(made.join(file)));
        assert!(
            stored.unwrap() == fresh.unwrap(),
            "{fixture}/{file} is not what its command makes"
        );
    }
}

#[test]
fn small_platform() {
    rerun("small-platform");
}

#[test]
fn household() {
    rerun("household");
}

#[test]
fn campus_nat() {
    rerun("campus-nat");
}

#[test]
fn flash_crowd() {
    rerun("flash-crowd");
}
