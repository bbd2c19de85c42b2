//! The reference is whole: commands, options, exit codes, definitions and keys are all in it, and commands
//! in blocks that are not run at least exist. (The columns of a sweep: `tests/publish/reference.rs`.)

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use ringsweep::recipe::{Definition, shipped};

use crate::pages;

fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringsweep"));
    let output = command
        .args(arguments)
        .arg("--help")
        .output()
        .expect("it runs");
    String::from_utf8(output.stdout).expect("help is text")
}

/// Names in the list below `Commands:`, without `help`.
fn commands() -> Vec<String> {
    let help = help(&[]);
    let list = help
        .split_once("Commands:\n")
        .expect("help lists commands")
        .1;
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|&name| name != "help")
        .map(str::to_owned)
        .collect()
}

/// Long options in the help of `command`, without `--help`.
fn options(command: &str) -> BTreeSet<String> {
    let help = help(&[command]);
    let definitions = help
        .lines()
        .filter(|line| line.trim_start().starts_with('-'));
    let long =
        definitions.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
    let names = long.map(|word| word.trim_end_matches([',', '.']).to_owned());
    names.filter(|name| name != "--help").collect()
}

fn page(below_docs: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    fs::read_to_string(root.join(below_docs)).unwrap_or_else(|e| panic!("{below_docs}: {e}"))
}

/// With `--help` at its end a command line is taken apart, names and values are checked, and nothing is
/// done.
fn parses(line: &str) -> Result<(), String> {
    let line = line.split([';', '|', '<', '>']).next().unwrap_or(line);
    let words = line.split_whitespace().skip(1);
    let words = words.map(|word| word.trim_matches('\''));
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringsweep"));
    let output = command.args(words).arg("--help").output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The part of `text` under the heading, up to the next heading of that level.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let start = text
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no `{heading}`"));
    let rest = &text[start + heading.len() + 2..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

#[test]
fn every_command_and_option_is_in_the_reference() {
    let text = page("reference/commands.md");
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let about = section(&text, &format!("## `ringsweep {command}`"));
        let shared = section(&text, "## Options of commands that read events");
        let reads_events = about.contains("(#options-of-commands-that-read-events)");
        for option in options(&command) {
            let named = |text: &str| text.contains(&format!("`{option}"));
            assert!(
                named(about) || reads_events && named(shared),
                "`{option}` of `{command}` is not in the reference"
            );
        }
    }
}

#[test]
fn every_exit_code_is_in_the_reference_and_the_readme() {
    let help = help(&[]);
    let codes = help
        .split_once("Exit codes:")
        .expect("help lists exit codes")
        .1;
    let codes = codes
        .split_once("Results go")
        .expect("a sentence follows")
        .0;
    let codes: BTreeSet<&str> = codes
        .split(|c: char| !c.is_ascii_digit())
        .filter(|code| !code.is_empty())
        .collect();
    assert!(codes.len() >= 7, "{codes:?}");
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README");
    for code in codes {
        for text in [&page("reference/commands.md"), &readme] {
            assert!(text.contains(&format!("| {code} |")), "exit code {code}");
        }
    }
}

#[test]
fn every_definition_and_key_is_in_the_reference() {
    let text = page("reference/graph-definition.md");
    for name in shipped::names() {
        assert!(text.contains(&format!("`{name}`")), "definition `{name}`");
    }
    let places = [
        "",
        "columns.",
        "entity.ip.",
        "detection.",
        "rings.",
        "tiers.",
        "publication.",
    ];
    for place in places {
        let settings = [format!("{place}no_such_key=1")];
        let error = Definition::load_with("engagement", &settings).expect_err("no such key");
        let keys = error.help().expect("it says which keys there are");
        let keys: Vec<&str> = keys.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() >= 2, "{place}: {keys:?}");
        for key in keys {
            assert!(text.contains(&format!("`{key}`")), "key `{place}{key}`");
        }
    }
}

#[test]
fn examples_in_help_and_blocks_that_are_not_run_parse() {
    let mut examples: Vec<(String, String)> = Vec::new();
    for command in commands() {
        let help = help(&[&command]);
        let (_, list) = help.split_once("Examples:\n").expect("help has examples");
        examples.extend(list.lines().map(|line| (command.clone(), line.to_owned())));
    }
    for page in pages() {
        let blocks = page.text.split("\n```").skip(1).step_by(2);
        for block in blocks.filter(|block| !block.starts_with("console")) {
            examples.extend(block.lines().map(|line| (page.name(), line.to_owned())));
        }
    }
    let mut checked = 0;
    for (place, line) in examples {
        // What begins elsewhere (a pipe, a condition) is not ours to take apart.
        if line.trim_start().starts_with("ringsweep ") && !line.contains(['$', '\\']) {
            checked += 1;
            parses(&line).unwrap_or_else(|error| panic!("{place}: {line}\n{error}"));
        }
    }
    assert!(checked > 20, "only {checked} examples were found");
}
