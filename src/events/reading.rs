//! `Reading`: the log, and an account of how every input row became part of it or did not.

use std::collections::{BTreeMap, BTreeSet};

use crate::events::log::EventLog;

/// What [`read_events`](crate::events::read_events) hands over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The accepted events.
    pub log: EventLog,
    /// The wanted columns, by the definition's names, that some input has.
    pub found: BTreeSet<String>,
    /// The inputs in the order they were read.
    pub inputs: Vec<InputRead>,
    /// Where every row went.
    pub rows: Rows,
    /// Samples of rejected rows by input and row.
    pub rejects: Vec<Reject>,
    /// How each time column was read, in words.
    pub time_formats: BTreeMap<String, String>,
}

/// One input that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputRead {
    /// File name, with its path inside the folder that was asked for; `-` for standard input.
    pub name: String,
    /// `csv`, `tsv`, `ndjson` or `parquet`, with `+gzip` or `+zstd`.
    pub format: String,
    /// Bytes as stored.
    pub bytes: u64,
    /// xxh3 (128 bits) of the bytes as stored, 32 hex digits.
    pub xxh3: String,
    /// Rows in it, without header and blank lines.
    pub rows: u64,
}

/// Where rows went: `read = accepted + Σ rejected + Σ filtered`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// Rows in all inputs.
    pub read: u64,
    /// Rows that became events.
    pub accepted: u64,
    /// Rows that could not be used, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Rows that the request leaves out, by reason.
    pub filtered: BTreeMap<String, u64>,
}

/// One rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The input's name.
    pub source: String,
    /// Its number in the input, from 1, header and blank lines not counted.
    pub row: u64,
    /// Where it begins in the decompressed input; 0 for Parquet, whose rows have no place.
    pub byte: u64,
    /// Why, as in [`Rows::rejected`].
    pub reason: String,
    /// The first 200 bytes or so of the row, other than printable text as `\xNN`.
    pub sample: String,
}
