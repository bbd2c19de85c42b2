//! Which communities stand up as rings, with what evidence, and how sure one can be.

mod around_seeds;
pub mod exhibits;
pub mod from_communities;
pub mod case;
pub mod nulls;
pub mod population;
pub mod refine;
pub mod seeded;
pub mod select;
pub mod shape;
pub mod statistic;
pub mod subjects;
pub mod tier;
pub mod tiers;
pub mod windows;

pub use from_communities::{Evidence, Member, Ring, rings};
pub use seeded::SeedEvidence;
pub use tier::Tier;
