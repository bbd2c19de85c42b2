//! Console blocks: what a page shows is what a reader sees.
//!
//! In a ```` ```console ```` block a line that begins with `$ ` is a command (a backslash at the end
//! joins the next line, `<<'END'` the lines to `END`), the lines below it are its output, stdout and stderr together. All blocks of
//! a page run one after the other in one folder that holds copies of `graphs` and `fixtures`;
//! the folder shows as `/home/you`. A command without output below it has to succeed and no more; one
//! `...` alone on a line stands for any number of lines. Blocks of other languages are not run.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Page, pages};

const HOME: &str = "/home/you";
const ELIDED: &str = "...";
const HERE: &str = "<<'END'";

#[test]
fn console_blocks_show_what_happens() {
    let update = env::var_os("UPDATE_DOCS").is_some();
    let mut wrong = Vec::new();
    let mut commands = 0;
    let mut renamed = BTreeMap::new();
    for page in pages()
        .iter()
        .filter(|page| page.text.contains("```console"))
    {
        let played = play(page, &mut renamed);
        commands += played.commands;
        wrong.extend(played.failed);
        if !update {
            wrong.extend(played.wrong);
        } else if played.text != page.text {
            fs::write(&page.path, &played.text).expect("the page can be written");
        }
    }
    assert!(commands > 20, "only {commands} commands were found");
    assert!(
        wrong.is_empty(),
        "{}\n\nIf this is as it should be: UPDATE_DOCS=1 cargo test --test docs",
        wrong.join("\n\n")
    );
}

/// What came of a page.
#[derive(Default)]
struct Played {
    /// The page with the output that was seen.
    text: String,
    /// Commands that did not succeed, and those that show something else.
    failed: Vec<String>,
    wrong: Vec<String>,
    commands: usize,
}

impl Played {
    fn show(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }
}

fn play(page: &Page, renamed: &mut BTreeMap<String, String>) -> Played {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["graphs", "fixtures"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        copy(&from, &folder.path().join(name));
    }
    let mut played = Played::default();
    let mut lines = page.text.lines().peekable();
    let mut inside = false;
    while let Some(line) = lines.next() {
        let line = rename(line, renamed);
        played.show(&line);
        inside = match &*line {
            "```console" => true,
            "```" => false,
            _ => inside,
        };
        if !inside || !line.starts_with("$ ") {
            continue;
        }
        let mut command = line[2..].to_owned();
        while command.ends_with('\\') {
            let more = rename(lines.next().unwrap_or_default(), renamed);
            played.show(&more);
            command.pop();
            command += &more;
        }
        while command.contains(HERE) && !command.ends_with("\nEND") {
            let more = lines.next().expect("a here-document ends with END");
            played.show(more);
            command.push('\n');
            command += more;
        }
        let mut expected = Vec::new();
        while let Some(shown) = lines.next_if(|next| *next != "```" && !next.starts_with("$ ")) {
            expected.push(rename(shown, renamed));
        }
        played.commands += 1;
        let (success, seen) = run(&command, folder.path());
        let fits = success && matches(&expected, &seen);
        let shown = if fits {
            expected.clone()
        } else {
            refreshed(&expected, &seen)
        };
        if !fits {
            let report = format!(
                "{}: $ {command}\n--- shows\n{}\n--- is\n{}",
                page.name(),
                expected.join("\n"),
                seen.join("\n")
            );
            if success {
                played.wrong.push(report);
            } else {
                played.failed.push(report);
            }
            learn(&expected, &shown, renamed);
        }
        for line in &shown {
            played.show(line);
        }
    }
    played
}

/// Whether the command succeeded, and its lines.
fn run(command: &str, folder: &Path) -> (bool, Vec<String>) {
    assert!(
        !command.starts_with("cargo "),
        "{command}: put it in a ```sh block"
    );
    let binary = Path::new(env!("CARGO_BIN_EXE_ringsweep"));
    let mut path = vec![binary.parent().expect("it lies in a folder").to_path_buf()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env(
            "PATH",
            env::join_paths(path).expect("paths that came from PATH"),
        )
        .env("NO_COLOR", "1")
        .env_remove("RINGSWEEP_GRAPH")
        .env_remove("RINGSWEEP_THREADS")
        .env_remove("RINGSWEEP_MEMORY")
        .output()
        .expect("sh is there");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let real = folder.canonicalize().expect("the folder is there");
    let text = text.replace(&*real.to_string_lossy(), HOME);
    let text = text.replace(&*folder.to_string_lossy(), HOME);
    let lines = text.lines().map(|line| line.trim_end().to_owned());
    (output.status.success(), lines.collect())
}

/// The lines before and after the `...`, where there is one.
fn parts(expected: &[String]) -> Option<(&[String], &[String])> {
    let at = expected.iter().position(|line| line == ELIDED)?;
    let (before, after) = (&expected[..at], &expected[at + 1..]);
    assert!(
        !after.iter().any(|line| line == ELIDED),
        "one `...` a command"
    );
    Some((before, after))
}

fn matches(expected: &[String], seen: &[String]) -> bool {
    if expected.is_empty() {
        return true;
    }
    match parts(expected) {
        None => expected == seen,
        Some((before, after)) => {
            before.len() + after.len() <= seen.len()
                && seen.starts_with(before)
                && seen.ends_with(after)
        }
    }
}

/// What was seen, cut as the page cut it before.
fn refreshed(expected: &[String], seen: &[String]) -> Vec<String> {
    match parts(expected) {
        _ if expected.is_empty() => Vec::new(),
        Some((before, after)) if before.len() + after.len() < seen.len() => [
            &seen[..before.len()],
            &[ELIDED.to_owned()],
            &seen[seen.len() - after.len()..],
        ]
        .concat(),
        _ => seen.to_vec(),
    }
}

/// Rings have ids by content, so other rings have other ids: those of the old output are paired with
/// those of the new one, and everything after it follows.
fn learn(old: &[String], new: &[String], renamed: &mut BTreeMap<String, String>) {
    let (old, new) = (ring_ids(&old.join("\n")), ring_ids(&new.join("\n")));
    for (at, id) in old.iter().enumerate() {
        if !new.contains(id)
            && let Some(heir) = new.get(at).or(new.first())
        {
            renamed.insert(id.clone(), heir.clone());
        }
    }
}

/// Distinct ring ids in order of appearance.
fn ring_ids(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let digits = word.strip_prefix('R').unwrap_or_default();
        let is_id = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if is_id && !ids.iter().any(|id| id == word) {
            ids.push(word.to_owned());
        }
    }
    ids
}

fn rename(line: &str, renamed: &BTreeMap<String, String>) -> String {
    let ids = ring_ids(line);
    ids.iter().fold(line.to_owned(), |line, id| {
        renamed
            .get(id)
            .map_or(line.clone(), |heir| line.replace(id, heir))
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("the folder is in the repository") {
        let path = entry.expect("the folder can be listed").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the file can be copied");
        }
    }
}

#[test]
fn elided_lines_match_and_are_cut_alike() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let seen = lines("a\nb\nc\nd");
    assert!(matches(&lines("a\n...\nd"), &seen));
    assert!(matches(&lines("..."), &seen));
    assert!(matches(&[], &seen));
    assert!(!matches(&lines("a\n...\nc"), &seen));
    assert!(!matches(&lines("a\nb\nc"), &seen));
    assert!(!matches(&lines("a\nb\nc\n...\nc\nd"), &seen));
    assert_eq!(refreshed(&lines("x\n...\ny"), &seen), lines("a\n...\nd"));
    assert_eq!(refreshed(&lines("x"), &seen), seen);
}

#[test]
fn ring_ids_follow_the_output() {
    let (old, new) = ("R0000000000000001 R0000000000000002", "R00000000000000aa");
    let mut renamed = BTreeMap::new();
    learn(&[old.to_owned()], &[new.to_owned()], &mut renamed);
    let line = "ringsweep explain sweep R0000000000000002 # R0000000000000003";
    let heir = "ringsweep explain sweep R00000000000000aa # R0000000000000003";
    assert_eq!(rename(line, &renamed), heir);
}
