//! What to look for: a graph definition, from TOML text to a checked plan.

pub mod definition;
pub mod plan;

pub use definition::{Columns, Definition, Entity, Kind, WeightRule};
