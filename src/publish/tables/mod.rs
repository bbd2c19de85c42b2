//! The tables of a sweep as files: one file per format, the same rows in each.
//!
//! A format is a closed choice, hence an enum; each variant's file holds one `write` and one `read`.
//! What is written is what is read back, value for value. Floats are printed as the shortest decimal
//! that reads back to the same bits and always with a fraction or an exponent (`12.0`), in CSV and
//! JSONL alike; Parquet stores the bits.
//!
//! Cells are written as they are: a spreadsheet may take an id such as `=1+1` for a formula. Ids are
//! chosen by those who are looked for, so import the CSV files as text.

mod columns;
mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use std::fs::File;
use std::io::{self, Write};
use std::str::FromStr;

pub use columns::{Cell, CellType, Column, Row};

/// How the tables of a sweep are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// RFC 4180 with a header, `\n` line ends, quotes where needed.
    #[default]
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// Apache Parquet with typed columns.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Every format that this build can write, in the order they are offered.
    pub const ALL: &'static [Format] = &[
        Format::Csv,
        #[cfg(feature = "parquet")]
        Format::Parquet,
        Format::Jsonl,
    ];

    /// Its name, which is also the suffix of its files.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            #[cfg(feature = "parquet")]
            Format::Parquet => "parquet",
        }
    }

    /// Writes `rows` as one table. The bytes depend on the rows alone.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write<R: Row>(self, rows: &[R], out: &mut (dyn Write + Send)) -> io::Result<()> {
        match self {
            Format::Csv => csv::write(rows, out),
            Format::Jsonl => jsonl::write(rows, out),
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::write(rows, out),
        }
    }

    /// Reads a whole table.
    ///
    /// # Errors
    /// [`TableError`] at the first thing that is not as [`Format::write`] leaves it.
    pub fn read<R: Row>(self, file: File) -> Result<Vec<R>, TableError> {
        match self {
            Format::Csv => csv::read(file),
            Format::Jsonl => jsonl::read(file),
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::read(file),
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A format name that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown table format `{0}`")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let known = Format::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name);
        known.ok_or_else(|| UnknownFormat(name.into()))
    }
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The bytes cannot be had.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The columns are not those of this table.
    #[error("expected the columns {expected}, found {found}")]
    Columns {
        /// Column names in order, `, `-separated.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// A row cannot be understood.
    #[error("row {row}: {reason}")]
    Row {
        /// 1-based, the header not counted.
        row: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The file as a whole is damaged.
    #[error("{0}")]
    Damaged(String),
}

/// Column names for a message.
fn column_names<R: Row>() -> String {
    let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
    names.join(", ")
}
