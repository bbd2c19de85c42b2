//! `Column`: one column of an Arrow batch, turned into numbers without a look at single rows where that can be
//! avoided.
//!
//! Text is interned where the decoder left it, whole numbers without becoming text, and a dictionary's values
//! once: its codes are only looked up. Whatever else there is becomes text as for other formats.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, BinaryViewType, ByteViewType, Int8Type, Int16Type, Int32Type, Int64Type,
    StringViewType, UInt8Type, UInt16Type, UInt32Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::events::arrow_cells;
use crate::events::chunk::{Cells, MAX_CELL_BYTES, Span};
use crate::events::times::TimeFormat;
use crate::sparse::interner::{ABSENT, Cell, Full, Interner};

/// A column of a batch.
pub(super) struct Column<'a> {
    values: Values<'a>,
    /// `None`: none is null.
    nulls: Option<&'a dyn Array>,
}

enum Values<'a> {
    /// The file has no such column.
    Missing,
    /// Arrow's views: those of up to 12 bytes hold them, longer ones say where in `blocks` they are.
    Views {
        views: &'a [u128],
        blocks: Vec<&'a [u8]>,
    },
    Texts {
        text: &'a [u8],
        offsets: &'a [i32],
    },
    /// Row `i` is text `codes[i]` of a dictionary, which the decoder fills without nulls.
    Codes {
        codes: &'a [i32],
        text: &'a [u8],
        offsets: &'a [i32],
        /// The least and the greatest length of its texts.
        lengths: (usize, usize),
    },
    Integers(Cow<'a, [i64]>),
    Cells(Cells<'a>, Vec<Span>),
}

/// What is known of a dictionary from batches before: the numbers of its values, as far as they were needed.
#[derive(Default)]
pub(super) struct Remembered {
    /// Kept alive, so that no other dictionary can lie where it lies.
    values: Option<ArrayRef>,
    /// The least and the greatest length of its values.
    lengths: (usize, usize),
    /// [`ABSENT`] where nothing is known.
    numbers: Vec<u32>,
}

/// The rows of a batch that are taken.
pub(super) enum Taken {
    All(usize),
    Some(Vec<u32>),
}

impl Taken {
    pub(super) fn len(&self) -> usize {
        match self {
            Taken::All(rows) => *rows,
            Taken::Some(rows) => rows.len(),
        }
    }

    #[inline]
    pub(super) fn row(&self, index: usize) -> usize {
        match self {
            Taken::All(_) => index,
            Taken::Some(rows) => rows[index] as usize,
        }
    }
}

impl<'a> Column<'a> {
    /// A column that is not there.
    pub(super) fn missing() -> Self {
        Column {
            values: Values::Missing,
            nulls: None,
        }
    }

    /// `typed`: as the bytes of microseconds, if it is a time. `remembered` is of the same column.
    pub(super) fn of(array: &'a dyn Array, typed: bool, remembered: &mut Remembered) -> Self {
        use DataType as T;
        let values = match array.data_type() {
            T::Utf8View => views::<StringViewType>(array),
            T::BinaryView => views::<BinaryViewType>(array),
            T::Utf8 | T::Binary => {
                let (text, offsets) = texts(array);
                Values::Texts { text, offsets }
            }
            T::Dictionary(_, _) => {
                let array = array.as_dictionary::<Int32Type>();
                let (text, offsets) = texts(array.values());
                remembered.see(array.values(), offsets);
                Values::Codes {
                    codes: array.keys().values(),
                    text,
                    offsets,
                    lengths: remembered.lengths,
                }
            }
            T::Int8 => integers::<Int8Type>(array),
            T::Int16 => integers::<Int16Type>(array),
            T::Int32 => integers::<Int32Type>(array),
            T::Int64 => {
                let array = array.as_primitive::<Int64Type>();
                Values::Integers(Cow::Borrowed(array.values()))
            }
            T::UInt8 => integers::<UInt8Type>(array),
            T::UInt16 => integers::<UInt16Type>(array),
            T::UInt32 => integers::<UInt32Type>(array),
            _ => {
                let (cells, spans) = arrow_cells::read(array, typed);
                Values::Cells(cells, spans)
            }
        };
        Column {
            values,
            nulls: (array.null_count() > 0).then_some(array),
        }
    }

    #[inline]
    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|array| array.is_null(row))
    }

    /// The bytes of a row that is not null, where they stand; none for integers.
    #[inline]
    fn cell(&self, row: usize) -> Cell<'_> {
        match &self.values {
            Values::Views { views, blocks } => {
                let view = views[row];
                let length = view as u32 as usize;
                if length <= 12 {
                    Cell::within(bytemuck::cast_slice(views), 16 * row + 4, length)
                } else {
                    let block = blocks[(view >> 64) as u32 as usize];
                    Cell::within(block, (view >> 96) as usize, length)
                }
            }
            Values::Texts { text, offsets } => cell_between(text, offsets, row),
            Values::Codes {
                codes,
                text,
                offsets,
                ..
            } => cell_between(text, offsets, codes[row] as usize),
            Values::Cells(cells, spans) => cells.cell(spans[row]),
            Values::Missing | Values::Integers(_) => (&[][..]).into(),
        }
    }

    /// The length of a row's text; that of an integer is some length above 0.
    #[inline]
    fn length(&self, row: usize) -> usize {
        if self.is_null(row) {
            return 0;
        }
        match &self.values {
            Values::Missing => 0,
            Values::Views { views, .. } => views[row] as u32 as usize,
            Values::Texts { offsets, .. } => (offsets[row + 1] - offsets[row]) as usize,
            Values::Codes { codes, offsets, .. } => {
                let code = codes[row] as usize;
                (offsets[code + 1] - offsets[code]) as usize
            }
            Values::Integers(_) => 1,
            Values::Cells(_, spans) => spans[row].len(),
        }
    }

    /// Whether a row has something.
    #[inline]
    pub(super) fn is_present(&self, row: usize) -> bool {
        self.length(row) > 0
    }

    /// Whether a row is longer than a cell may be.
    #[inline]
    pub(super) fn is_too_long(&self, row: usize) -> bool {
        self.length(row) > MAX_CELL_BYTES
    }

    /// The least and the greatest length of the first `rows` rows; what is in place of nulls may count too.
    pub(super) fn lengths(&self, rows: usize) -> (usize, usize) {
        let (least, most) = match &self.values {
            Values::Missing => (0, 0),
            Values::Integers(_) => (1, 1),
            Values::Views { views, .. } => extremes(views[..rows].iter().map(|&view| view as u32)),
            Values::Texts { offsets, .. } => extremes(lengths_between(&offsets[..=rows])),
            Values::Codes { lengths, .. } => *lengths,
            Values::Cells(..) => extremes((0..rows).map(|row| self.length(row) as u32)),
        };
        (if self.nulls.is_some() { 0 } else { least }, most)
    }

    /// Appends the text of a row.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return;
        }
        match &self.values {
            Values::Integers(values) => out.extend_from_slice(values[row].to_string().as_bytes()),
            _ => out.extend_from_slice(self.cell(row).bytes()),
        }
    }

    /// The time of a row that has one; `None` if it is not in the format.
    #[inline]
    pub(super) fn micros(&self, row: usize, typed: bool, format: TimeFormat) -> Option<i64> {
        match &self.values {
            _ if typed => arrow_cells::typed_micros(self.cell(row).bytes()),
            Values::Integers(values) => format.parse_integer(values[row]),
            _ => format.parse(self.cell(row).bytes()),
        }
    }

    /// The numbers of the taken rows; none if there is no such column.
    pub(super) fn intern(
        &self,
        taken: &Taken,
        interner: &Interner,
        remembered: &mut Remembered,
    ) -> Result<Vec<u32>, Full> {
        match &self.values {
            Values::Missing => Ok(Vec::new()),
            Values::Integers(values) => {
                let value = |index| {
                    let row = taken.row(index);
                    (!self.is_null(row)).then(|| values[row])
                };
                interner.intern_integers(taken.len(), value)
            }
            Values::Codes {
                codes,
                text,
                offsets,
                ..
            } => {
                let code = |index| {
                    let row = taken.row(index);
                    (!self.is_null(row)).then(|| codes[row] as usize)
                };
                let fresh = remembered.fresh(taken.len(), code);
                let cell = |index: usize| cell_between(text, offsets, fresh[index]);
                let numbers = interner.intern(fresh.len(), cell)?;
                remembered.learn(&fresh, &numbers);
                let number = |index| code(index).map_or(ABSENT, |code| remembered.numbers[code]);
                Ok((0..taken.len()).map(number).collect())
            }
            _ => {
                let cell = |index| {
                    let row = taken.row(index);
                    if self.is_null(row) {
                        (&[][..]).into()
                    } else {
                        self.cell(row)
                    }
                };
                interner.intern(taken.len(), cell)
            }
        }
    }
}

impl Remembered {
    /// Forgets everything if this is another dictionary than before.
    fn see(&mut self, values: &ArrayRef, offsets: &[i32]) {
        let known = self.values.as_ref();
        if !known.is_some_and(|known| known.to_data().ptr_eq(&values.to_data())) {
            self.numbers.clear();
            self.numbers.resize(values.len(), ABSENT);
            self.lengths = extremes(lengths_between(offsets));
            self.values = Some(values.clone());
        }
    }

    /// The codes of which nothing is known yet.
    fn fresh(&mut self, count: usize, code: impl Fn(usize) -> Option<usize>) -> Vec<usize> {
        let mut fresh = Vec::new();
        for code in (0..count).filter_map(code) {
            if self.numbers[code] == ABSENT {
                // Any other number does until they are learned.
                self.numbers[code] = 0;
                fresh.push(code);
            }
        }
        fresh
    }

    fn learn(&mut self, codes: &[usize], numbers: &[u32]) {
        for (&code, &number) in codes.iter().zip(numbers) {
            self.numbers[code] = number;
        }
    }
}

fn views<T: ByteViewType>(array: &dyn Array) -> Values<'_> {
    let array = array.as_byte_view::<T>();
    Values::Views {
        views: array.views(),
        blocks: array
            .data_buffers()
            .iter()
            .map(|block| &block[..])
            .collect(),
    }
}

fn lengths_between(offsets: &[i32]) -> impl Iterator<Item = u32> + '_ {
    offsets.windows(2).map(|ends| (ends[1] - ends[0]) as u32)
}

/// The least and the greatest.
fn extremes(lengths: impl Iterator<Item = u32>) -> (usize, usize) {
    let (least, most) = lengths.fold((u32::MAX, 0), |(least, most), length| {
        (least.min(length), most.max(length))
    });
    (least as usize, most as usize)
}

/// All text of an array, and where each one ends.
fn texts(array: &dyn Array) -> (&[u8], &[i32]) {
    if let Some(array) = array.as_string_opt::<i32>() {
        (array.value_data(), array.value_offsets())
    } else {
        let array = array.as_binary::<i32>();
        (array.value_data(), array.value_offsets())
    }
}

#[inline]
fn cell_between<'a>(text: &'a [u8], offsets: &[i32], place: usize) -> Cell<'a> {
    let start = offsets[place] as usize;
    Cell::within(text, start, offsets[place + 1] as usize - start)
}

fn integers<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &dyn Array) -> Values<'_> {
    let values = array.as_primitive::<T>().values();
    Values::Integers(values.iter().map(|&value| value.into()).collect())
}

/// The type that a column is best decoded to: `coded` says that all its pages are codes of one dictionary.
pub(super) fn best_type(kind: &DataType, coded: bool) -> DataType {
    match (kind, coded) {
        (DataType::Utf8 | DataType::Binary, true) => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(kind.clone()))
        }
        (DataType::Utf8, false) => DataType::Utf8View,
        (DataType::Binary, false) => DataType::BinaryView,
        _ => kind.clone(),
    }
}
