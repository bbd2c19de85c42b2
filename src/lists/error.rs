//! What can be wrong with a list, as facts: the file, the row, and what is there.

use std::io;
use std::path::PathBuf;

/// A list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The bytes cannot be had.
    #[error("cannot read the list {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A column is missing, or there twice.
    #[error("{} has no column {wanted}; it has {found}", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: String,
        /// What there is.
        found: String,
    },
    /// A row cannot be understood, or contradicts another.
    #[error("{}, row {row}: {reason}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// 1-based, the header not counted.
        row: u64,
        /// What is wrong.
        reason: String,
    },
}
