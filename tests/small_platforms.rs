//! Small platforms, where a club is a large part of everybody and rings run into each other.

use std::path::{Path, PathBuf};

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::command::ringsweep;
use common::sweeping::sweep;
use common::tables::table;

/// Simulates `scenario` into a folder below `folder` and sweeps it; where the world and the sweep are.
fn swept(folder: &Path, scenario: &str, seed: &str, accounts: u32) -> (PathBuf, PathBuf) {
    let world = folder.join(format!("{scenario}-{seed}"));
    let (count, events) = (accounts.to_string(), (20 * accounts).to_string());
    ringsweep(["simulate", scenario, "--seed", seed, "--accounts", &count])
        .args(["--events", &events, "--out"])
        .arg(&world)
        .assert()
        .success();
    let out = folder.join(format!("{scenario}-{seed}-swept"));
    sweep(&world.join("events.csv"), "engagement", &out, &[]);
    (world, out)
}

/// Everybody who likes one of its artists likes others of them too, whether or not they belong to the club.
#[test]
fn a_closed_club_that_is_a_large_part_of_the_platform_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for seed in ["1", "3"] {
        let (_, out) = swept(folder.path(), "flash-crowd", seed, 3000);
        let members = table(&out.join("members.csv"));
        let found = members.iter().filter(|row| row["tier"] != "watch").count();
        assert_eq!(found, 0, "seed {seed}");
    }
}

/// Half of the pools are in no community of all links, and two of the lockstep rings are in one.
#[test]
fn pools_are_looked_for_and_rings_come_apart() {
    let folder = tempfile::tempdir().unwrap();
    for (scenario, seed, least) in [("proxy-pool", "3", 6), ("lockstep", "3", 11)] {
        let (world, out) = swept(folder.path(), scenario, seed, 20_000);
        let output = ringsweep(["evaluate", "--json", "--truth"])
            .args([world.join("truth.csv"), out])
            .assert()
            .success()
            .get_output()
            .clone();
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let review = &found["tiers"][1];
        let recovered = review["rings"]["recovered"].as_u64().unwrap();
        assert!(recovered >= least, "{scenario}: {review}");
    }
}
