//! `Chunk`: some rows of one input on their way into the log, whichever reader cut them.
//!
//! Cells are spans of the text they were read from, or of a side buffer where they had to be
//! rewritten (unescaped, or formatted from a number). A row is judged before its cells are kept, so
//! a rejected row leaves no key behind.

use std::collections::BTreeMap;

use crate::events::log::UNKNOWN_TIME;
use crate::events::plan::Plan;
use crate::sparse::interner::Cell;

/// Bytes a cell has at the most.
pub(super) const MAX_CELL_BYTES: usize = 64 << 10;
/// Bytes of a rejected row that are kept.
const SAMPLE_BYTES: usize = 200;

/// Where a cell lies: in the text, or (top bit of `start`) in the side buffer. Empty is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    length: u32,
}

const BESIDE: u32 = 1 << 31;

impl Span {
    /// Bytes `start..end` of the text, which is shorter than 2 GiB.
    #[inline]
    pub(super) fn of_text(start: usize, end: usize) -> Self {
        Span {
            start: start as u32,
            length: (end - start) as u32,
        }
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.length == 0
    }

    /// Bytes of the cell.
    #[cfg(feature = "parquet")]
    #[inline]
    pub(super) fn len(self) -> usize {
        self.length as usize
    }

    #[inline]
    fn offset(self) -> usize {
        (self.start & !BESIDE) as usize
    }
}

/// One column of cells.
pub(super) struct Cells<'t> {
    text: &'t [u8],
    beside: Vec<u8>,
    spans: Vec<Span>,
}

impl<'t> Cells<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Cells {
            text,
            beside: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Puts rewritten bytes into the side buffer, which holds less than 2 GiB.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let start = self.beside.len();
        write(&mut self.beside);
        Span {
            start: start as u32 | BESIDE,
            length: (self.beside.len() - start) as u32,
        }
    }

    #[inline]
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        &self.home(span)[span.offset()..][..span.length as usize]
    }

    /// Whether the cells of all accepted rows are absent.
    pub(super) fn are_absent(&self) -> bool {
        self.spans.iter().all(|span| span.is_empty())
    }

    /// The cell of an accepted row.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Cell<'_> {
        self.cell(self.spans[row])
    }

    /// The cell of a span.
    #[inline]
    pub(super) fn cell(&self, span: Span) -> Cell<'_> {
        Cell::within(self.home(span), span.offset(), span.length as usize)
    }

    #[inline]
    fn home(&self, span: Span) -> &[u8] {
        if span.start & BESIDE == 0 {
            self.text
        } else {
            &self.beside
        }
    }
}

/// Why a row is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    WrongFieldCount,
    UnclosedQuote,
    InvalidJson,
    NotAnObject,
    NestedValue,
    FieldTooLong,
    NoAccount,
    NoEntity,
    /// The slot of the time column.
    BadTime(usize),
}

impl Reason {
    pub(super) fn text(self, plan: &Plan) -> String {
        let fixed = match self {
            Reason::WrongFieldCount => "wrong_field_count",
            Reason::UnclosedQuote => "unclosed_quote",
            Reason::InvalidJson => "invalid_json",
            Reason::NotAnObject => "not_an_object",
            Reason::NestedValue => "nested_value",
            Reason::FieldTooLong => "field_too_long",
            Reason::NoAccount => "no_account",
            Reason::NoEntity => "no_entity",
            Reason::BadTime(slot) => return format!("bad_time:{}", plan.names[slot]),
        };
        fixed.into()
    }
}

/// A rejected row that is kept as a sample.
#[derive(Debug, Clone)]
pub(super) struct Rejected {
    /// Within the chunk, from 0.
    pub(super) row: u64,
    /// Within the chunk's text.
    pub(super) byte: u64,
    pub(super) sample: String,
}

/// Rows of one input, in columns.
pub(super) struct Chunk<'t, 'p> {
    plan: &'p Plan,
    samples_per_reason: usize,
    /// By slot; those of times stay empty.
    pub(super) cells: Vec<Cells<'t>>,
    /// By time column.
    pub(super) times: Vec<Vec<i64>>,
    pub(super) rows: u64,
    pub(super) accepted: usize,
    pub(super) rejected: BTreeMap<Reason, (u64, Vec<Rejected>)>,
    /// By time column: the first value that is not in the column's format.
    pub(super) first_bad_time: Vec<Option<Vec<u8>>>,
    /// By slot, for formats without a header: whether a row named the column.
    pub(super) named: Vec<bool>,
}

impl<'t, 'p> Chunk<'t, 'p> {
    /// An empty chunk whose cells are spans of `texts`, one by slot.
    pub(super) fn new(plan: &'p Plan, texts: &[&'t [u8]], samples_per_reason: usize) -> Self {
        Chunk {
            plan,
            samples_per_reason,
            cells: texts.iter().map(|text| Cells::new(text)).collect(),
            times: vec![Vec::new(); plan.time_slots().len()],
            rows: 0,
            accepted: 0,
            rejected: BTreeMap::new(),
            first_bad_time: vec![None; plan.time_slots().len()],
            named: vec![false; plan.slots()],
        }
    }

    /// Makes room for so many rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        for column in &mut self.cells[..=self.plan.keys] {
            column.spans.reserve(rows);
        }
        for times in &mut self.times {
            times.reserve(rows);
        }
    }

    /// Judges a row and keeps it: `cells` by slot, `micros` the time in a slot whose cell is not
    /// empty (`None`: not in the column's format). The reason is for [`Self::reject`].
    #[inline]
    pub(super) fn accept(
        &mut self,
        cells: &[Span],
        micros: impl Fn(usize, &[u8]) -> Option<i64>,
    ) -> Result<(), Reason> {
        let keys = &cells[1..=self.plan.keys];
        if cells
            .iter()
            .any(|cell| cell.length as usize > MAX_CELL_BYTES)
        {
            return Err(Reason::FieldTooLong);
        }
        if cells[0].is_empty() {
            return Err(Reason::NoAccount);
        }
        if !keys.is_empty() && keys.iter().all(|cell| cell.is_empty()) {
            return Err(Reason::NoEntity);
        }
        for (column, slot) in self.plan.time_slots().enumerate() {
            let cell = cells[slot];
            let time = if cell.is_empty() {
                UNKNOWN_TIME
            } else if let Some(time) = micros(slot, self.cells[slot].bytes(cell)) {
                time
            } else {
                for times in &mut self.times {
                    times.truncate(self.accepted);
                }
                let bad = self.cells[slot].bytes(cell);
                self.first_bad_time[column].get_or_insert_with(|| bad.to_vec());
                return Err(Reason::BadTime(slot));
            };
            self.times[column].push(time);
        }
        for (column, &cell) in self.cells.iter_mut().zip(&cells[..=self.plan.keys]) {
            column.spans.push(cell);
        }
        self.rows += 1;
        self.accepted += 1;
        Ok(())
    }

    /// Keeps `rows` rows, or none if something is wrong with any of them; whether it did. `spans` appends the cells
    /// of a slot, one a row; `micros` is as for [`Self::accept`].
    pub(super) fn accept_all(
        &mut self,
        rows: usize,
        spans: impl Fn(usize, &mut Vec<Span>),
        micros: impl Fn(usize, &[u8]) -> Option<i64>,
    ) -> bool {
        let whole = self.push_all(rows, spans, micros);
        if whole {
            self.rows += rows as u64;
            self.accepted += rows;
        } else {
            for column in &mut self.cells {
                column.spans.truncate(self.accepted);
            }
            for times in &mut self.times {
                times.truncate(self.accepted);
            }
        }
        whole
    }

    /// Appends rows as far as nothing is wrong; whether nothing was.
    fn push_all(
        &mut self,
        rows: usize,
        spans: impl Fn(usize, &mut Vec<Span>),
        micros: impl Fn(usize, &[u8]) -> Option<i64>,
    ) -> bool {
        let mut some_key_everywhere = self.plan.keys == 0;
        for (slot, column) in self.cells[..=self.plan.keys].iter_mut().enumerate() {
            spans(slot, &mut column.spans);
            let own = &column.spans[self.accepted..];
            // No bit above that of the limit, so none is above the limit; the exact question is left to `accept`.
            let (least, together) = own.iter().fold((u32::MAX, 0), |(least, together), cell| {
                (least.min(cell.length), together | cell.length)
            });
            if together as usize > MAX_CELL_BYTES || (slot == 0 && least == 0) {
                return false;
            }
            some_key_everywhere |= slot > 0 && least > 0;
        }
        if !some_key_everywhere {
            let keys = &self.cells[1..=self.plan.keys];
            let keyless = |row: usize| keys.iter().all(|column| column.spans[row].is_empty());
            if (self.accepted..self.accepted + rows).any(keyless) {
                return false;
            }
        }
        let mut own = Vec::with_capacity(rows);
        for (slot, times) in self.plan.time_slots().zip(&mut self.times) {
            own.clear();
            spans(slot, &mut own);
            let column = &self.cells[slot];
            for &cell in &own {
                let time = if cell.is_empty() {
                    Some(UNKNOWN_TIME)
                } else if cell.length as usize > MAX_CELL_BYTES {
                    None
                } else {
                    micros(slot, column.bytes(cell))
                };
                let Some(time) = time else { return false };
                times.push(time);
            }
        }
        true
    }

    /// Counts a row that cannot be used, and keeps the first few of each reason.
    #[cold]
    pub(super) fn reject(&mut self, reason: Reason, byte: usize, text: &[u8]) {
        let (count, samples) = self.rejected.entry(reason).or_default();
        *count += 1;
        if samples.len() < self.samples_per_reason {
            let sample = printable(text);
            samples.push(Rejected {
                row: self.rows,
                byte: byte as u64,
                sample,
            });
        }
        self.rows += 1;
    }
}

/// About the first 200 bytes, other than printable text as `\xNN`.
pub(super) fn printable(text: &[u8]) -> String {
    use std::fmt::Write;

    let mut sample = String::new();
    for part in text[..text.len().min(SAMPLE_BYTES)].utf8_chunks() {
        for letter in part.valid().chars() {
            if letter.is_control() || letter == '\\' {
                for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(sample, "\\x{byte:02x}");
                }
            } else {
                sample.push(letter);
            }
        }
        for byte in part.invalid() {
            let _ = write!(sample, "\\x{byte:02x}");
        }
    }
    sample
}
