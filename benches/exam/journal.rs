//! What is done already: one JSON object a line, by key.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    finding: serde_json::Value,
}

/// Findings by key, in memory and, where it has a file, on disk.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    findings: BTreeMap<String, serde_json::Value>,
    file: Option<File>,
}

impl Journal {
    /// Reads what the file holds; a last line that was cut off is dropped, for its work is done again.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Journal::default());
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut findings = BTreeMap::new();
        for (number, line) in text[..whole].lines().enumerate() {
            let line: Line = serde_json::from_str(line)
                .with_context(|| format!("{}, line {}", path.display(), number + 1))?;
            findings.insert(line.key, line.finding);
        }
        if whole < text.len() {
            fs::write(path, &text[..whole])?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Journal {
            findings,
            file: Some(file),
        })
    }

    /// The finding of `key`: the one that is known, or that which `work` comes to.
    pub(crate) fn finding<T: Serialize + DeserializeOwned>(
        &mut self,
        key: &str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if let Some(known) = self.findings.get(key) {
            return serde_json::from_value(known.clone())
                .with_context(|| format!("the journal's finding of {key} is another exam's"));
        }
        let found = work()?;
        let finding = serde_json::to_value(&found)?;
        if let Some(file) = &mut self.file {
            let line = Line {
                key: key.to_owned(),
                finding: finding.clone(),
            };
            writeln!(file, "{}", serde_json::to_string(&line)?)?;
        }
        self.findings.insert(key.to_owned(), finding);
        Ok(found)
    }
}
