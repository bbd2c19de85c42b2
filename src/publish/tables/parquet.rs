//! Tables as Parquet: text, floats and counts in typed, required columns, compressed with zstd.
//!
//! Batches are cut by a fixed number of rows, and nothing in the file tells when or where it was
//! written, so the same rows give the same bytes.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder, UInt32Builder, UInt64Builder};
use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::{Cell, CellType, Row, TableError, column_names};

const BATCH_ROWS: usize = 1 << 16;

pub(super) fn write<R: Row>(rows: &[R], out: &mut (dyn Write + Send)) -> io::Result<()> {
    let schema = Arc::new(schema::<R>());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .build();
    let mut writer =
        ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(io_error)?;
    for rows in rows.chunks(BATCH_ROWS) {
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays(rows))
            .map_err(|error| io::Error::other(error.to_string()))?;
        writer.write(&batch).map_err(io_error)?;
    }
    writer.close().map_err(io_error)?;
    Ok(())
}

pub(super) fn read<R: Row>(file: File) -> Result<Vec<R>, TableError> {
    let damaged = |error: String| TableError::Damaged(error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| damaged(error.to_string()))?;
    let expected = schema::<R>();
    let found = builder.schema();
    let same =
        |(a, b): (&Arc<Field>, &Arc<Field>)| a.name() == b.name() && a.data_type() == b.data_type();
    if found.fields().len() != expected.fields().len()
        || !found.fields().iter().zip(expected.fields()).all(same)
    {
        let found: Vec<String> = found
            .fields()
            .iter()
            .map(|field| format!("{} ({})", field.name(), field.data_type()))
            .collect();
        return Err(TableError::Columns {
            expected: column_names::<R>(),
            found: found.join(", "),
        });
    }
    let mut rows = Vec::new();
    for batch in builder
        .build()
        .map_err(|error| damaged(error.to_string()))?
    {
        let batch = batch.map_err(|error| TableError::Row {
            row: rows.len() as u64 + 1,
            reason: error.to_string(),
        })?;
        for at in 0..batch.num_rows() {
            let cells = batch.columns().iter().map_while(|column| cell(column, at));
            rows.push(R::from_cells(cells).ok_or_else(|| TableError::Row {
                row: rows.len() as u64 + 1,
                reason: "a value is missing".into(),
            })?);
        }
    }
    Ok(rows)
}

fn schema<R: Row>() -> Schema {
    let fields: Vec<Field> = R::COLUMNS
        .iter()
        .map(|column| {
            let data_type = match column.cell_type {
                CellType::Text => DataType::Utf8,
                CellType::Float => DataType::Float64,
                CellType::U32 => DataType::UInt32,
                CellType::U64 => DataType::UInt64,
            };
            Field::new(column.name, data_type, false)
        })
        .collect();
    Schema::new(fields)
}

/// One growing column.
enum Builder {
    Text(StringBuilder),
    Float(Float64Builder),
    U32(UInt32Builder),
    U64(UInt64Builder),
}

/// The columns of `rows` in the order of the schema.
fn arrays<R: Row>(rows: &[R]) -> Vec<ArrayRef> {
    let mut builders: Vec<Builder> = R::COLUMNS
        .iter()
        .map(|column| match column.cell_type {
            CellType::Text => Builder::Text(StringBuilder::new()),
            CellType::Float => Builder::Float(Float64Builder::new()),
            CellType::U32 => Builder::U32(UInt32Builder::new()),
            CellType::U64 => Builder::U64(UInt64Builder::new()),
        })
        .collect();
    for row in rows {
        for (builder, cell) in builders.iter_mut().zip(row.cells()) {
            match (builder, cell) {
                (Builder::Text(builder), Cell::Text(text)) => builder.append_value(text),
                (Builder::Float(builder), Cell::Float(value)) => builder.append_value(value),
                (Builder::U32(builder), Cell::U32(value)) => builder.append_value(value),
                (Builder::U64(builder), Cell::U64(value)) => builder.append_value(value),
                _ => unreachable!("a row's cells have the types of its columns"),
            }
        }
    }
    let finish = |builder| -> ArrayRef {
        match builder {
            Builder::Text(mut builder) => Arc::new(builder.finish()),
            Builder::Float(mut builder) => Arc::new(builder.finish()),
            Builder::U32(mut builder) => Arc::new(builder.finish()),
            Builder::U64(mut builder) => Arc::new(builder.finish()),
        }
    };
    builders.into_iter().map(finish).collect()
}

/// The value at row `at` of a column, `None` where it is null or of a type that no table has.
fn cell(column: &ArrayRef, at: usize) -> Option<Cell<'_>> {
    if column.is_null(at) {
        return None;
    }
    let any = column.as_any();
    if let Some(array) = any.downcast_ref::<StringArray>() {
        Some(Cell::Text(array.value(at)))
    } else if let Some(array) = any.downcast_ref::<Float64Array>() {
        Some(Cell::Float(array.value(at)))
    } else if let Some(array) = any.downcast_ref::<UInt32Array>() {
        Some(Cell::U32(array.value(at)))
    } else {
        any.downcast_ref::<UInt64Array>()
            .map(|array| Cell::U64(array.value(at)))
    }
}

/// Parquet wraps what the file system reports; unwrap it so that a full disk is still told as one.
fn io_error(error: parquet::errors::ParquetError) -> io::Error {
    match error {
        parquet::errors::ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other.to_string()),
    }
}
