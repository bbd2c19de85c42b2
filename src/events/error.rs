//! What can go wrong between files and a log. Bad rows are not errors: see
//! [`Reading::rejects`](crate::events::Reading).

use std::path::PathBuf;

use crate::base::run::Interrupted;
use crate::sparse::interner::Full;

/// Why there is no log. Facts only; the door adds hints.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing to read was named.
    #[error("no input was named")]
    NoSource,
    /// A path leads nowhere.
    #[error("{}: no such file or folder", path.display())]
    NoSuchFile {
        /// As given.
        path: PathBuf,
    },
    /// A folder holds nothing that looks like events.
    #[error("{}: the folder holds no event file ({expected})", path.display())]
    NoEventFile {
        /// As given.
        path: PathBuf,
        /// The suffixes that were looked for.
        expected: &'static str,
    },
    /// A pattern matches no file.
    #[error("{pattern}: no file matches")]
    NoMatch {
        /// As given.
        pattern: String,
    },
    /// A pattern cannot be understood.
    #[error("{pattern}: {reason}")]
    BadPattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be opened or listed.
    #[error("{}: {reason}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A rename starts from a name that the definition does not use.
    #[error("nothing to rename is called {name:?}; known: {}", known.join(", "))]
    UnknownRename {
        /// As given.
        name: String,
        /// Names and roles that could be renamed.
        known: Vec<String>,
    },
    /// A rename leads to a column that no input has.
    #[error("{name} should be read from column {column:?}, which no input has; found: {}", found.join(", "))]
    NoRenamedColumn {
        /// The definition's name or role.
        name: String,
        /// The column it was renamed to.
        column: String,
        /// Columns of the inputs.
        found: Vec<String>,
    },
    /// This build was made without Parquet.
    #[error("{source_name}: this build cannot read Parquet")]
    NoParquet {
        /// The input.
        source_name: String,
    },
    /// The inputs hold no row.
    #[error("{source_name}: {what}")]
    NoRows {
        /// The input, or the first of several.
        source_name: String,
        /// `it is empty` or `a header and no rows`.
        what: &'static str,
    },
    /// Content that is no text, or a header that is no header.
    #[error("{source_name}: byte {byte}: {what}")]
    Binary {
        /// The input.
        source_name: String,
        /// Where in the decompressed input.
        byte: u64,
        /// What stands there.
        what: String,
    },
    /// A compressed or columnar file is damaged or cut short.
    #[error("{source_name}: {format} data is damaged or cut short after {read} {unit}: {reason}")]
    Damaged {
        /// The input.
        source_name: String,
        /// `gzip`, `zstd` or `parquet`.
        format: &'static str,
        /// How much could be read before that.
        read: u64,
        /// Of what: `bytes`, decompressed, or `rows` of a row group.
        unit: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// Reading failed half-way.
    #[error("{source_name}: byte {byte}: {reason}")]
    Read {
        /// The input.
        source_name: String,
        /// Bytes read before that.
        byte: u64,
        /// What the system says.
        reason: std::io::Error,
    },
    /// One row is longer than any row of events.
    #[error("{source_name}: byte {byte}: a row of more than {limit} bytes")]
    RowTooLong {
        /// The input.
        source_name: String,
        /// Where the row begins in the decompressed input.
        byte: u64,
        /// Bytes a row has at the most.
        limit: usize,
    },
    /// An input does not say who acted.
    #[error("{source_name}: no account column {column:?}; found: {}", found.join(", "))]
    NoAccountColumn {
        /// The input.
        source_name: String,
        /// The column that was looked for.
        column: String,
        /// The columns it has.
        found: Vec<String>,
    },
    /// No input has a column that entities are made of.
    #[error("none of the columns {} that accounts could share is there; found: {}", wanted.join(", "), found.join(", "))]
    NoEntityColumn {
        /// Columns that were looked for.
        wanted: Vec<String>,
        /// Columns of the inputs.
        found: Vec<String>,
    },
    /// Two columns of one name.
    #[error("{source_name}: two columns are called {column:?}")]
    DuplicateColumn {
        /// The input.
        source_name: String,
        /// Their name.
        column: String,
    },
    /// A column whose type cannot be a key or a time.
    #[error("{source_name}: column {column:?} holds {found}, expected {expected}")]
    ColumnType {
        /// The input.
        source_name: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// Most times are not in the format of the others.
    #[error("{column}: read as {expected}, but {bad} of {read} rows are not; one of those is {sample:?}{}", also.as_ref().map(|format| format!(" ({format})")).unwrap_or_default())]
    TimeFormat {
        /// The definition's name of the time column.
        column: String,
        /// The format found in the sample.
        expected: String,
        /// The format that the first other value has, if it has one.
        also: Option<String>,
        /// The first other value.
        sample: String,
        /// Rows rejected for it.
        bad: u64,
        /// All rows.
        read: u64,
    },
    /// Every row was rejected or filtered.
    #[error("none of {read} rows could be used: {reasons}")]
    NothingAccepted {
        /// Rows read.
        read: u64,
        /// Counts by reason.
        reasons: String,
    },
    /// More rows or keys than a log can number.
    #[error("{0}")]
    Full(#[from] Full),
    /// More rows than 32-bit row numbers can tell apart.
    #[error("more than {} rows", u32::MAX)]
    TooManyRows,
    /// Somebody asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl Error {
    /// The request is wrong and the data may be fine (exit code 2 rather than 3).
    pub fn is_request(&self) -> bool {
        matches!(
            self,
            Error::NoSource
                | Error::NoSuchFile { .. }
                | Error::NoEventFile { .. }
                | Error::NoMatch { .. }
                | Error::BadPattern { .. }
                | Error::Unreadable { .. }
                | Error::UnknownRename { .. }
                | Error::NoRenamedColumn { .. }
                | Error::NoParquet { .. }
        )
    }

    /// Something ran out (exit code 4).
    pub fn is_resource(&self) -> bool {
        matches!(self, Error::Full(_) | Error::TooManyRows)
    }
}
