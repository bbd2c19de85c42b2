//! What leaves the house: tables, case files, the enforcement feed. Decides nothing.

pub mod explain;
pub mod export;
pub mod feed;
pub mod from_rings;
pub mod from_seeds;
pub mod ids;
pub mod manifest;
mod nearest;
pub mod open;
pub mod rows;
pub mod sink;
pub mod tables;
pub(crate) mod text;

pub use crate::rings::tier::{self, Tier};
pub use manifest::Manifest;
pub use open::{OpenError, open_sweep};
pub use rows::{EvidenceRow, LinkRow, MemberRow, RejectRow, RingRow, SeedRow, SweepTables, UseRow};
pub use sink::{PublishError, check_target, publish_sweep, write_beside};
pub use tables::Format;
