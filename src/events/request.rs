//! What the caller wants from the inputs: which columns, under which names, and how carefully.

use std::collections::BTreeMap;

/// The columns that a graph definition needs, by the names that it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who acted. Every input must have it.
    pub account: String,
    /// Time columns; the event's own first where the definition has one. The role `time` in
    /// [`ReadOptions::renames`] means this first one.
    pub times: Vec<String>,
    /// The columns that entities are made of.
    pub keys: Vec<WantedKey>,
}

/// One column that entities are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedKey {
    /// The name the definition uses.
    pub name: String,
    /// A relation: the values are account ids.
    pub accounts: bool,
}

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// From a name in [`Wanted`], or a role (`account`, `time`), to the column name in the input.
    /// A name wins over a role.
    pub renames: BTreeMap<String, String>,
    /// Rejected rows that are kept as samples, over all inputs and reasons together.
    pub max_reject_samples: usize,
    /// Rows an account needs; the rows of accounts with fewer are *filtered*.
    pub min_participation: u32,
    /// Decompressed bytes (Parquet: about as many) that are in memory at a time, twice. Changes
    /// speed and memory, never the result.
    pub batch_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            renames: BTreeMap::new(),
            max_reject_samples: 1_000,
            min_participation: 1,
            batch_bytes: 16 << 20,
        }
    }
}
