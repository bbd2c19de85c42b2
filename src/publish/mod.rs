//! What leaves the house: tables, case files, the enforcement feed. Decides nothing.

pub mod manifest;
pub mod rows;

pub use manifest::Manifest;
pub use rows::{EvidenceRow, LinkRow, MemberRow, RejectRow, RingRow, SweepTables, UseRow};
