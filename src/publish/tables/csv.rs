//! Tables as CSV: a header always, `\n` line ends, quotes only where a cell needs them.

use std::fs::File;
use std::io::{self, BufReader, Write};

use csv::{ErrorKind, ReaderBuilder, WriterBuilder};
use rayon::prelude::*;

use super::{Row, TableError, column_names};

/// Rows put into words by one task.
const ROWS_PER_TASK: usize = 1 << 12;
/// Tasks between two writes; bounds what is held at once.
const TASKS_AT_ONCE: usize = 64;

pub(super) fn write<R: Row>(rows: &[R], out: &mut dyn Write) -> io::Result<()> {
    // The header is written by hand so that an empty table has one too.
    let mut writer = WriterBuilder::new()
        .has_headers(false)
        .from_writer(&mut *out);
    writer
        .write_record(R::COLUMNS.iter().map(|column| column.name))
        .map_err(io::Error::from)?;
    writer.flush()?;
    drop(writer);
    for rows in rows.chunks(ROWS_PER_TASK * TASKS_AT_ONCE) {
        let lines: Vec<Vec<u8>> = rows
            .par_chunks(ROWS_PER_TASK)
            .map(lines)
            .collect::<io::Result<_>>()?;
        for lines in lines {
            out.write_all(&lines)?;
        }
    }
    Ok(())
}

fn lines<R: Row>(rows: &[R]) -> io::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(io::Error::from)?;
    }
    writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}

pub(super) fn read<R: Row>(file: File) -> Result<Vec<R>, TableError> {
    let mut reader = ReaderBuilder::new().from_reader(BufReader::new(file));
    let header = reader
        .headers()
        .map_err(|error| describe(error, 0))?
        .clone();
    if !header
        .iter()
        .eq(R::COLUMNS.iter().map(|column| column.name))
    {
        let found: Vec<&str> = header.iter().collect();
        return Err(TableError::Columns {
            expected: column_names::<R>(),
            found: found.join(", "),
        });
    }
    let mut rows = Vec::new();
    for (at, row) in reader.deserialize().enumerate() {
        rows.push(row.map_err(|error| describe(error, at as u64 + 1))?);
    }
    Ok(rows)
}

fn describe(error: csv::Error, row: u64) -> TableError {
    let reason = match error.kind() {
        ErrorKind::Io(_) => return TableError::Io(io::Error::from(error)),
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("{expected_len} cells expected, {len} found")
        }
        ErrorKind::Deserialize { err, .. } => err.to_string(),
        ErrorKind::Utf8 { .. } => "not UTF-8".into(),
        _ => error.to_string(),
    };
    TableError::Row { row, reason }
}
