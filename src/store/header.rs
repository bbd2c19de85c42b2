//! The header of a snapshot, and the only place that knows bincode.
//!
//! bincode is no longer maintained (RUSTSEC-2025-0141), so it is kept where it can do no harm and
//! be replaced in an afternoon: a header of at most 1 MiB, decoded through serde only (the native
//! decoder aborts the process on a forged length), with that limit, after its checksum was
//! verified, and to its very end. `legacy()` is fixed-width little-endian integers, so the bytes
//! are those of any encoder that writes fields in order.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use serde::{Deserialize, Serialize};

/// The longest header, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

const FORMAT: Configuration<LittleEndian, Fixint, Limit<MAX_BYTES>> =
    bincode::config::legacy().with_limit::<MAX_BYTES>();

/// What the sections of a snapshot mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Version of ringsweep that wrote it.
    pub(super) version: String,
    /// The definition's name.
    pub(super) graph: String,
    /// The definition as TOML.
    pub(super) definition: String,
    /// Rows.
    pub(super) events: u64,
    /// Key columns: name, and whether the values are accounts.
    pub(super) keys: Vec<(String, bool)>,
    /// Time columns.
    pub(super) times: Vec<String>,
    /// In the order of the file.
    pub(super) sections: Vec<Section>,
}

/// One array of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Section {
    /// What it holds.
    pub(super) name: String,
    /// Bytes from the first section's beginning to this one's.
    pub(super) offset: u64,
    /// Bytes in it.
    pub(super) length: u64,
    /// xxh3 of them.
    pub(super) checksum: u64,
}

impl Header {
    /// As bytes; `Err` with their number when they are more than a header may have.
    pub(super) fn encode(&self) -> Result<Vec<u8>, usize> {
        // The limit binds encoding as well; without it the length can be told.
        let bytes = bincode::serde::encode_to_vec(self, FORMAT.with_no_limit())
            .expect("text, integers and lists of them always encode into memory");
        if bytes.len() > MAX_BYTES {
            Err(bytes.len())
        } else {
            Ok(bytes)
        }
    }

    /// From all of `bytes`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let (header, consumed) =
            bincode::serde::decode_from_slice(bytes, FORMAT).map_err(|error| error.to_string())?;
        if consumed != bytes.len() {
            return Err(format!("{} bytes after its end", bytes.len() - consumed));
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Header {
        let section = |name: &str, offset| Section {
            name: name.to_owned(),
            offset,
            length: 40,
            checksum: 7,
        };
        Header {
            version: "0.1.0".into(),
            graph: "mine".into(),
            definition: "[columns]\naccount = \"a\"\n".into(),
            events: 3,
            keys: vec![("ip".into(), false), ("friend".into(), true)],
            times: vec!["ts".into()],
            sections: vec![section("accounts.bytes", 0), section("accounts.ends", 64)],
        }
    }

    #[test]
    fn bytes_are_fields_in_order_with_fixed_width_lengths() {
        let header = Header {
            version: "v".into(),
            events: 258,
            ..Header::default()
        };
        let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 0, b'v'];
        expected.extend([0; 16]);
        expected.extend([2, 1, 0, 0, 0, 0, 0, 0]);
        expected.extend([0; 24]);
        assert_eq!(header.encode().unwrap(), expected);
    }

    #[test]
    fn a_header_ends_where_its_bytes_end() {
        let mut bytes = example().encode().unwrap();
        assert_eq!(Header::decode(&bytes), Ok(example()));
        bytes.push(0);
        assert!(Header::decode(&bytes).is_err());
        bytes.truncate(bytes.len() - 2);
        assert!(Header::decode(&bytes).is_err());
    }

    #[test]
    fn forged_lengths_are_refused_before_memory_is_asked_for() {
        let bytes = example().encode().unwrap();
        for at in 0..bytes.len().saturating_sub(8) {
            let mut forged = bytes.clone();
            forged[at..at + 8].fill(0xff);
            // Some of these only change a number or a text; none may panic or allocate.
            if let Ok(header) = Header::decode(&forged) {
                assert_ne!(header, example());
            }
        }
    }

    #[test]
    fn headers_have_a_limit() {
        let header = Header {
            definition: "x".repeat(MAX_BYTES),
            ..Header::default()
        };
        assert!(header.encode().unwrap_err() > MAX_BYTES);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Header::decode(&bytes);
        }
    }
}
