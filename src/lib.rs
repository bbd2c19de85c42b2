//! **ringsweep** finds fraud rings in interaction events and explains each one.
//!
//! > Events name entities; entities give links; links give communities;
//! > communities become rings; rings are published.
//!
//! The modules below are declared bottom-up and *that order is the law*: a module may use
//! those declared above it and none below it (`tests/architecture.rs` holds every
//! `use crate::…` to it). So a reader can start anywhere and only ever look upwards in this list.
//!
//! The program `ringsweep` is the library's first customer; this is what it does, in short:
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use ringsweep::base::run::Run;
//! use ringsweep::recipe::Definition;
//! use ringsweep::sweep::{self, Clock, Input, Settings};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let definition = Definition::load("engagement")?;
//! let input = Input::of(&["fixtures/household/events.csv"])?;
//! let run = Run::quiet();
//! let loaded = sweep::load(&input, &definition, BTreeMap::new(), &run)?;
//! let outcome = sweep::sweep(&loaded, &definition, Settings::default(), Clock::default(), &run)?;
//! for ring in &outcome.tables.rings {
//!     assert!(ring.bits > 0.0, "{} would not have paid for itself", ring.ring_id);
//! }
//! assert!(outcome.manifest.rows.add_up());
//! # Ok(())
//! # }
//! ```

pub mod base;
pub mod sparse;

pub mod kernels;

pub mod recipe;

pub mod events;
pub mod lists;
pub mod entities;
pub mod links;
pub mod communities;
pub mod seeds;
pub mod rings;
pub mod publish;

pub mod evaluate;
pub mod simulate;
pub mod store;
pub mod sweep;
