//! What can be wrong with a snapshot.

use std::io;
use std::path::{Path, PathBuf};

/// A snapshot that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), fault)]
pub struct StoreError {
    /// The snapshot.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file system says no.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file does not begin as a snapshot does.
    #[error("not a snapshot")]
    NotASnapshot,
    /// Written by another version of the format.
    #[error("a snapshot of format {found}; this program reads format {expected}")]
    Version {
        /// The file's.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// A part of it is not what was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The definition and column names are longer than a header may be.
    #[error("the definition is too long for a snapshot: a header of {bytes} bytes")]
    TooLong {
        /// The header's length.
        bytes: usize,
    },
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        StoreError {
            path: path.to_owned(),
            fault: self,
        }
    }
}

pub(super) fn damaged<T>(what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Damaged(what.into()))
}
