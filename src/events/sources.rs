//! `Source`: from what stands on the command line to the files it means, in a fixed order.
//!
//! Arguments keep their order; the files of a folder or a pattern come in byte order of their paths.
//! A file that is named twice (by itself and by a pattern, say) is read once, where it came first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::events::error::Error;

/// One thing to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// How it is called in records: the file name, with its path inside the folder that was asked
    /// for; `-` for standard input.
    pub name: String,
    /// Where it lies; `None` is standard input.
    pub path: Option<PathBuf>,
}

impl Source {
    /// Standard input.
    pub fn standard_input() -> Self {
        Source {
            name: "-".into(),
            path: None,
        }
    }

    /// A file, called by its own name.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Source {
            name,
            path: Some(path),
        }
    }
}

const SUFFIXES: [&str; 7] = ["csv", "tsv", "txt", "ndjson", "jsonl", "json", "parquet"];
const EXPECTED: &str = ".csv .tsv .txt .ndjson .jsonl .json .parquet, also with .gz or .zst";

/// Expands files, folders (all levels; what is hidden or begins with `_` is left out), patterns with
/// `*`, `?` or `[` and `-` for standard input.
///
/// # Errors
/// Those for which [`Error::is_request`] holds: nothing named, nothing there, nothing that matches,
/// or not readable.
pub fn expand<P: AsRef<Path>>(arguments: &[P]) -> Result<Vec<Source>, Error> {
    if arguments.is_empty() {
        return Err(Error::NoSource);
    }
    let mut sources = Vec::new();
    for argument in arguments {
        expand_one(argument.as_ref(), &mut sources)?;
    }
    let mut seen = BTreeSet::new();
    sources.retain(|source| {
        let path = source.path.as_ref();
        seen.insert(path.map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())))
    });
    Ok(sources)
}

fn expand_one(argument: &Path, sources: &mut Vec<Source>) -> Result<(), Error> {
    if argument == Path::new("-") {
        sources.push(Source::standard_input());
    } else if argument.is_dir() {
        let before = sources.len();
        walk(argument, "", sources)?;
        if sources.len() == before {
            return Err(Error::NoEventFile {
                path: argument.into(),
                expected: EXPECTED,
            });
        }
    } else if argument.exists() {
        sources.push(Source::file(argument));
    } else if let Some(pattern) = argument
        .to_str()
        .filter(|text| text.contains(['*', '?', '[']))
    {
        expand_pattern(pattern, sources)?;
    } else {
        return Err(Error::NoSuchFile {
            path: argument.into(),
        });
    }
    Ok(())
}

fn expand_pattern(pattern: &str, sources: &mut Vec<Source>) -> Result<(), Error> {
    let bad = |reason: String| Error::BadPattern {
        pattern: pattern.into(),
        reason,
    };
    let before = sources.len();
    let as_shells_do = glob::MatchOptions {
        require_literal_leading_dot: true,
        ..Default::default()
    };
    let paths = glob::glob_with(pattern, as_shells_do).map_err(|error| bad(error.to_string()))?;
    for path in paths {
        let path = path.map_err(|error| Error::Unreadable {
            path: error.path().into(),
            reason: error.into(),
        })?;
        if path.is_dir() {
            walk(&path, "", sources)?;
        } else {
            sources.push(Source::file(path));
        }
    }
    sources[before..].sort_by(|a, b| a.path.cmp(&b.path));
    if sources.len() == before {
        return Err(Error::NoMatch {
            pattern: pattern.into(),
        });
    }
    Ok(())
}

/// Adds the event files below `folder`, sorted; `inside` is where we are in the folder asked for.
fn walk(folder: &Path, inside: &str, sources: &mut Vec<Source>) -> Result<(), Error> {
    let unreadable = |reason| Error::Unreadable {
        path: folder.into(),
        reason,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    names.sort();
    for name in names {
        let text = name.to_string_lossy();
        if text.starts_with(['.', '_']) {
            continue;
        }
        let path = folder.join(&name);
        // A link to a folder is not followed: it may lead back to where we come from.
        if path.is_dir() {
            if !path.is_symlink() {
                walk(&path, &format!("{inside}{text}/"), sources)?;
            }
        } else if looks_like_events(&text) {
            sources.push(Source {
                name: format!("{inside}{text}"),
                path: Some(path),
            });
        }
    }
    Ok(())
}

fn looks_like_events(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(&name);
    plain
        .rsplit_once('.')
        .is_some_and(|(_, suffix)| SUFFIXES.contains(&suffix))
}
