//! Graph algorithms: one paper, one file, one entry function, one verifier. No domain words.

pub mod coaction;
pub mod projection;
