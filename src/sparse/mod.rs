//! Containers for large sparse things: dictionaries, graphs, partitions, node sets. No domain words.

pub mod ahead;
pub mod ascending;
pub mod build;
mod by_time;
mod cell;
pub mod chunks;
pub mod dictionary;
pub mod graph;
pub mod grouping;
pub mod interner;
pub mod marks;
pub mod node_set;
mod numerals;
pub mod partition;
pub mod postings;
pub mod quotient;
mod ranking;
pub mod repeats;
pub mod rows;
pub mod scratch;
mod short_keys;
mod texts;
pub mod union_find;
pub mod visit;
mod within;
