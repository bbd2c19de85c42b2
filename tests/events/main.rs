//! The floor `events` from the outside: files in, a log and an account of every row out.

#[cfg(feature = "parquet")]
mod parquet;
mod reading;
mod support;
mod times;
