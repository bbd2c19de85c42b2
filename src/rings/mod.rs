//! Which communities stand up as rings, with what evidence, and how sure one can be.

pub mod affinity;
pub mod blocks;
pub mod case;
pub mod circles;
pub mod cleave;
pub mod crowd;
pub mod exhibits;
pub mod from_communities;
pub mod gap;
pub mod grow;
pub mod innocence;
mod known;
pub mod lists;
pub mod nulls;
pub mod parts;
pub mod population;
pub mod refine;
pub mod relations;
pub mod residents;
pub mod seeded;
pub mod select;
pub mod shed;
pub mod statistic;
pub mod subjects;
pub mod tier;
pub mod tiers;
pub mod togetherness;
pub mod topic;
pub mod weigh;
pub mod windows;
pub mod witnesses;

pub use from_communities::{Evidence, Member, Ring, rings};
pub use seeded::SeedEvidence;
pub use select::Candidates;
pub use tier::Tier;
