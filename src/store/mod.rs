//! Snapshots: an [`EventLog`](crate::events::EventLog) in one file, opened without parsing a single event again.
//!
//! ```text
//! 0        8         12             16            24
//! RINGSWEP version   header length  header xxh3   header   0…   section   0…   section …
//! ```
//!
//! All numbers are little-endian. The header (`header.rs`) names the columns and lists the
//! sections; each section is one array as it lies in memory, at a multiple of 64 bytes from the
//! first, with a checksum. Nothing of the file is believed: lengths are held against the file
//! before memory is asked for, checksums before values, values (`law.rs`) before they become a log.
//! A file is written beside its final name and renamed when it is on disk.

mod error;
mod header;
mod law;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use error::{Fault, StoreError};
pub use read::open;
pub use write::save;

use crate::publish::RejectRow;
use crate::publish::manifest::{InputRecord, RowCounts};

/// The first bytes of every snapshot.
const MAGIC: [u8; 8] = *b"RINGSWEP";

/// The version of the format that this program writes and reads.
const VERSION: u32 = 1;

/// Magic, version, header length, header checksum.
const PREAMBLE_BYTES: usize = 24;

/// Sections begin at multiples of this: a cache line, and more than any element needs.
const ALIGNMENT: u64 = 64;

/// Where a log came from: what is kept beside the events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// The definition's name.
    pub graph: String,
    /// The definition the events were read with, as TOML.
    pub definition: String,
    /// How they were read.
    pub reading: ReadingFacts,
}

/// The facts of reading that a manifest repeats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingFacts {
    /// The wanted columns, by the definition's names, that some input has.
    pub found: BTreeSet<String>,
    /// The inputs in the order they were read.
    pub inputs: Vec<InputRecord>,
    /// Where every row went.
    pub rows: RowCounts,
    /// How each time column was read.
    pub time_formats: BTreeMap<String, String>,
    /// Samples of rejected rows.
    pub rejects: Vec<RejectRow>,
}

/// Whether the file at `path` begins as a snapshot does; `false` for one that cannot be read.
pub fn is_snapshot(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    // Only plain files: opening a named pipe would take its first bytes away from the reader.
    path.is_file()
        && File::open(path)
            .and_then(|mut file| file.read_exact(&mut start))
            .is_ok()
        && start == MAGIC
}

/// The next multiple of [`ALIGNMENT`]; `None` beyond 64 bits.
fn aligned(bytes: u64) -> Option<u64> {
    bytes.checked_next_multiple_of(ALIGNMENT)
}
