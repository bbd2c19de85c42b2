//! The exam itself, on worlds so small that it takes seconds: it ends, goes on, and writes its page.

#[path = "../benches/exam/mod.rs"]
mod exam;

use std::fs;

use clap::Parser;

const MARKS: [&str; 10] = [
    "command",
    "methods",
    "promises",
    "tactics",
    "quiet",
    "recall",
    "calibration",
    "framing",
    "stability",
    "seeds",
];

fn hold(arguments: &[&str]) -> String {
    let args = exam::Args::try_parse_from([&["exam"], arguments].concat()).unwrap();
    let mut out = Vec::new();
    exam::run(&args, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_small_exam_is_held_kept_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.jsonl");
    let page = folder.path().join("explanation/quality.md");
    fs::create_dir(folder.path().join("explanation")).unwrap();
    let marks = MARKS.map(|name| format!("<!-- exam: {name} -->\nold\n<!-- end -->\n"));
    fs::write(&page, format!("# Quality\n{}the rest\n", marks.concat())).unwrap();
    let (journal, docs) = (journal.to_str().unwrap(), folder.path().to_str().unwrap());
    let small = [
        "--seeds",
        "1",
        "--null-seeds",
        "1",
        "--accounts",
        "1000",
        "--events",
        "12000",
        "--scenario",
        "lockstep",
        "--scenario",
        "null",
        "--journal",
        journal,
    ];
    let text = hold(&[&small[..], &["--write", docs]].concat());
    for line in [
        "lockstep           seed 1    act ",
        "null               seed 1    of ",
        "6 accounts, participation 0.3: ",
        "Jobs of ",
        "with 90 % of the events",
        "lockstep           seed 1    nothing: rings ",
        "| lockstep | seeds, a tenth wrong |",
        "| scenario | method |",
        "| lockstep | fraudar |",
    ] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }

    let lines = fs::read_to_string(journal).unwrap();
    assert_eq!(text, hold(&small), "what is in the journal is told again");
    assert_eq!(
        lines,
        fs::read_to_string(journal).unwrap(),
        "and not done again"
    );

    let page = fs::read_to_string(page).unwrap();
    assert!(
        !page.contains("old") && page.ends_with("the rest\n"),
        "{page}"
    );
    assert!(
        page.contains("--seeds 1 --null-seeds 1 --accounts 1000 --events 12000"),
        "{page}"
    );
    for name in ["methods", "recall", "calibration", "framing"] {
        let path = folder
            .path()
            .join(format!("explanation/quality/{name}.svg"));
        let picture = fs::read_to_string(&path).unwrap();
        assert!(
            picture.contains("<circle") && picture.ends_with("</svg>\n"),
            "{name}"
        );
    }

    let cut = &lines[..lines.len() - 20];
    fs::write(journal, cut).unwrap();
    assert_eq!(text, hold(&small), "a line that was cut off is done again");
    assert_eq!(lines, fs::read_to_string(journal).unwrap());
}
