//! Which accounts are linked, how strongly, and what the links are made of.

mod edge_lines;
mod edge_tokens;
pub mod expected;
pub mod from_edge_list;
pub mod from_entities;
mod mirror;
pub mod node_names;
pub mod participation;
pub mod thinning;
pub mod weighting;

pub use crate::kernels::pairs::Pairs;
pub use expected::Expected;
pub use from_entities::{AccountGraph, Projected, Projector};
pub use mirror::{MICRO_PER_STORED, STORED_PER_UNIT};
pub use thinning::Thinning;
