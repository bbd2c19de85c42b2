//! What accounts can have in common: accounts × entities by type, with times.

pub mod census;
pub mod from_events;
pub mod keys;
mod relations;
pub mod rhythm;

pub use from_events::{Contents, EntityGraph, EntityType, Sharing, entities, entities_to_link};
