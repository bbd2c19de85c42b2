//! Which columns each table has: the rows of `rows.rs` seen as typed cells.
//!
//! CSV and JSONL need only serde; Parquet needs to know every column's type before the first row, and
//! the sink wants to look at all numbers of a table whatever it is a table of.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::publish::rows::{EvidenceRow, LinkRow, MemberRow, RejectRow, RingRow, SeedRow, UseRow};

/// A row of a published table.
pub trait Row: Serialize + DeserializeOwned + Sync {
    /// The table's name, and its file's without the suffix.
    const TABLE: &'static str;
    /// Its columns in order: the names that serde uses.
    const COLUMNS: &'static [Column];

    /// The values in the order of [`Row::COLUMNS`].
    fn cells(&self) -> Vec<Cell<'_>>;

    /// The row that has these values; `None` where their number or types differ.
    fn from_cells<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> Option<Self>;
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As in the header.
    pub name: &'static str,
    /// What its cells hold.
    pub cell_type: CellType,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellType {
    /// UTF-8 text.
    Text,
    /// A 64-bit float.
    Float,
    /// An unsigned 32-bit integer.
    U32,
    /// An unsigned 64-bit integer.
    U64,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Of a [`CellType::Text`] column.
    Text(&'a str),
    /// Of a [`CellType::Float`] column.
    Float(f64),
    /// Of a [`CellType::U32`] column.
    U32(u32),
    /// Of a [`CellType::U64`] column.
    U64(u64),
}

/// A field's type as a cell's.
trait Field: Sized {
    const CELL_TYPE: CellType;
    fn cell(&self) -> Cell<'_>;
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

impl Field for String {
    const CELL_TYPE: CellType = CellType::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Text(text) = cell {
            Some(text.to_owned())
        } else {
            None
        }
    }
}

macro_rules! number_fields {
    ($($number:ty => $variant:ident),*) => {$(
        impl Field for $number {
            const CELL_TYPE: CellType = CellType::$variant;
            fn cell(&self) -> Cell<'_> {
                Cell::$variant(*self)
            }
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                if let Cell::$variant(value) = cell { Some(value) } else { None }
            }
        }
    )*};
}

number_fields!(f64 => Float, u32 => U32, u64 => U64);

macro_rules! table {
    ($row:ident as $table:literal: $($field:ident $type:ty),*) => {
        impl Row for $row {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [Column] = &[
                $(Column { name: stringify!($field), cell_type: <$type as Field>::CELL_TYPE }),*
            ];

            fn cells(&self) -> Vec<Cell<'_>> {
                vec![$(self.$field.cell()),*]
            }

            fn from_cells<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> Option<Self> {
                let mut cells = cells.into_iter();
                let row = $row { $($field: <$type as Field>::from_cell(cells.next()?)?),* };
                cells.next().is_none().then_some(row)
            }
        }
    };
}

table!(MemberRow as "members":
    account_id String, ring_id String, tier String, score f64, role String, reasons String);
table!(RingRow as "rings":
    ring_id String, size u32, tier String, bits f64, q_value f64, score f64, first_ts String,
    last_ts String, density f64, exclusivity f64, synchrony f64, repetition f64, reasons String,
    status String, cost f64);
table!(EvidenceRow as "evidence":
    ring_id String, entity_type String, entity_id String, members u32, accounts u32, expected f64,
    bits f64, first_ts String, last_ts String);
table!(LinkRow as "links":
    ring_id String, account_a String, account_b String, weight f64, shared u32, co_actions u32);
table!(UseRow as "uses":
    ring_id String, entity_type String, entity_id String, account_id String, events u32,
    first_ts String, last_ts String);
table!(SeedRow as "seeds":
    account_id String, ring_id String, label String, bad f64, good f64, seed_id String,
    seed_label String, share f64);
table!(RejectRow as "rejects":
    source String, row u64, byte u64, reason String, sample String);

#[cfg(test)]
mod tests {
    use super::*;

    /// Serde's field names of a row, in order, by way of a CSV header.
    fn serde_names<R: Row>(row: &R) -> Vec<String> {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.serialize(row).unwrap();
        let bytes = writer.into_inner().unwrap();
        let header = String::from_utf8(bytes)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .to_owned();
        header.split(',').map(str::to_owned).collect()
    }

    fn check<R: Row + PartialEq + std::fmt::Debug>() {
        let cells = R::COLUMNS.iter().map(|column| match column.cell_type {
            CellType::Text => Cell::Text("x"),
            CellType::Float => Cell::Float(0.5),
            CellType::U32 => Cell::U32(7),
            CellType::U64 => Cell::U64(u64::MAX),
        });
        let row = R::from_cells(cells.clone()).unwrap();
        let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(serde_names(&row), names, "{}", R::TABLE);
        assert!(row.cells().into_iter().eq(cells.clone()));
        assert_eq!(R::from_cells(cells.clone().skip(1)), None);
        assert_eq!(R::from_cells(cells.chain([Cell::U32(1)])), None);
    }

    #[test]
    fn columns_are_the_fields_that_serde_sees() {
        check::<MemberRow>();
        check::<RingRow>();
        check::<EvidenceRow>();
        check::<LinkRow>();
        check::<UseRow>();
        check::<SeedRow>();
        check::<RejectRow>();
    }
}
