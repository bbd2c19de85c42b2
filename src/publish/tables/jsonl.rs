//! Tables as JSON lines: one object per row, keys in column order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use super::{Row, TableError};

pub(super) fn write<R: Row>(rows: &[R], out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    for row in rows {
        serde_json::to_writer(&mut out, row).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

pub(super) fn read<R: Row>(file: File) -> Result<Vec<R>, TableError> {
    let mut rows = Vec::new();
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let row = at as u64 + 1;
        let line = line.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => TableError::Row {
                row,
                reason: "not UTF-8".into(),
            },
            _ => TableError::Io(error),
        })?;
        let parsed = serde_json::from_str(&line);
        rows.push(parsed.map_err(|error| TableError::Row {
            row,
            reason: error.to_string(),
        })?);
    }
    Ok(rows)
}
