//! Rows of delimited text (RFC 4180 with any of `,` `;` tab `|`): cutting at row borders, reading cells.
//!
//! A quote opens a quoted cell only where a cell begins; elsewhere it is a letter like any other.
//! Inside, two quotes stand for one, and newlines and delimiters are letters. A quote that is not
//! closed within [`MAX_CELL_BYTES`] opened nothing: its row ends with its line and is rejected, and
//! the next line is read as a row again, so one stray quote costs one row. Cutting and reading both
//! rely on [`closing_quote`], so they agree on where rows end. `\n` ends a row, `\r\n` too; blank
//! lines are not rows.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::events::borders::Borders;
use crate::events::chunk::{Chunk, MAX_CELL_BYTES, Reason, Span};
use crate::events::error::Error;
use crate::events::input::skip_mark;
use crate::events::plan::Plan;
use crate::events::quotes::{closing_quote, unescape};
use crate::events::times::TimeFormat;

/// How one input is laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    pub(super) header: Vec<String>,
    /// Where the first row begins.
    pub(super) body: usize,
    /// Slots of each column, by column.
    slots: Vec<Vec<usize>>,
    /// Column of each slot.
    fields: Vec<Option<usize>>,
}

/// A header line has fewer bytes than this, which the look ahead at an input always holds.
pub(super) const HEADER_BYTES: usize = 64 << 10;

/// Bytes that say how long lines are.
const FIRST_BYTES: usize = 4 << 10;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

impl Layout {
    /// From the first bytes of an input, which hold the whole header.
    pub(super) fn find(source: &str, head: &[u8], plan: &Plan) -> Result<Self, Error> {
        let mark = head.len() - skip_mark(head).len();
        let text = &head[mark..];
        let delimiter = delimiter_of(text);
        let mut header = Vec::new();
        let end = read_row(text, 0, delimiter, |_, start, end, quoted| {
            let mut name = Vec::new();
            if quoted {
                unescape(&text[start..end], &mut name);
            } else {
                name.extend(&text[start..end]);
            }
            header.push(String::from_utf8(name));
        });
        if mark + end.next >= HEADER_BYTES {
            return Err(Error::Binary {
                source_name: source.into(),
                byte: mark as u64,
                what: format!("a header line of {HEADER_BYTES} bytes or more"),
            });
        }
        let header: Vec<String> = header
            .into_iter()
            .collect::<Result<_, _>>()
            .ok()
            .filter(|names: &Vec<String>| !names.iter().any(|name| name.contains(char::is_control)))
            .ok_or_else(|| Error::Binary {
                source_name: source.into(),
                byte: mark as u64,
                what: "no header line of UTF-8 text".into(),
            })?;
        let fields = plan.locate(source, &header)?;
        let mut slots = vec![Vec::new(); header.len()];
        for (slot, field) in fields.iter().enumerate() {
            if let Some(field) = field {
                slots[*field].push(slot);
            }
        }
        Ok(Layout {
            delimiter,
            header,
            body: mark + end.next,
            slots,
            fields,
        })
    }

    /// Reads the rows of `text`, which begins and ends at row borders.
    pub(super) fn read<'t, 'p>(
        &self,
        text: &'t [u8],
        plan: &'p Plan,
        formats: &[TimeFormat],
        samples: usize,
    ) -> Chunk<'t, 'p> {
        let mut rows = DelimitedRows {
            layout: self,
            text,
            formats,
            first_time: plan.keys + 1,
            row: vec![Span::default(); plan.slots()],
            chunk: Chunk::new(plan, &vec![text; plan.slots()], samples),
        };
        rows.chunk.reserve(about_lines(text));
        let mut at = 0;
        while at < text.len() {
            let quote = memchr(b'"', &text[at..]).map_or(text.len(), |found| at + found);
            let plain = if quote == text.len() {
                quote
            } else {
                memrchr(b'\n', &text[at..quote]).map_or(at, |line| at + line + 1)
            };
            if at < plain {
                rows.read_plain(at, plain);
            }
            at = plain;
            if at < text.len() {
                at = rows.read_any(at);
            }
        }
        rows.chunk
    }

    /// Calls `see` with every time cell of the rows in `text` (by slot).
    pub(super) fn sample_times(&self, text: &[u8], plan: &Plan, mut see: impl FnMut(usize, &[u8])) {
        let mut at = 0;
        while at < text.len() {
            let end = read_row(text, at, self.delimiter, |field, start, end, _| {
                for &slot in self.slots.get(field).map_or(&[][..], Vec::as_slice) {
                    if plan.time_slots().contains(&slot) && start < end {
                        see(slot, &text[start..end]);
                    }
                }
            });
            at = end.next;
        }
    }
}

/// The rows of one piece of text on their way into a chunk.
struct DelimitedRows<'a, 't, 'p> {
    layout: &'a Layout,
    text: &'t [u8],
    formats: &'a [TimeFormat],
    first_time: usize,
    /// The cells of the current row, by slot.
    row: Vec<Span>,
    chunk: Chunk<'t, 'p>,
}

impl DelimitedRows<'_, '_, '_> {
    /// Reads the rows of `text[from..to]`, which has no quotes and ends at a row border: many at a time while they have
    /// as many cells as the header.
    fn read_plain(&mut self, from: usize, to: usize) {
        let width = self.layout.header.len();
        let mut borders = Borders::new(&self.text[..to], from, self.layout.delimiter);
        while let Some(first) = borders.first() {
            borders.fill(width);
            let rows = borders.rows(width);
            if rows.is_empty() {
                let (fields, stop) = borders.skip_line();
                self.judge(first, stop, fields, false);
            } else {
                if !self.take_rows(rows, width) {
                    for row in rows.windows(width + 1).step_by(width) {
                        self.take_row(row);
                    }
                }
                let taken = rows.len() - 1;
                borders.skip(taken);
            }
        }
    }

    /// Takes rows that have as many cells as the header, if nothing is wrong with any of them; whether it did.
    fn take_rows(&mut self, borders: &[u32], width: usize) -> bool {
        let (text, fields) = (self.text, &self.layout.fields);
        let spans = |slot: usize, out: &mut Vec<Span>| match fields[slot] {
            Some(field) => {
                let starts = borders.chunks_exact(width).map(|row| row[field]);
                let ends = borders[1..].chunks_exact(width).map(|row| row[field]);
                let last = field + 1 == width;
                out.extend(starts.zip(ends).map(|(start, end)| {
                    let (start, end) = (start as usize, end as usize - 1);
                    Span::of_text(
                        start,
                        if last {
                            trim_end(text, start, end)
                        } else {
                            end
                        },
                    )
                }));
            }
            None => out.extend((0..borders.len() / width).map(|_| Span::default())),
        };
        let (formats, first) = (self.formats, self.first_time);
        let micros = |slot: usize, cell: &[u8]| formats[slot - first].parse(cell);
        self.chunk.accept_all(borders.len() / width, spans, micros)
    }

    /// One row that has as many cells as the header.
    fn take_row(&mut self, borders: &[u32]) {
        let last = borders.len() - 2;
        for (cell, field) in self.row.iter_mut().zip(&self.layout.fields) {
            if let Some(field) = *field {
                let (start, end) = (borders[field] as usize, borders[field + 1] as usize - 1);
                let last = field == last;
                let end = if last {
                    trim_end(self.text, start, end)
                } else {
                    end
                };
                *cell = Span::of_text(start, end);
            }
        }
        let (start, stop) = (borders[0] as usize, borders[last + 1] as usize - 1);
        self.judge(start, stop, borders.len() - 1, false);
    }

    /// Reads the row that begins at `at`, whatever is in it; where the next one begins.
    fn read_any(&mut self, at: usize) -> usize {
        let text = self.text;
        let cells = &mut self.chunk.cells;
        let end = read_row(
            text,
            at,
            self.layout.delimiter,
            |field, start, end, quoted| {
                for &slot in self.layout.slots.get(field).map_or(&[][..], Vec::as_slice) {
                    self.row[slot] = if quoted && memchr(b'"', &text[start..end]).is_some() {
                        cells[slot].write(|out| unescape(&text[start..end], out))
                    } else {
                        Span::of_text(start, end)
                    };
                }
            },
        );
        self.judge(at, end.next, end.fields, end.unclosed);
        end.next
    }

    /// Keeps the row `text[at..end]` or counts why not.
    #[inline]
    fn judge(&mut self, at: usize, end: usize, fields: usize, unclosed: bool) {
        let verdict = if unclosed {
            Err(Reason::UnclosedQuote)
        } else if fields == 1 && trim_line(&self.text[at..end]).is_empty() {
            Ok(())
        } else if fields == self.layout.header.len() {
            let (formats, first) = (self.formats, self.first_time);
            let micros = |slot: usize, cell: &[u8]| formats[slot - first].parse(cell);
            self.chunk.accept(&self.row, micros)
        } else {
            Err(Reason::WrongFieldCount)
        };
        if let Err(reason) = verdict {
            self.chunk
                .reject(reason, at, trim_line(&self.text[at..end]));
        }
    }
}

/// How many lines there are in `text` if they are as long as its first ones, and some more.
fn about_lines(text: &[u8]) -> usize {
    let first = &text[..text.len().min(FIRST_BYTES)];
    let lines = memchr_iter(b'\n', first).count() + 1;
    text.len() / FIRST_BYTES * (lines + lines / 8) + lines
}

/// The end of the last cell of a line, which ends at `end` but for a `\r`.
#[inline]
fn trim_end(text: &[u8], start: usize, end: usize) -> usize {
    end - usize::from(end > start && text[end - 1] == b'\r')
}

/// The delimiter that the header line has most of.
fn delimiter_of(text: &[u8]) -> u8 {
    let line = &text[..memchr(b'\n', text).unwrap_or(text.len())];
    let count = |delimiter: u8| {
        let mut fields = 0;
        read_row(line, 0, delimiter, |_, _, _, _| fields += 1);
        fields
    };
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|&delimiter| count(delimiter))
        .unwrap_or(b',')
}

/// Where a row ended.
struct RowEnd {
    /// Where the next one begins.
    next: usize,
    fields: usize,
    /// A quote was opened and not closed.
    unclosed: bool,
}

/// Walks over the row that begins at `at` and calls `see(field, start, end, quoted)` for each cell.
#[inline]
fn read_row(
    text: &[u8],
    at: usize,
    delimiter: u8,
    mut see: impl FnMut(usize, usize, usize, bool),
) -> RowEnd {
    let (mut at, mut fields) = (at, 0);
    loop {
        let mut start = at;
        let mut quoted = false;
        if text.get(at) == Some(&b'"') {
            let Some(close) = closing_quote(text, at) else {
                let next = memchr(b'\n', &text[at..]).map_or(text.len(), |line| at + line + 1);
                return RowEnd {
                    next,
                    fields,
                    unclosed: true,
                };
            };
            quoted = true;
            start = at + 1;
            at = close + 1;
        }
        let stop = memchr2(delimiter, b'\n', &text[at..]).map(|found| at + found);
        let last = stop.is_none_or(|stop| text[stop] == b'\n');
        let mut end = stop.unwrap_or(text.len());
        let next = stop.map_or(text.len(), |stop| stop + 1);
        if last && end > at && text[end - 1] == b'\r' {
            end -= 1;
        }
        if quoted && end == at {
            end = at - 1;
        }
        see(fields, start, end, quoted);
        fields += 1;
        at = next;
        if last {
            return RowEnd {
                next,
                fields,
                unclosed: false,
            };
        }
    }
}

fn trim_line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Where the last whole row of `text` ends, which begins at a row border and goes on behind its end.
pub(super) fn last_border(text: &[u8], delimiter: u8) -> usize {
    // Up to `at` quotes are settled and no cell is open.
    let (mut at, mut border) = (0, 0);
    loop {
        let quote = memchr(b'"', &text[at..]).map(|found| at + found);
        if let Some(line) = memrchr(b'\n', &text[at..quote.unwrap_or(text.len())]) {
            border = at + line + 1;
        }
        let Some(quote) = quote else {
            return border;
        };
        let opens = quote == 0 || [delimiter, b'\n'].contains(&text[quote - 1]);
        at = if !opens {
            quote + 1
        } else if let Some(close) = closing_quote(text, quote) {
            // Another quote may follow, and then this one closes nothing.
            if close + 1 == text.len() {
                return border;
            }
            close + 1
        } else if text.len() - quote > MAX_CELL_BYTES + 1 {
            quote + 1
        } else {
            return border;
        };
    }
}
