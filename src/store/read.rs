//! A file into a log, believing nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytemuck::Pod;
use xxhash_rust::xxh3::xxh3_64;

use super::error::{Fault, StoreError, damaged};
use super::header::{Header, MAX_BYTES, Section};
use super::{ALIGNMENT, MAGIC, Origin, PREAMBLE_BYTES, VERSION, aligned, law};
use crate::events::{EventLog, KeyColumn, NONE, TimeColumn};
use crate::sparse::dictionary::Dictionary;

/// Reads the snapshot at `path`.
///
/// Memory asked for is at most the file's length, whatever the file claims.
///
/// # Errors
/// The file cannot be read, is no snapshot, has another version, or is not what was written.
pub fn open(path: &Path) -> Result<(EventLog, Origin), StoreError> {
    let read = || {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        read(file, bytes)
    };
    read().map_err(|fault: Fault| fault.at(path))
}

/// Reads a snapshot of `bytes` bytes.
fn read(mut from: impl Read, bytes: u64) -> Result<(EventLog, Origin), Fault> {
    let (header, data_start) = read_header(&mut from, bytes)?;
    let data_bytes = bytes.checked_sub(data_start).ok_or_else(cut_off)?;
    let mut sections = Sections {
        from,
        table: header.sections.iter(),
        at: 0,
        bytes: data_bytes,
    };

    let accounts = sections.dictionary("accounts")?;
    let account = sections.array("account")?;
    let first_row = sections.array("first_row")?;
    let mut keys = Vec::with_capacity(header.keys.len());
    for (name, accounts) in header.keys {
        let dictionary = sections.dictionary(&format!("key.{name}"))?;
        let ids = sections.array(&format!("key.{name}.ids"))?;
        keys.push(KeyColumn {
            name,
            accounts,
            dictionary,
            ids,
        });
    }
    let mut times = Vec::with_capacity(header.times.len());
    for name in header.times {
        let micros = sections.array(&format!("time.{name}"))?;
        times.push(TimeColumn { name, micros });
    }
    let reading = sections.array::<u8>("reading")?;
    sections.end()?;

    let log = EventLog {
        accounts,
        account,
        first_row,
        keys,
        times,
    };
    if log.len() as u64 != header.events {
        return damaged(format!("{} events instead of {}", log.len(), header.events));
    }
    if let Some(what) = law::broken(&log) {
        return damaged(what);
    }
    let reading = serde_json::from_slice(&reading)
        .map_err(|error| Fault::Damaged(format!("the facts of reading: {error}")))?;
    Ok((
        log,
        Origin {
            graph: header.graph,
            definition: header.definition,
            reading,
        },
    ))
}

fn cut_off() -> Fault {
    Fault::Damaged("the file is cut off".into())
}

/// The header, and the byte at which the first section begins.
fn read_header(from: &mut impl Read, bytes: u64) -> Result<(Header, u64), Fault> {
    let mut preamble = [0; PREAMBLE_BYTES];
    let known = bytes.min(PREAMBLE_BYTES as u64) as usize;
    from.read_exact(&mut preamble[..known])?;
    if !preamble.starts_with(&MAGIC) {
        return Err(Fault::NotASnapshot);
    }
    if known < PREAMBLE_BYTES {
        return Err(cut_off());
    }
    let [version, length]: [u32; 2] = bytemuck::pod_read_unaligned(&preamble[8..16]);
    let checksum: u64 = bytemuck::pod_read_unaligned(&preamble[16..]);
    if version != VERSION {
        return Err(Fault::Version {
            found: version,
            expected: VERSION,
        });
    }
    let length = length as usize;
    if length > MAX_BYTES {
        return damaged(format!("a header of {length} bytes"));
    }
    let end = (PREAMBLE_BYTES + length) as u64;
    let data_start = end.next_multiple_of(ALIGNMENT);
    if data_start > bytes {
        return Err(cut_off());
    }
    let mut header = vec![0; length];
    from.read_exact(&mut header)?;
    if xxh3_64(&header) != checksum {
        return damaged("the header's checksum does not fit");
    }
    skip_zeros(from, data_start - end)?;
    let header =
        Header::decode(&header).map_err(|error| Fault::Damaged(format!("the header: {error}")))?;
    Ok((header, data_start))
}

/// The sections of a file, taken one after the other.
struct Sections<'a, R> {
    from: R,
    table: std::slice::Iter<'a, Section>,
    /// Bytes read so far, from the first section's beginning.
    at: u64,
    /// Bytes there are.
    bytes: u64,
}

impl<R: Read> Sections<'_, R> {
    /// The next section, which must be called `name`.
    fn array<T: Pod>(&mut self, name: &str) -> Result<Vec<T>, Fault> {
        let Some(section) = self.table.next().filter(|section| section.name == name) else {
            return damaged(format!("section {name} is not where it belongs"));
        };
        if aligned(self.at) != Some(section.offset) {
            return damaged(format!("section {name} begins at byte {}", section.offset));
        }
        let end = section.offset.checked_add(section.length);
        if end.is_none_or(|end| end > self.bytes) {
            return damaged(format!("section {name} is longer than the file"));
        }
        let size = size_of::<T>() as u64;
        if section.length % size != 0 {
            return damaged(format!("section {name} ends inside a value"));
        }
        skip_zeros(&mut self.from, section.offset - self.at)?;
        let mut array = vec![T::zeroed(); (section.length / size) as usize];
        let bytes = bytemuck::cast_slice_mut(&mut array);
        self.from.read_exact(bytes)?;
        if xxh3_64(bytes) != section.checksum {
            return damaged(format!("the checksum of section {name} does not fit"));
        }
        self.at = section.offset + section.length;
        Ok(array)
    }

    fn dictionary(&mut self, name: &str) -> Result<Dictionary, Fault> {
        let bytes = self.array(&format!("{name}.bytes"))?;
        let ends: Vec<u64> = self.array(&format!("{name}.ends"))?;
        let countable = ends.len() < NONE as usize;
        match Dictionary::from_parts(bytes, ends).filter(|_| countable) {
            Some(dictionary) => Ok(dictionary),
            None => damaged(format!("the keys of {name} are not in order")),
        }
    }

    /// Nothing may follow.
    fn end(&mut self) -> Result<(), Fault> {
        if self.table.next().is_some() || self.at != self.bytes {
            return damaged("there is more after the last section");
        }
        Ok(())
    }
}

/// Reads `bytes` (fewer than [`ALIGNMENT`]) that must be zero.
fn skip_zeros(from: &mut impl Read, bytes: u64) -> Result<(), Fault> {
    let mut padding = [0; ALIGNMENT as usize];
    let padding = &mut padding[..bytes as usize];
    from.read_exact(padding)?;
    if padding.iter().any(|&byte| byte != 0) {
        return damaged("something stands between two sections");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::write::{preamble, save};
    use super::*;

    /// A whole file with a column of every sort.
    fn whole() -> Vec<u8> {
        let log = EventLog {
            accounts: Dictionary::from_sorted([&b"ann"[..], b"bob"]),
            account: vec![0, 0, 1],
            first_row: vec![0, 2, 3],
            keys: vec![
                KeyColumn {
                    name: "ip".into(),
                    accounts: false,
                    dictionary: Dictionary::from_sorted([&b"::1"[..], b"::2"]),
                    ids: vec![1, 0, NONE],
                },
                KeyColumn {
                    name: "friend".into(),
                    accounts: true,
                    dictionary: Dictionary::default(),
                    ids: vec![1, NONE, 0],
                },
            ],
            times: vec![TimeColumn {
                name: "ts".into(),
                micros: vec![1, 2, 1],
            }],
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("whole");
        save(
            &path,
            &log,
            &Origin {
                graph: "mine".into(),
                ..Origin::default()
            },
        )
        .unwrap();
        assert_eq!(open(&path).unwrap().0, log);
        std::fs::read(path).unwrap()
    }

    #[test]
    fn no_bit_can_change_unnoticed() {
        let file = whole();
        for bit in 0..file.len() * 8 {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let answer = read(&flipped[..], flipped.len() as u64);
            assert!(answer.is_err(), "bit {bit} of {} bytes", file.len());
        }
    }

    #[test]
    fn no_byte_can_be_lost_or_added_unnoticed() {
        let mut file = whole();
        for length in 0..file.len() {
            assert!(
                read(&file[..length], length as u64).is_err(),
                "{length} bytes"
            );
            // A file that shrinks while it is read.
            assert!(
                read(&file[..length], file.len() as u64).is_err(),
                "{length} bytes"
            );
        }
        file.push(0);
        assert!(read(&file[..], file.len() as u64).is_err());
    }

    /// A file whose first section claims `offset` and `length`, with fitting checksums elsewhere.
    fn forged(offset: u64, length: u64) -> Vec<u8> {
        let name = "accounts.bytes".to_owned();
        let section = Section {
            name,
            offset,
            length,
            checksum: 0,
        };
        let header = Header {
            sections: vec![section],
            ..Header::default()
        }
        .encode()
        .unwrap();
        let mut file = preamble(&header).to_vec();
        file.extend(&header);
        file.resize(file.len().next_multiple_of(64) + 64, 0);
        file
    }

    fn complaint(file: &[u8]) -> String {
        read(file, file.len() as u64).unwrap_err().to_string()
    }

    #[test]
    fn a_forged_length_is_refused_before_memory_is_asked_for() {
        for length in [65, 1 << 40, u64::MAX - 63, u64::MAX] {
            let complaint = complaint(&forged(0, length));
            assert_eq!(
                complaint,
                "damaged: section accounts.bytes is longer than the file"
            );
        }
        assert!(complaint(&forged(0, 64)).contains("checksum"));
        assert!(complaint(&forged(u64::MAX, 1)).contains("begins at byte"));
    }

    #[test]
    fn a_forged_header_length_is_refused_before_memory_is_asked_for() {
        for length in [MAX_BYTES as u32 + 1, u32::MAX] {
            let mut file = forged(0, 0);
            file[12..16].copy_from_slice(&length.to_le_bytes());
            assert!(complaint(&file).contains("a header of"));
        }
    }
}
