//! Reading a published sweep back: exactly what was written, or an error that says what is wrong.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use super::rows::SweepTables;
use super::tables::{Format, Row, TableError};

/// The manifest's file name; a folder without one is not a sweep.
pub const MANIFEST_FILE: &str = "manifest.json";

/// Why a published sweep cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing of that name.
    #[error("{} does not exist", dir.display())]
    Missing {
        /// The folder asked for.
        dir: PathBuf,
    },
    /// There is something, but it is not a sweep.
    #[error("{} is not a published sweep: {reason}", dir.display())]
    NotASweep {
        /// The folder asked for.
        dir: PathBuf,
        /// How one can tell.
        reason: String,
    },
    /// A file of the sweep is not as it was written.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the row where there is one.
        reason: String,
    },
    /// The system does not let us read it.
    #[error("{} cannot be read", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// How often reading starts again because the sweep was replaced meanwhile.
const ATTEMPTS: usize = 3;

/// Reads a sweep that [`publish_sweep`](super::publish_sweep) wrote. Files are opened one after the
/// other; when the manifest is another one at the end, the sweep was replaced meanwhile and is read
/// again.
///
/// # Errors
/// [`OpenError`] at the first file that is missing or not as it was written.
pub fn open_sweep(dir: &Path) -> Result<(SweepTables, Manifest), OpenError> {
    let manifest_bytes = || fs::read(dir.join(MANIFEST_FILE)).ok();
    for _ in 1..ATTEMPTS {
        let before = manifest_bytes();
        let sweep = read_once(dir);
        if manifest_bytes() == before {
            return sweep;
        }
    }
    read_once(dir)
}

fn read_once(dir: &Path) -> Result<(SweepTables, Manifest), OpenError> {
    let manifest = manifest_of(dir)?;
    let format = manifest
        .format
        .parse::<Format>()
        .map_err(|error| OpenError::Damaged {
            path: dir.join(MANIFEST_FILE),
            reason: error.to_string(),
        })?;
    let tables = SweepTables {
        members: table(dir, format, &manifest)?,
        rings: table(dir, format, &manifest)?,
        evidence: table(dir, format, &manifest)?,
        links: table(dir, format, &manifest)?,
        uses: table(dir, format, &manifest)?,
        seeds: if manifest.seeds.is_some() {
            table(dir, format, &manifest)?
        } else {
            Vec::new()
        },
        rejects: table(dir, format, &manifest)?,
    };
    Ok((tables, manifest))
}

/// The manifest of the sweep in `dir`.
pub(super) fn manifest_of(dir: &Path) -> Result<Manifest, OpenError> {
    let not_a_sweep = |reason: &str| OpenError::NotASweep {
        dir: dir.into(),
        reason: reason.into(),
    };
    let path = dir.join(MANIFEST_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            return Err(match error.kind() {
                io::ErrorKind::NotFound if !dir.exists() => OpenError::Missing { dir: dir.into() },
                io::ErrorKind::NotADirectory => not_a_sweep("it is a file"),
                io::ErrorKind::NotFound => not_a_sweep("it has no manifest.json"),
                io::ErrorKind::InvalidData => not_a_sweep("its manifest.json is not text"),
                _ => OpenError::Io {
                    path,
                    source: error,
                },
            });
        }
    };
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| not_a_sweep(&format!("its manifest.json does not parse: {error}")))?;
    if manifest.tool != Manifest::TOOL {
        return Err(not_a_sweep("its manifest.json was written by another tool"));
    }
    Ok(manifest)
}

/// One table, held against the number of rows that the manifest notes.
fn table<R: Row>(dir: &Path, format: Format, manifest: &Manifest) -> Result<Vec<R>, OpenError> {
    let path = dir.join(format!("{}.{format}", R::TABLE));
    let damaged = |reason: String| OpenError::Damaged {
        path: path.clone(),
        reason,
    };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged("the file is missing".into()));
        }
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    let rows = format.read(file).map_err(|error| match error {
        TableError::Io(source) => OpenError::Io {
            path: path.clone(),
            source,
        },
        other => damaged(other.to_string()),
    })?;
    match manifest.tables.get(R::TABLE) {
        Some(&expected) if expected != rows.len() as u64 => Err(damaged(format!(
            "the manifest notes {expected} rows, the file has {}",
            rows.len()
        ))),
        _ => Ok(rows),
    }
}
