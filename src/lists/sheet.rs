//! `Sheet`: a small CSV or TSV file with a header, in memory, each row with its number.

use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use crate::events;
use crate::lists::error::ListError;

/// Which file a list was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFile {
    /// Where it is.
    pub path: PathBuf,
    /// xxh3 of its bytes, 32 hex digits.
    pub xxh3: String,
    /// Rows below the header.
    pub rows: u64,
}

impl ListFile {
    /// The file's name without its folder.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Something wrong in `row`.
    pub(super) fn wrong(&self, row: u64, reason: impl Into<String>) -> ListError {
        ListError::Row {
            path: self.path.clone(),
            row,
            reason: reason.into(),
        }
    }
}

/// A list as cells.
pub(super) struct Sheet {
    pub(super) file: ListFile,
    header: Vec<String>,
    rows: Vec<csv::ByteRecord>,
}

/// One row of a [`Sheet`].
#[derive(Clone, Copy)]
pub(super) struct SheetRow<'a> {
    pub(super) file: &'a ListFile,
    /// 1-based, the header not counted.
    pub(super) number: u64,
    cells: &'a csv::ByteRecord,
}

impl Sheet {
    /// Reads the file at `path`; cells are separated by tabs where the header holds a tab, else by commas. Rows
    /// of empty cells are passed over.
    pub(super) fn read(path: &Path) -> Result<Self, ListError> {
        let bytes = fs::read(path).map_err(|source| ListError::Unreadable {
            path: path.into(),
            source,
        })?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let header_end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        let tabs = memchr::memchr(b'\t', &text[..header_end]).is_some();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if tabs { b'\t' } else { b',' })
            .from_reader(text);
        let mut file = ListFile {
            path: path.into(),
            xxh3: format!("{:032x}", xxh3_128(&bytes)),
            rows: 0,
        };
        let header = reader
            .byte_headers()
            .map_err(|error| file.wrong(0, reason_of(&error)))?
            .iter()
            .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
            .collect();
        let mut rows = Vec::new();
        for row in reader.byte_records() {
            file.rows += 1;
            rows.push(row.map_err(|error| file.wrong(file.rows, reason_of(&error)))?);
        }
        Ok(Sheet { file, header, rows })
    }

    /// Where the column called one of `names` stands.
    pub(super) fn column(&self, names: &[&str]) -> Result<usize, ListError> {
        self.optional(names).ok_or_else(|| ListError::NoColumn {
            path: self.file.path.clone(),
            wanted: names.join(" or "),
            found: self.header.join(", "),
        })
    }

    /// Where the column called one of `names` stands, if it is there; the first name goes first.
    pub(super) fn optional(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.header.iter().position(|column| column == name))
    }

    /// The rows that hold anything.
    pub(super) fn rows(&self) -> impl Iterator<Item = SheetRow<'_>> {
        (1..).zip(&self.rows).filter_map(|(number, cells)| {
            let empty = cells.iter().all(|cell| cell.trim_ascii().is_empty());
            (!empty).then_some(SheetRow {
                file: &self.file,
                number,
                cells,
            })
        })
    }
}

impl<'a> SheetRow<'a> {
    /// The cell in `column`, trimmed; empty where there is no such column.
    pub(super) fn cell(self, column: Option<usize>) -> &'a [u8] {
        let cell = column.and_then(|column| self.cells.get(column));
        cell.unwrap_or_default().trim_ascii()
    }

    /// The cell in `column` as text for people.
    pub(super) fn text(self, column: Option<usize>) -> String {
        String::from_utf8_lossy(self.cell(column)).into_owned()
    }

    /// The time in `column`, `None` where it is empty.
    pub(super) fn time(self, column: Option<usize>) -> Result<Option<i64>, ListError> {
        match self.cell(column) {
            [] => Ok(None),
            cell => match events::moment(cell) {
                Some(time) => Ok(Some(time)),
                None => Err(self.wrong(format!(
                    "`{}` is no time: write 2026-12-31 or 2026-12-31T23:00:00Z",
                    String::from_utf8_lossy(cell)
                ))),
            },
        }
    }

    /// Something wrong in this row.
    pub(super) fn wrong(self, reason: impl Into<String>) -> ListError {
        self.file.wrong(self.number, reason)
    }
}

fn reason_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{expected_len} cells expected, {len} found"),
        _ => error.to_string(),
    }
}
