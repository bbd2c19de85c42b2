//! Rows of Parquet: one task per range of rows of a row group, only the wanted columns decoded. A task
//! passes over the pages before its range without unpacking them.
//!
//! Strings and bytes become keys as they are, integers in decimal, floats in their shortest form (NaN
//! is absent), booleans as `true` and `false`, dates as `YYYY-MM-DD`, timestamps in RFC 3339. A time
//! column of a timestamp or date type needs no detection; its cells hold the eight bytes of the
//! microseconds. Arrow's own schema in the file is ignored: the Parquet types say all that is needed
//! and give fewer cases.

use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::file::metadata::ColumnChunkMetaData;
use rayon::prelude::*;

use crate::events::arrow_cells::{self, is_readable, is_time};
use crate::events::arrow_columns::{Column, Remembered, best_type};
use crate::events::arrow_rows::{Rows, TimeSlot};
use crate::events::chunk::Chunk;
use crate::events::error::Error;
use crate::events::input::{Compression, Input, unopened};
use crate::events::intake::{Current, Intake, Parsed};
use crate::events::plan::Plan;
use crate::events::row_ranges::{RowRange, row_ranges};
use crate::events::sources::Source;
use crate::events::time_detection::Sample;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 1 << 15;
/// Rows whose times are looked at.
const SAMPLE_ROWS: usize = 1 << 16;
/// Bytes that are copied at a time where a file must be written aside.
const COPY_BYTES: usize = 1 << 20;

/// An open Parquet file.
pub(super) struct Table {
    name: String,
    path: PathBuf,
    /// Holds the bytes of an input that cannot be read at any place: compressed, or standard input.
    _aside: Option<tempfile::TempPath>,
    metadata: ArrowReaderMetadata,
    /// Root column of each slot.
    fields: Vec<Option<usize>>,
}

impl Table {
    /// `head` is what was read of `input` already.
    pub(super) fn open(
        source: &Source,
        input: &mut Input,
        head: Vec<u8>,
        plan: &Plan,
    ) -> Result<Self, Error> {
        let (path, aside) = match &source.path {
            Some(path) if input.compression == Compression::None => (path.clone(), None),
            _ => {
                let aside = write_aside(input, head)?;
                (aside.to_path_buf(), Some(aside))
            }
        };
        let file = File::open(&path).map_err(|reason| unopened(&path, reason))?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(&source.name, 0, || {
            ArrowReaderMetadata::load(&file, options)
        })?;
        let mut table = Table {
            name: source.name.clone(),
            path,
            _aside: aside,
            metadata,
            fields: Vec::new(),
        };
        table.fields = plan.locate(&source.name, &table.columns())?;
        table.check_types(plan)?;
        Ok(table)
    }

    /// Names of all columns.
    pub(super) fn columns(&self) -> Vec<String> {
        self.metadata
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    }

    fn check_types(&self, plan: &Plan) -> Result<(), Error> {
        for field in self.fields.iter().flatten() {
            let field = self.metadata.schema().field(*field);
            if !is_readable(field.data_type()) {
                return Err(Error::ColumnType {
                    source_name: self.name.clone(),
                    column: field.name().clone(),
                    found: field.data_type().to_string(),
                    expected: "text, bytes, numbers, booleans, dates or timestamps",
                });
            }
        }
        debug_assert_eq!(self.fields.len(), plan.slots());
        Ok(())
    }

    /// Whether the column of `slot` needs no detection.
    fn is_typed(&self, slot: usize) -> bool {
        self.fields[slot].is_some_and(|f| is_time(self.metadata.schema().field(f).data_type()))
    }

    /// Looks at the beginning of the time columns.
    pub(super) fn sample_times(&self, plan: &Plan, times: &mut [Sample]) -> Result<(), Error> {
        let first = plan.time_slots().start;
        let mut slots = Vec::new();
        for slot in plan.time_slots() {
            if self.is_typed(slot) {
                times[slot - first].see_typed();
            } else if self.fields[slot].is_some() {
                slots.push(slot);
            }
        }
        if slots.is_empty() {
            return Ok(());
        }
        let roots = slots.iter().filter_map(|&slot| self.fields[slot]);
        let builder = self.builder(self.metadata.clone(), roots)?;
        let builder = builder.with_limit(SAMPLE_ROWS);
        let mut reader = guarded(&self.name, 0, || builder.build())?;
        while let Some(batch) = guarded(&self.name, 0, || reader.next().transpose())? {
            for &slot in &slots {
                let Some(array) = self.array(&batch, slot) else {
                    continue;
                };
                let (cells, spans) = arrow_cells::read(array, false);
                for span in spans.into_iter().filter(|span| !span.is_empty()) {
                    times[slot - first].see(cells.bytes(span));
                }
            }
        }
        Ok(())
    }

    /// Reads all rows; `input` is only counted and hashed.
    pub(super) fn read(
        &self,
        intake: &mut Intake,
        input: &mut Input,
        current: &mut Current,
    ) -> Result<(), Error> {
        let wanted = |root| self.fields.contains(&Some(root));
        let ranges = row_ranges(self.metadata.metadata(), wanted);
        let before = input.stored_bytes();
        let (drained, parsed) = rayon::join(
            || drain(input),
            || {
                ranges
                    .into_par_iter()
                    .map(|range| self.read_range(range, intake))
                    .collect::<Result<Vec<_>, Error>>()
            },
        );
        drained?;
        for parsed in parsed?.into_iter().flatten() {
            current.take(parsed, 0);
        }
        intake.run.progress.advance(input.stored_bytes() - before);
        Ok(())
    }

    fn read_range(&self, range: RowRange, intake: &Intake) -> Result<Vec<Parsed>, Error> {
        let metadata = self.best_metadata(range.group);
        let builder = self.builder(metadata, self.fields.iter().copied().flatten())?;
        let mut builder = builder.with_row_groups(vec![range.group]);
        let mut remembered = Vec::new();
        remembered.resize_with(intake.plan.slots(), Remembered::default);
        if range.first > 0 {
            builder = builder.with_offset(range.first);
        }
        if let Some(limit) = range.limit {
            builder = builder.with_limit(limit);
        }
        let mut rows = range.first as u64;
        let mut reader = guarded(&self.name, rows, || builder.build())?;
        let mut all = Vec::new();
        while let Some(batch) = guarded(&self.name, rows, || reader.next().transpose())? {
            intake.run.check()?;
            rows += batch.num_rows() as u64;
            all.push(self.parse(&batch, intake, &mut remembered)?);
        }
        Ok(all)
    }

    /// Judges the rows of a batch and turns those taken into numbers.
    fn parse(
        &self,
        batch: &RecordBatch,
        intake: &Intake,
        remembered: &mut [Remembered],
    ) -> Result<Parsed, Error> {
        let plan = intake.plan;
        let first_time = plan.time_slots().start;
        let columns: Vec<Column> = remembered
            .iter_mut()
            .enumerate()
            .map(|(slot, remembered)| {
                let typed = slot >= first_time && self.is_typed(slot);
                match self.array(batch, slot) {
                    Some(array) => Column::of(array, typed, remembered),
                    None => Column::missing(),
                }
            })
            .collect();
        let times = plan.time_slots().zip(&intake.formats);
        let times = times.map(|(slot, &format)| TimeSlot {
            column: &columns[slot],
            slot,
            typed: self.is_typed(slot),
            format,
        });
        let rows = Rows {
            columns: &columns,
            keys: plan.keys,
            times: times.collect(),
        };
        let mut chunk = Chunk::new(
            plan,
            &vec![&[][..]; plan.slots()],
            intake.options.max_reject_samples,
        );
        let taken;
        (taken, chunk.times) = rows.take(batch.num_rows(), &mut chunk);
        let (account, keys) = intake.number(|interner, slot| {
            columns[slot].intern(&taken, interner, &mut remembered[slot])
        })?;
        Ok(intake.keep(chunk, &account, &keys))
    }

    /// The column of `slot` in a batch, which has the projected columns in the order of the file.
    fn array<'b>(&self, batch: &'b RecordBatch, slot: usize) -> Option<&'b dyn Array> {
        let field = self.fields[slot]?;
        let name = self.metadata.schema().field(field).name();
        batch.column_by_name(name).map(AsRef::as_ref)
    }

    /// The metadata with the types that the wanted columns of a row group are best decoded to.
    fn best_metadata(&self, group: usize) -> ArrowReaderMetadata {
        let file = self.metadata.metadata();
        let leaves = file.row_group(group).columns();
        let schema = file.file_metadata().schema_descr();
        let coded = |field: usize| {
            let mut own =
                (0..leaves.len()).filter(|&leaf| schema.get_column_root_idx(leaf) == field);
            own.all(|leaf| is_coded(&leaves[leaf]))
        };
        let fields = self.metadata.schema().fields().iter().enumerate();
        let fields: Vec<Field> = fields
            .map(|(place, field)| {
                let field = field.as_ref().clone();
                if self.fields.contains(&Some(place)) {
                    let best = best_type(field.data_type(), coded(place));
                    field.with_data_type(best)
                } else {
                    field
                }
            })
            .collect();
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
        guarded(&self.name, 0, || {
            ArrowReaderMetadata::try_new(file.clone(), options)
        })
        .unwrap_or_else(|_| self.metadata.clone())
    }

    /// Every reader opens the file anew: handles that are cloned share their place in the file.
    fn builder(
        &self,
        metadata: ArrowReaderMetadata,
        roots: impl IntoIterator<Item = usize>,
    ) -> Result<ParquetRecordBatchReaderBuilder<File>, Error> {
        let file = File::open(&self.path).map_err(|reason| unopened(&self.path, reason))?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
        Ok(builder.with_projection(mask).with_batch_size(BATCH_ROWS))
    }
}

/// Whether all values of a column of a row group are codes of its dictionary.
fn is_coded(column: &ColumnChunkMetaData) -> bool {
    let only = |encoding| {
        let encodings = column.page_encoding_stats_mask();
        encodings.is_some_and(|encodings| encodings.is_only(encoding))
    };
    column.dictionary_page_offset().is_some()
        && (only(Encoding::PLAIN_DICTIONARY) || only(Encoding::RLE_DICTIONARY))
}

/// Calls the decoder, which checks much of what it reads by assertion: on damaged data it may panic,
/// and a damaged file must not bring down the process. What it worked on is dropped either way.
fn guarded<T, E: ToString>(
    name: &str,
    rows: u64,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, Error> {
    let reason = match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the decoder refused it".into(),
    };
    Err(Error::Damaged {
        source_name: name.into(),
        format: "parquet",
        read: rows,
        unit: "rows",
        reason,
    })
}

/// Reads `input` to its end for its count and hash.
fn drain(input: &mut Input) -> Result<(), Error> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if input.read(&mut buffer, COPY_BYTES)? < COPY_BYTES {
            return Ok(());
        }
    }
}

/// Writes all of `input` to a temporary file.
fn write_aside(input: &mut Input, head: Vec<u8>) -> Result<tempfile::TempPath, Error> {
    let failed = |reason| Error::Unreadable {
        path: std::env::temp_dir(),
        reason,
    };
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    let mut buffer = head;
    loop {
        file.write_all(&buffer).map_err(failed)?;
        buffer.clear();
        if input.read(&mut buffer, COPY_BYTES)? == 0 {
            return Ok(file.into_temp_path());
        }
    }
}
