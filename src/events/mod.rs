//! What happened: accepted events in columns, and a reason for every row that is not among them.
//!
//! [`expand`] turns arguments into sources, [`read_events`] turns sources into an [`EventLog`].

pub mod log;

#[cfg(feature = "parquet")]
mod arrow_cells;
#[cfg(feature = "parquet")]
mod arrow_columns;
#[cfg(feature = "parquet")]
mod arrow_rows;
mod assemble;
mod borders;
mod chunk;
mod error;
mod from_csv;
mod from_ndjson;
#[cfg(feature = "parquet")]
mod from_parquet;
mod input;
mod intake;
mod order;
mod pile;
mod plan;
mod prune;
mod quotes;
mod read;
mod reading;
mod rejects;
mod request;
#[cfg(feature = "parquet")]
mod row_ranges;
mod separators;
mod sources;
mod survey;
mod text;
mod time_detection;
mod times;

pub use error::Error;
pub use log::{EventLog, KeyColumn, NONE, TimeColumn, UNKNOWN_TIME};
pub use prune::prune;
pub use read::read_events;
pub use reading::{InputRead, Reading, Reject, Rows};
pub use request::{ReadOptions, Wanted, WantedKey};
pub use sources::{Source, expand};
pub use times::moment;
