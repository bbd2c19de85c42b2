//! What seeds say about everybody else: how far an account's surroundings are known to be bad or good.
//!
//! A seed is an account that somebody has looked at. A walk that starts at any account, goes to
//! something the account shares with others, from there to one of those, and so on, may end at a bad seed, at a
//! good one, or give up. The chances of these three are the account's *bad*, *good* and *unknown*
//! share; they add up to 1, and the first two are sums over seeds, so each share says exactly which seed it
//! comes from.
//!
//! Shares never convict: they propose sets of accounts to be judged like any others ([`SeedScores::
//! neighbourhoods`]), and are published for people. What counts as evidence is only how many of a ring's
//! members are seeds themselves, in `rings::seeded`.

mod from_entities;
mod neighbourhoods;
mod scores;
mod terrain;

pub use from_entities::scores;
pub use scores::{Part, SeedScores};
