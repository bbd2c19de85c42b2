//! The commands that read a published sweep.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use ringsweep::publish::{Format, publish_sweep};

use crate::sample;

fn published(parent: &Path) -> PathBuf {
    let dir = parent.join("sweep");
    let (tables, manifest) = (sample::tables(), sample::manifest());
    publish_sweep(&dir, &tables, &manifest, Format::Csv, false).unwrap();
    dir
}

fn ringsweep(arguments: &[&str], sweep: &Path) -> Command {
    let mut command = Command::cargo_bin("ringsweep").unwrap();
    command.arg(arguments[0]).arg(sweep).args(&arguments[1..]);
    command
}

fn stdout(arguments: &[&str], sweep: &Path) -> String {
    let output = ringsweep(arguments, sweep)
        .assert()
        .success()
        .get_output()
        .clone();
    assert!(output.stderr.is_empty(), "results on stdout, nothing else");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn files_hold_what_standard_output_gets() {
    let parent = tempfile::tempdir().unwrap();
    let sweep = published(parent.path());
    let out = parent.path().join("case.out");
    let out_text = out.to_str().unwrap();
    for format in ["graphml", "gexf", "dot", "json"] {
        let arguments = ["export", "--ring", sample::NASTY_RING, "--format", format];
        let shown = stdout(&arguments, &sweep);
        let written = [&arguments[..], &["--out", out_text]].concat();
        assert_eq!(stdout(&written, &sweep), "");
        assert_eq!(fs::read_to_string(&out).unwrap(), shown, "{format}");
    }
    let shown = stdout(&["feed"], &sweep);
    assert_eq!(shown.lines().count(), 4 + sample::NASTY_IDS.len());
    assert_eq!(
        stdout(&["feed", "--tier", "act"], &sweep).lines().count(),
        3
    );
    stdout(&["feed", "--out", out_text], &sweep);
    assert_eq!(fs::read_to_string(&out).unwrap(), shown);
}

#[test]
fn csv_is_two_files_and_edges_alone_in_a_stream() {
    let parent = tempfile::tempdir().unwrap();
    let sweep = published(parent.path());
    let arguments = ["export", "--ring", sample::DEVICE_RING, "--format", "csv"];
    let edges = stdout(&arguments, &sweep);
    assert!(edges.starts_with("id,source,target,weight,relation"));
    let out = parent.path().join("case.csv");
    stdout(
        &[&arguments[..], &["--out", out.to_str().unwrap()]].concat(),
        &sweep,
    );
    assert_eq!(
        fs::read_to_string(parent.path().join("case.edges.csv")).unwrap(),
        edges
    );
    let nodes = fs::read_to_string(parent.path().join("case.nodes.csv")).unwrap();
    assert_eq!(nodes.lines().count(), 1 + 4 + 4);
}

#[test]
fn explain_and_evaluate_speak_to_people_and_programs() {
    let parent = tempfile::tempdir().unwrap();
    let sweep = published(parent.path());
    let text = stdout(&["explain", sample::DEVICE_RING, "--top", "1"], &sweep);
    assert!(text.contains("everything else (3 entities)"), "{text}");
    let json = stdout(&["explain", "u1", "--json"], &sweep);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["rings"][0]["shared"][0]["entity_id"], "d1");

    let truth = parent.path().join("truth.csv");
    fs::write(&truth, "who,ring_id\nu1,r\nu2,r\nu3,r\nu4,r\n").unwrap();
    let arguments = [
        "evaluate",
        "--truth",
        truth.to_str().unwrap(),
        "--column",
        "account=who",
    ];
    let text = stdout(&arguments, &sweep);
    assert!(text.contains("act + review"), "{text}");
    let json = stdout(&[&arguments[..], &["--json"]].concat(), &sweep);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["tiers"][1]["rings"]["recovered"], 1);
    assert_eq!(value["tiers"][0]["accounts"]["precision"], 1.0);
}

#[test]
fn wrong_requests_fail_and_say_what_is_wrong() {
    let parent = tempfile::tempdir().unwrap();
    let sweep = published(parent.path());
    let said = |arguments: &[&str], sweep: &Path| {
        let output = ringsweep(arguments, sweep)
            .assert()
            .failure()
            .get_output()
            .clone();
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["explain", "u9"], &sweep).contains("nearest: u1, u2, u3"));
    assert!(said(&["explain", "u1"], parent.path()).contains("not a published sweep"));
    assert!(said(&["feed", "--tier", "ban"], &sweep).contains("act, review, watch"));
    let stix = ["export", "--ring", sample::DEVICE_RING, "--format", "stix"];
    assert!(said(&stix, &sweep).contains("graphml, gexf, dot, json, csv"));
    let folder = parent.path().to_str().unwrap();
    assert!(said(&["feed", "--out", folder], &sweep).contains("is a folder"));
    fs::write(sweep.join("uses.csv"), "nothing\n").unwrap();
    assert!(said(&["explain", "u1"], &sweep).contains("uses.csv is damaged"));
}
