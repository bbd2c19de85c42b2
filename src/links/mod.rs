//! Which accounts are linked, how strongly, and what the links are made of.

pub mod from_entities;
pub mod participation;
pub mod weighting;

pub use crate::kernels::projection::Pairs;
pub use from_entities::{AccountGraph, Projector};
