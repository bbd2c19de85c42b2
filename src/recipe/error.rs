//! What can be wrong with a definition, as facts: what, where in the text, and what would be right.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use super::shipped;

/// A definition that cannot be used.
#[derive(Debug)]
pub enum RecipeError {
    /// Neither a shipped name nor a file.
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file is there and cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The text is not a valid definition.
    Text {
        /// What is wrong.
        what: String,
        /// The passage.
        spot: Box<Spot>,
        /// What would be right.
        help: Option<String>,
    },
    /// An override is not valid.
    Setting {
        /// As given.
        setting: String,
        /// What is wrong.
        what: String,
        /// What would be right.
        help: Option<String>,
    },
    /// The input has the columns of no entity.
    NothingOn {
        /// The definition's name.
        graph: String,
        /// Every entity and why it is off.
        off: Vec<(String, String)>,
    },
}

/// A passage in a definition's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file, or the shipped definition's name.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Characters to mark, at least 1.
    pub width: usize,
    /// The whole line.
    pub text: String,
}

impl RecipeError {
    /// What is wrong, in one line.
    pub fn what(&self) -> String {
        match self {
            RecipeError::Unknown { name } => format!("there is no graph definition `{name}`"),
            RecipeError::Unreadable { path, source } => {
                format!(
                    "cannot read the graph definition {}: {source}",
                    path.display()
                )
            }
            RecipeError::Text { what, .. } | RecipeError::Setting { what, .. } => what.clone(),
            RecipeError::NothingOn { graph, .. } => {
                format!("the input has the columns of no entity of `{graph}`")
            }
        }
    }

    /// Where: the passage with its line and a caret, the override, or the entities that are off.
    pub fn place(&self) -> Option<String> {
        match self {
            RecipeError::Unknown { .. } | RecipeError::Unreadable { .. } => None,
            RecipeError::Text { spot, .. } => Some(spot.to_string()),
            RecipeError::Setting { setting, .. } => Some(format!("--set {setting}")),
            RecipeError::NothingOn { off, .. } => {
                let reasons: Vec<String> = off
                    .iter()
                    .map(|(entity, reason)| format!("{entity}: {reason}"))
                    .collect();
                Some(reasons.join("\n"))
            }
        }
    }

    /// What would be right.
    pub fn help(&self) -> Option<String> {
        match self {
            RecipeError::Unknown { .. } => {
                let names: Vec<&str> = shipped::names().collect();
                Some(format!("name a TOML file or one of {}", names.join(", ")))
            }
            RecipeError::Unreadable { .. } => None,
            RecipeError::Text { help, .. } | RecipeError::Setting { help, .. } => help.clone(),
            RecipeError::NothingOn { .. } => {
                Some("map the input's columns with --column NAME=COLUMN".into())
            }
        }
    }
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        for part in [self.place(), self.help()].into_iter().flatten() {
            write!(f, "\n{part}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RecipeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RecipeError::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl Spot {
    /// The passage `span` (bytes) of `text`; only its first line is marked.
    pub(super) fn new(file: &str, text: &str, span: Range<usize>) -> Self {
        let start = floor_char(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor_char(text, span.end).clamp(start, line_end);
        Spot {
            file: file.to_owned(),
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            width: text[start..end].trim_end().chars().count().max(1),
            text: text[line_start..line_end].trim_end().to_owned(),
        }
    }
}

/// The last character border of `text` at or before byte `at`.
fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spot {
            file,
            line,
            column,
            width,
            text,
        } = self;
        let number = line.to_string();
        let gap = " ".repeat(number.len());
        // A tab stays a tab, so that the caret stands below its character in any terminal.
        let lead: String = text
            .chars()
            .take(column - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let shown = format!("{number} | {text}");
        let marks = "^".repeat(*width);
        write!(
            f,
            "{file}:{line}:{column}\n{}\n{gap} | {lead}{marks}",
            shown.trim_end()
        )
    }
}
