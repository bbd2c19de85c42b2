//! Where events go: a CSV file, a Parquet file, or memory.

use std::io::{self, Write};

use rayon::prelude::*;

use super::event::{NOBODY, SimulatedEvent, write_time};
use super::names::{write_address, write_id};

/// Takes the time line in order, some hours at a time.
pub trait EventSink {
    /// Takes the next hours; each is sorted, and comes after all before it. How many come at once
    /// says nothing: what is written may depend only on their concatenation.
    ///
    /// # Errors
    /// What the file system says.
    fn write(&mut self, hours: &[Vec<SimulatedEvent>]) -> io::Result<()>;
}

/// Keeps everything: for small worlds.
impl EventSink for Vec<SimulatedEvent> {
    fn write(&mut self, hours: &[Vec<SimulatedEvent>]) -> io::Result<()> {
        self.extend(hours.iter().flatten());
        Ok(())
    }
}

/// The columns of every world, in order.
pub const COLUMNS: [&str; 7] = [
    "account_id",
    "device_id",
    "ip",
    "target_id",
    "owner_id",
    "action",
    "ts",
];

/// The last column, of worlds in which accounts name accounts.
pub const COUNTERPARTY: &str = "counterparty_id";

/// All columns of a world, in order.
fn columns(relations: bool) -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(relations.then_some(COUNTERPARTY))
}

/// Writes CSV with a header, lines ending in `\n`.
#[derive(Debug)]
pub struct CsvSink<W: Write> {
    out: W,
    relations: bool,
}

impl<W: Write> CsvSink<W> {
    /// Writes the header; with `relations` the last column is [`COUNTERPARTY`].
    ///
    /// # Errors
    /// What the file system says.
    pub fn new(mut out: W, relations: bool) -> io::Result<Self> {
        let header: Vec<&str> = columns(relations).collect();
        writeln!(out, "{}", header.join(","))?;
        Ok(CsvSink { out, relations })
    }

    /// Gives the file back.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> EventSink for CsvSink<W> {
    fn write(&mut self, hours: &[Vec<SimulatedEvent>]) -> io::Result<()> {
        let texts: Vec<Vec<u8>> = hours
            .par_iter()
            .map(|events| csv_lines(events, self.relations))
            .collect();
        texts.iter().try_for_each(|text| self.out.write_all(text))
    }
}

fn csv_lines(events: &[SimulatedEvent], relations: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(events.len() * 80);
    for event in events {
        write_id(b'u', event.account, &mut text);
        text.push(b',');
        write_id(b'd', event.device, &mut text);
        text.push(b',');
        write_address(event.address, &mut text);
        text.push(b',');
        write_id(b't', event.target, &mut text);
        text.push(b',');
        write_id(b'o', event.owner, &mut text);
        text.push(b',');
        text.extend_from_slice(event.action.as_str().as_bytes());
        text.push(b',');
        write_time(event.epoch_second, &mut text);
        if relations {
            text.push(b',');
            if event.counterparty != NOBODY {
                write_id(b'u', event.counterparty, &mut text);
            }
        }
        text.push(b'\n');
    }
    text
}

#[cfg(feature = "parquet")]
pub use parquet_sink::ParquetSink;

#[cfg(feature = "parquet")]
mod parquet_sink {
    use std::io::{self, Write};
    use std::sync::Arc;

    use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMillisecondArray};
    use arrow_schema::{DataType, Field, Schema, TimeUnit};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, ZstdLevel};
    use parquet::file::properties::WriterProperties;

    use super::{COUNTERPARTY, EventSink, SimulatedEvent, columns};

    /// Rows in a row group.
    const GROUP_ROWS: usize = 1 << 20;

    /// Writes Parquet: text columns, and `ts` as a timestamp in milliseconds, UTC.
    pub struct ParquetSink<W: Write + Send> {
        writer: ArrowWriter<W>,
        schema: Arc<Schema>,
        relations: bool,
    }

    impl<W: Write + Send> ParquetSink<W> {
        /// Begins the file; with `relations` the last column is [`COUNTERPARTY`].
        ///
        /// # Errors
        /// What the writer says.
        pub fn new(out: W, relations: bool) -> io::Result<Self> {
            let timestamp = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
            let fields: Vec<Field> = columns(relations)
                .map(|name| {
                    let kind = if name == "ts" {
                        timestamp.clone()
                    } else {
                        DataType::Utf8
                    };
                    Field::new(name, kind, name == COUNTERPARTY)
                })
                .collect();
            let schema = Arc::new(Schema::new(fields));
            let level = ZstdLevel::try_new(3).map_err(io::Error::other)?;
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(level))
                .set_max_row_group_row_count(Some(GROUP_ROWS))
                .build();
            let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))
                .map_err(io::Error::other)?;
            Ok(ParquetSink {
                writer,
                schema,
                relations,
            })
        }

        /// Writes the footer and gives the file back.
        ///
        /// # Errors
        /// What the writer says.
        pub fn finish(self) -> io::Result<W> {
            self.writer.into_inner().map_err(io::Error::other)
        }
    }

    impl<W: Write + Send> EventSink for ParquetSink<W> {
        fn write(&mut self, hours: &[Vec<SimulatedEvent>]) -> io::Result<()> {
            for events in hours {
                let text = |of: &dyn Fn(&SimulatedEvent) -> String| -> ArrayRef {
                    Arc::new(StringArray::from_iter_values(events.iter().map(of)))
                };
                let times = events.iter().map(|event| event.epoch_second() * 1_000);
                let mut columns: Vec<ArrayRef> = vec![
                    text(&SimulatedEvent::account_id),
                    text(&SimulatedEvent::device_id),
                    text(&SimulatedEvent::ip),
                    text(&SimulatedEvent::target_id),
                    text(&SimulatedEvent::owner_id),
                    text(&|event| event.action().as_str().to_owned()),
                    Arc::new(
                        TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"),
                    ),
                ];
                if self.relations {
                    let named = events.iter().map(SimulatedEvent::counterparty_id);
                    columns.push(Arc::new(named.collect::<StringArray>()));
                }
                let batch = RecordBatch::try_new(self.schema.clone(), columns);
                self.writer
                    .write(&batch.map_err(io::Error::other)?)
                    .map_err(io::Error::other)?;
            }
            Ok(())
        }
    }
}
