//! What to look for: a graph definition, from TOML text to a checked plan.

mod check;
pub mod definition;
pub mod duration;
mod error;
mod overrides;
mod plan;
pub mod shipped;
mod text;
mod wanted;
mod wording;

pub use definition::{Columns, Definition, Entity, Kind, WeightRule};
pub use error::{RecipeError, Spot};
pub use plan::{EntityPlan, Plan, plan};
pub use wanted::{Wanted, WantedKey};
