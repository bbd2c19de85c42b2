//! **ringsweep** finds fraud rings in interaction events and explains each one.
//!
//! > Events name entities; entities give links; links give communities;
//! > communities become rings; rings are published.
//!
//! The modules below are declared bottom-up and *that order is the law*: a module may use
//! those declared above it and none below it (`tests/architecture.rs` holds every
//! `use crate::…` to it). So a reader can start anywhere and only ever look upwards in this list.

pub mod base;
pub mod sparse;

pub mod kernels;

pub mod recipe;

pub mod events;
pub mod entities;
pub mod links;
pub mod communities;
pub mod rings;
pub mod publish;

pub mod evaluate;
pub mod simulate;
pub mod store;
pub mod sweep;
