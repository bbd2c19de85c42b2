//! What happened: accepted events in columns, and a reason for every row that is not among them.
//!
//! [`expand`] turns arguments into sources, [`read_events`] turns sources into an [`EventLog`].

pub mod log;

mod assemble;
mod chunk;
mod error;
mod from_csv;
mod input;
mod plan;
mod read;
mod reading;
mod rejects;
mod request;
mod sources;
mod survey;
mod time_detection;
mod times;

pub use error::Error;
pub use log::{EventLog, KeyColumn, NONE, TimeColumn, UNKNOWN_TIME};
pub use read::read_events;
pub use reading::{InputRead, Reading, Reject, Rows};
pub use request::{ReadOptions, Wanted, WantedKey};
pub use sources::{Source, expand};
