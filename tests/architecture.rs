//! The law of the house: nothing imports upward, heavy dependencies stay in their homes, files stay small.
//!
//! The order of the floors is read from `src/lib.rs`; there is no second list to keep in step.

use std::fs;
use std::path::{Path, PathBuf};

/// Dependencies with a home: files or folders (below `src`) outside of which they are not named.
const HOMES: [(&str, &[&str]); 17] = [
    ("anyhow", &["cli/"]),
    ("arrow_array", &["events/", "publish/", "simulate/"]),
    ("arrow_schema", &["events/", "publish/", "simulate/"]),
    ("bincode", &["store/header.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("ctrlc", &["cli/"]),
    ("flate2", &["events/", "links/"]),
    ("glob", &["events/"]),
    ("indicatif", &["cli/"]),
    ("ipnet", &["lists/"]),
    (
        "jiff",
        &["base/time.rs", "events/", "publish/", "simulate/", "sweep/"],
    ),
    ("parquet", &["events/", "publish/", "simulate/"]),
    ("petgraph", &["publish/explain/shape.rs", "sparse/visit.rs"]),
    ("quick_xml", &["publish/"]),
    ("toml", &["recipe/"]),
    ("zstd", &["events/", "links/"]),
];

/// Lines a file may have before its tests.
const MAX_LINES: usize = 400;

struct Source {
    /// Below `src`, with forward slashes.
    path: String,
    text: String,
    /// `text` with comments and literals blanked out; same lines.
    code: String,
}

impl Source {
    /// `events` for `events/log.rs`; nothing for `lib.rs`.
    fn floor(&self) -> Option<&str> {
        self.path.split_once('/').map(|(floor, _)| floor)
    }

    /// The lines before the unit tests.
    fn lines_without_tests(&self) -> usize {
        self.code
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .count()
    }

    /// How many `super::` lead from the file's module to the crate's root.
    fn depth(&self) -> usize {
        let steps = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        steps.split('/').count()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = blanked(&text);
        let path = path
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        Source { path, text, code }
    };
    files.into_iter().map(source).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// `text` with comments, strings and character literals replaced by spaces.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = literal_or_comment(rest, code.chars().last());
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(
                rest[..skipped]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' }),
            );
            rest = &rest[skipped..];
        }
    }
    code
}

/// Bytes of the comment or literal that `text` begins with; 0 if it begins with code.
fn literal_or_comment(text: &str, before: Option<char>) -> usize {
    let until = |end: &str, from: usize| {
        text[from..]
            .find(end)
            .map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    if let Some(raw) = text.strip_prefix('r')
        && !before.is_some_and(is_word)
    {
        let hashes = raw.bytes().take_while(|&byte| byte == b'#').count();
        if raw[hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
        }
    }
    match text.as_bytes()[0] {
        b'"' => closing(text, b'"'),
        // A lifetime has no closing quote right after its first character.
        b'\'' if text[1..].starts_with('\\') => closing(text, b'\''),
        b'\'' => match text[1..].char_indices().nth(1) {
            Some((at, '\'')) => at + 2,
            _ => 0,
        },
        _ => 0,
    }
}

/// Bytes up to and with the first unescaped `quote` after the first byte.
fn closing(text: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// The first steps of all paths that begin with `root::`, those in braces included.
fn steps_after<'a>(code: &'a str, root: &str) -> Vec<&'a str> {
    let start = format!("{root}::");
    let mut steps = Vec::new();
    for (at, _) in code.match_indices(&start) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| is_word(c) || c == ':') {
            continue;
        }
        let rest = code[at + start.len()..].trim_start();
        match rest.strip_prefix('{') {
            None => steps.push(word(rest)),
            Some(group) => steps.extend(first_words(group)),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

/// The first word of every comma-separated part of a brace group (its opening brace gone).
fn first_words(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut words) = (1, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            words.push(word(group[start..at].trim()));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    words
}

/// Whether `code` names the external crate `name` (as the beginning of a path).
fn names_crate(code: &str, name: &str) -> bool {
    !steps_after(code, name).is_empty()
        || code
            .lines()
            .any(|line| line.trim() == format!("use {name};"))
}

/// The floors from the ground up, as `src/lib.rs` declares them.
fn floors() -> Vec<String> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let name = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    lib.lines().filter_map(name).collect()
}

#[test]
fn the_floors_stand_in_the_order_of_the_sentence() {
    let floors = floors();
    let at = |name: &str| floors.iter().position(|floor| floor == name).expect(name);
    let sentence = [
        "base",
        "sparse",
        "kernels",
        "events",
        "entities",
        "links",
        "communities",
        "rings",
        "publish",
    ];
    assert!(sentence.map(at).is_sorted(), "lib.rs declares {floors:?}");
}

#[test]
fn nothing_imports_upward() {
    let floors = floors();
    let height = |name: &str| floors.iter().position(|floor| floor == name);
    let mut checked = 0;
    for source in sources() {
        let Some(own) = source.floor().and_then(height) else {
            continue;
        };
        for step in steps_after(&source.code, "crate") {
            let target = height(step);
            let target =
                target.unwrap_or_else(|| panic!("{}: crate::{step} is no floor", source.path));
            assert!(
                target <= own,
                "{}: crate::{step} is above {}",
                source.path,
                floors[own]
            );
            checked += 1;
        }
    }
    assert!(
        checked >= 5,
        "only {checked} paths were found: the test reads the wrong files"
    );
}

#[test]
fn nothing_leaves_its_floor_by_the_back_door() {
    for source in sources() {
        let mut depth = source.depth();
        for line in source.code.lines() {
            // Unit tests are a module of their own.
            depth += usize::from(line.trim() == "#[cfg(test)]");
            let chain = "super::".repeat(depth);
            assert!(
                !line.contains(&chain),
                "{}: write crate::… instead of {line}",
                source.path
            );
        }
    }
}

#[test]
fn the_command_sees_only_what_the_library_shows() {
    let floors = floors();
    for source in sources() {
        if source.floor() == Some("cli") {
            assert!(
                steps_after(&source.code, "crate")
                    .iter()
                    .all(|&step| step == "cli"),
                "{}",
                source.path
            );
            for step in steps_after(&source.code, "ringsweep") {
                assert!(
                    floors.iter().any(|floor| floor == step),
                    "{}: ringsweep::{step}",
                    source.path
                );
            }
        } else if source.floor().is_some() {
            assert!(!source.code.contains("crate::cli"), "{}", source.path);
        }
    }
}

#[test]
fn heavy_dependencies_stay_at_home() {
    for source in sources() {
        for (name, homes) in HOMES {
            let at_home = homes.iter().any(|home| source.path.starts_with(home));
            assert!(
                at_home || !names_crate(&source.code, name),
                "{}: {name} lives in {}",
                source.path,
                homes.join(", ")
            );
        }
    }
}

#[test]
fn files_are_small_safe_and_begin_with_their_story() {
    for source in sources() {
        let lines = source.lines_without_tests();
        assert!(
            lines <= MAX_LINES,
            "{} has {lines} lines before its tests",
            source.path
        );
        assert!(
            source.text.starts_with("//! "),
            "{} tells no story",
            source.path
        );
        let mut words = source.code.split(|c| !is_word(c));
        assert!(
            words.all(|word| word != "unsafe"),
            "{} is unsafe",
            source.path
        );
    }
}

#[test]
fn comments_and_literals_are_no_code() {
    let code =
        blanked("a // crate::x\n/* crate::y */ \"crate::z\\\"\" r#\"crate::w\"# '\\'' 'x' &'b c");
    assert_eq!(
        code.split_whitespace().collect::<Vec<_>>(),
        ["a", "&'b", "c"]
    );
}

#[test]
fn paths_are_found_in_all_their_forms() {
    let code = "use crate::{a::{b, c}, d}; crate::e::f(); my_crate::g; x::crate::h; use crate::i;";
    assert_eq!(steps_after(code, "crate"), ["a", "d", "e", "i"]);
    assert!(names_crate("let x = toml::from_str(y);", "toml"));
    assert!(names_crate("use toml;", "toml"));
    assert!(!names_crate("super::toml::read()", "toml"));
}
