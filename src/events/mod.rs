//! What happened: accepted events in columns, and a reason for every row that is not among them.

pub mod log;

pub use log::{EventLog, KeyColumn, NONE, TimeColumn, UNKNOWN_TIME};
