//! Reading a truth: a CSV or TSV file with a header and two columns of interest.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read};

use crate::lists::labels::is_bad;
use crate::publish::ids::id_text;

/// Which columns to read; `None` for the usual names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TruthColumns {
    /// The account; `account_id` or `account`.
    pub account: Option<String>,
    /// The ring; `ring_id` or `ring`.
    pub ring: Option<String>,
    /// Bad or not; `label`.
    pub label: Option<String>,
}

/// Who is bad, or who belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// Accounts by ring; an account that is in none is innocent.
    Rings(BTreeMap<String, BTreeSet<String>>),
    /// Bad or not by account; an account that is not in it is unknown.
    Labels(HashMap<String, bool>),
}

/// Why a truth cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The bytes cannot be had.
    #[error("the truth cannot be read")]
    Io(#[from] io::Error),
    /// A column is missing.
    #[error("the truth has no column {wanted}; it has {found}")]
    NoColumn {
        /// What was looked for.
        wanted: String,
        /// What there is.
        found: String,
    },
    /// A row cannot be understood.
    #[error("the truth, row {row}: {reason}")]
    Row {
        /// 1-based, the header not counted.
        row: u64,
        /// What is wrong.
        reason: String,
    },
    /// There is no label.
    #[error("the truth has no rows")]
    Empty,
}

impl Truth {
    /// Reads a truth with a header; separated by tabs where the header holds a tab, else by commas.
    /// A ring column goes before a label column where the file has both and none was asked for.
    /// Rows without an account are refused; rows without a ring name an innocent account. Of rings there
    /// may be none: then everybody is innocent. Of labels there must be one: without any nothing is known.
    ///
    /// # Errors
    /// [`TruthError`] at the first row that cannot be used.
    pub fn read(mut input: impl Read, columns: &TruthColumns) -> Result<Self, TruthError> {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        let header_end = memchr::memchr(b'\n', &bytes).unwrap_or(bytes.len());
        let tabs = memchr::memchr(b'\t', &bytes[..header_end]).is_some();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if tabs { b'\t' } else { b',' })
            .from_reader(&*bytes);
        let header: Vec<String> = reader
            .byte_headers()
            .map_err(|error| row_error(&error, 0))?
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        let account = find(
            &header,
            columns.account.as_deref(),
            &["account_id", "account"],
        )?;
        let only_label = columns.label.is_some() && columns.ring.is_none();
        let ring = find(&header, columns.ring.as_deref(), &["ring_id", "ring"]);
        match ring {
            Ok(ring) if !only_label => read_rings(reader, account, ring),
            Err(error) if columns.ring.is_some() => Err(error),
            _ => {
                let label = find(&header, columns.label.as_deref(), &["label"])
                    .map_err(|error| both_missing(error, columns))?;
                read_labels(reader, account, label)
            }
        }
    }

    /// Whether it says who belongs together.
    pub fn has_rings(&self) -> bool {
        matches!(self, Truth::Rings(_))
    }

    /// Whether `account` is bad; `None` where that is unknown.
    pub fn is_bad(&self, account: &str) -> Option<bool> {
        match self {
            Truth::Rings(rings) => Some(rings.values().any(|ring| ring.contains(account))),
            Truth::Labels(labels) => labels.get(account).copied(),
        }
    }

    /// Its bad accounts.
    pub fn bad_accounts(&self) -> u64 {
        match self {
            Truth::Rings(rings) => {
                let accounts: BTreeSet<&String> = rings.values().flatten().collect();
                accounts.len() as u64
            }
            Truth::Labels(labels) => labels.values().filter(|&&bad| bad).count() as u64,
        }
    }

    /// Its rings of two accounts or more, by id; none for labels.
    pub fn rings(&self) -> Vec<(&str, &BTreeSet<String>)> {
        match self {
            Truth::Rings(rings) => rings
                .iter()
                .filter(|(_, ring)| ring.len() > 1)
                .map(|(id, ring)| (id.as_str(), ring))
                .collect(),
            Truth::Labels(_) => Vec::new(),
        }
    }
}

type Reader<'a> = csv::Reader<&'a [u8]>;

fn read_rings(reader: Reader<'_>, account: usize, ring: usize) -> Result<Truth, TruthError> {
    let mut rings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    each_row(reader, account, ring, |account, ring, _| {
        if !ring.is_empty() {
            rings.entry(id_text(ring)).or_default().insert(account);
        }
        Ok(())
    })?;
    Ok(Truth::Rings(rings))
}

fn read_labels(reader: Reader<'_>, account: usize, label: usize) -> Result<Truth, TruthError> {
    let mut labels = HashMap::new();
    let rows = each_row(reader, account, label, |account, label, row| {
        let shown = String::from_utf8_lossy(label);
        let bad = is_bad(&shown).ok_or_else(|| TruthError::Row {
            row,
            reason: format!(
                "the label `{shown}` is neither bad (1, true, …) nor good (0, false, …)"
            ),
        })?;
        match labels.insert(account, bad) {
            Some(before) if before != bad => Err(TruthError::Row {
                row,
                reason: "the account has the opposite label in an earlier row".into(),
            }),
            _ => Ok(()),
        }
    })?;
    if rows == 0 {
        return Err(TruthError::Empty);
    }
    Ok(Truth::Labels(labels))
}

/// Hands on account, value and row number of every row; returns how many there were.
fn each_row(
    mut reader: Reader<'_>,
    account: usize,
    value: usize,
    mut take: impl FnMut(String, &[u8], u64) -> Result<(), TruthError>,
) -> Result<u64, TruthError> {
    let mut record = csv::ByteRecord::new();
    let mut row = 0;
    while reader
        .read_byte_record(&mut record)
        .map_err(|error| row_error(&error, row + 1))?
    {
        row += 1;
        let cell = |column| record.get(column).unwrap_or_default().trim_ascii();
        if cell(account).is_empty() {
            return Err(TruthError::Row {
                row,
                reason: "the account is empty".into(),
            });
        }
        take(id_text(cell(account)), cell(value), row)?;
    }
    Ok(row)
}

fn find(header: &[String], asked: Option<&str>, usual: &[&str]) -> Result<usize, TruthError> {
    let names: Vec<&str> = asked.map_or_else(|| usual.to_vec(), |name| vec![name]);
    names
        .iter()
        .find_map(|name| header.iter().position(|column| column == name))
        .ok_or_else(|| TruthError::NoColumn {
            wanted: names.join(" or "),
            found: header.join(", "),
        })
}

/// Where neither a ring nor a label column was found, both are what was looked for.
fn both_missing(error: TruthError, columns: &TruthColumns) -> TruthError {
    match error {
        TruthError::NoColumn { found, .. } if columns.label.is_none() => TruthError::NoColumn {
            wanted: "ring_id or label".into(),
            found,
        },
        other => other,
    }
}

fn row_error(error: &csv::Error, row: u64) -> TruthError {
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("{expected_len} cells expected, {len} found")
        }
        _ => error.to_string(),
    };
    TruthError::Row { row, reason }
}
