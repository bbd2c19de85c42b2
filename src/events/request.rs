//! What the caller wants from the inputs: which columns, under which names, and how carefully.

use std::collections::BTreeMap;

pub use crate::recipe::{Wanted, WantedKey};

/// With its cells and their numbers it stays in a second-level cache.
const PIECE_BYTES: usize = 1 << 18;

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
    /// Bytes of text, decompressed, that a thread reads at a time. Changes speed and memory, never the result.
    pub piece_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            renames: BTreeMap::new(),
            max_reject_samples: 1_000,
            min_participation: 1,
            piece_bytes: PIECE_BYTES,
        }
    }
}
