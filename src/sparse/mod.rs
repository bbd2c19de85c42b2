//! Containers for large sparse things: dictionaries, graphs, partitions, node sets. No domain words.

pub mod build;
pub mod dictionary;
pub mod graph;
pub mod partition;
pub mod quotient;
pub mod scratch;
pub mod union_find;
pub mod visit;
