//! A log into a file.

use std::fs::{File, Permissions};
use std::io::Write;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::error::{Fault, StoreError};
use super::header::{Header, Section};
use super::{MAGIC, Origin, PREAMBLE_BYTES, VERSION, aligned, law};
use crate::events::EventLog;

#[cfg(target_endian = "big")]
compile_error!(
    "snapshots are little-endian arrays that are written and read as they lie in memory"
);

/// Writes `log` to `path`, all of it or nothing: a reader never sees half a snapshot.
///
/// # Errors
/// The folder cannot be written or is full; the definition is longer than a header may be; `log`
/// breaks the promises that an event log makes.
pub fn save(path: &Path, log: &EventLog, origin: &Origin) -> Result<(), StoreError> {
    write(path, log, origin).map_err(|fault| fault.at(path))
}

fn write(path: &Path, log: &EventLog, origin: &Origin) -> Result<(), Fault> {
    if let Some(what) = law::broken(log) {
        return Err(Fault::Damaged(what));
    }
    let reading = serde_json::to_vec(&origin.reading)
        .expect("records of text and integers always have a JSON form");
    let arrays = arrays(log, &reading);
    let header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: origin.graph.clone(),
        definition: origin.definition.clone(),
        events: log.len() as u64,
        keys: log
            .keys
            .iter()
            .map(|column| (column.name.clone(), column.accounts))
            .collect(),
        times: log.times.iter().map(|column| column.name.clone()).collect(),
        sections: sections(&arrays),
    };
    let header = header.encode().map_err(|bytes| Fault::TooLong { bytes })?;

    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = beside(folder)?;
    write_padded(file.as_file_mut(), &[&preamble(&header), &header])?;
    for (at, (_, array)) in arrays.iter().enumerate() {
        if at + 1 < arrays.len() {
            write_padded(file.as_file_mut(), &[array])?;
        } else {
            file.write_all(array)?;
        }
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name is on disk once the folder is.
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Every array of the file with its name, in order.
fn arrays<'a>(log: &'a EventLog, reading: &'a [u8]) -> Vec<(String, &'a [u8])> {
    let (bytes, ends) = log.accounts.parts();
    let mut arrays = vec![
        ("accounts.bytes".to_owned(), bytes),
        ("accounts.ends".to_owned(), bytemuck::cast_slice(ends)),
        ("account".to_owned(), bytemuck::cast_slice(&log.account)),
        ("first_row".to_owned(), bytemuck::cast_slice(&log.first_row)),
    ];
    for column in &log.keys {
        let (bytes, ends) = column.dictionary.parts();
        arrays.push((format!("key.{}.bytes", column.name), bytes));
        arrays.push((
            format!("key.{}.ends", column.name),
            bytemuck::cast_slice(ends),
        ));
        arrays.push((
            format!("key.{}.ids", column.name),
            bytemuck::cast_slice(&column.ids),
        ));
    }
    for column in &log.times {
        arrays.push((
            format!("time.{}", column.name),
            bytemuck::cast_slice(&column.micros),
        ));
    }
    arrays.push(("reading".to_owned(), reading));
    arrays
}

fn sections(arrays: &[(String, &[u8])]) -> Vec<Section> {
    let mut end = 0;
    let mut sections = Vec::with_capacity(arrays.len());
    for (name, array) in arrays {
        let offset = aligned(end).expect("arrays in memory are shorter than 64 bits can count");
        let length = array.len() as u64;
        end = offset + length;
        sections.push(Section {
            name: name.clone(),
            offset,
            length,
            checksum: xxh3_64(array),
        });
    }
    sections
}

/// The bytes before the header; the checksum covers all of them but itself, and the header.
pub(super) fn preamble(header: &[u8]) -> [u8; PREAMBLE_BYTES] {
    let mut bytes = [0; PREAMBLE_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..16].copy_from_slice(&(header.len() as u32).to_le_bytes());
    bytes[16..].copy_from_slice(&xxh3_64(header).to_le_bytes());
    bytes
}

/// Writes `parts` one after the other, then zeros up to the next alignment.
fn write_padded(file: &mut File, parts: &[&[u8]]) -> Result<(), Fault> {
    let mut length = 0;
    for part in parts {
        file.write_all(part)?;
        length += part.len() as u64;
    }
    let padding = aligned(length).map_or(0, |end| end - length);
    file.write_all(&[0; super::ALIGNMENT as usize][..padding as usize])?;
    Ok(())
}

/// A file in `folder` that vanishes unless it is renamed, readable by whom the umask allows.
fn beside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ringsweep-");
    #[cfg(unix)]
    let builder =
        builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder)
}
