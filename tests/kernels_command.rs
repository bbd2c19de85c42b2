//! `ringsweep cluster` from the outside: the worked examples of LDBC Graphalytics' rules, exits.

use assert_cmd::Command;

fn cluster(folder: &std::path::Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("ringsweep").unwrap();
    command.current_dir(folder).arg("cluster").args(args);
    command
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

#[test]
fn labels_are_names_of_nodes_where_names_count() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("g"), "30 20\n20 10\n5 7\n").unwrap();
    std::fs::write(folder.path().join("v"), "1\n5\n7\n10\n20\n30\n").unwrap();
    let found = stdout(&mut cluster(
        folder.path(),
        &["g", "--algorithm", "components", "--nodes", "v"],
    ));
    assert_eq!(found, "node,label\n1,1\n5,5\n7,5\n10,10\n20,10\n30,10\n");
    let one_round = ["g", "--algorithm", "cdlp", "--rounds", "1"];
    let found = stdout(&mut cluster(folder.path(), &one_round));
    assert_eq!(found, "node,label\n5,7\n7,5\n10,20\n20,10\n30,20\n");
}

#[test]
fn the_same_file_for_any_number_of_threads_and_a_report_as_the_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let ring = |base: u32| {
        (0..8).flat_map(move |u| (0..u).map(move |v| format!("{},{}\n", base + u, base + v)))
    };
    let text: String = ring(0)
        .chain(ring(100))
        .chain(["0,100\n".to_owned()])
        .collect();
    std::fs::write(folder.path().join("g.csv"), text).unwrap();
    for threads in ["1", "3"] {
        let args = [
            "g.csv",
            "--algorithm",
            "leiden",
            "--out",
            "labels.csv",
            "--runs",
            "2",
            "--json",
            "--threads",
            threads,
        ];
        let said = stdout(&mut cluster(folder.path(), &args));
        let report: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        assert_eq!(report["communities"], 2);
        assert_eq!(report["algo_s"].as_array().unwrap().len(), 2);
        let table = std::fs::read_to_string(folder.path().join("labels.csv")).unwrap();
        assert!(table.starts_with("node,label\n0,0\n1,0\n") && table.ends_with("\n106,1\n107,1\n"));
    }
}

#[test]
fn a_bad_request_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("g"), "1 2\n").unwrap();
    let bad: [&[&str]; 4] = [
        &["g", "--algorithm", "leiden", "--resolution=-1"],
        &["g", "--algorithm", "leiden", "--out", "no/such/folder"],
        &["g", "--algorithm", "magic"],
        &["missing", "--algorithm", "leiden"],
    ];
    for args in bad {
        cluster(folder.path(), args).assert().code(2);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
