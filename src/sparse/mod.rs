//! Containers for large sparse things: dictionaries, graphs, partitions, node sets. No domain words.

pub mod chunks;
pub mod dictionary;
pub mod graph;
pub mod interner;
pub mod partition;
pub mod postings;
pub mod rows;
