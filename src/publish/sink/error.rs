//! Why something could not be published.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The name is taken.
    #[error("{} exists", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// What is to be replaced is not a sweep: it has no manifest of ours.
    #[error("{} is not a published sweep, so it will not be replaced", path.display())]
    NotASweep {
        /// The name.
        path: PathBuf,
    },
    /// A file was to be written where a folder is.
    #[error("{} is a folder", path.display())]
    IsAFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The name has no last part that could be given to something new (`/`, `..`).
    #[error("{} cannot be the name of something new", path.display())]
    NoName {
        /// The name.
        path: PathBuf,
    },
    /// There is no folder to put it in.
    #[error("the folder {} of {} does not exist", parent.display(), path.display())]
    ParentMissing {
        /// The name.
        path: PathBuf,
        /// Its folder.
        parent: PathBuf,
    },
    /// Not allowed to write there.
    #[error("{} cannot be written to", path.display())]
    ReadOnly {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No room left on the device or in the quota.
    #[error("no space left for {}", path.display())]
    NoSpace {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Anything else that the system reports.
    #[error("writing {} failed", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A number that tables cannot carry.
    #[error("{table}, row {row}: {column} is {value}")]
    NotFinite {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// 1-based.
        row: u64,
        /// The number.
        value: f64,
    },
}

impl PublishError {
    /// Sorts what the system reports about `path`.
    pub(crate) fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                PublishError::ReadOnly { path, source }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                PublishError::NoSpace { path, source }
            }
            _ => PublishError::Io { path, source },
        }
    }
}
