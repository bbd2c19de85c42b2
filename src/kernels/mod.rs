//! Graph algorithms: one paper, one file, one entry function, one verifier. No domain words.
//!
//! A kernel is a function of a graph, a struct of named parameters and a [`Run`](crate::base::run::Run);
//! it answers with a partition and the [`Trace`](trace::Trace) of how it got there, and fails only
//! by being interrupted. Every answer is the same bytes for any number of threads.

pub mod absorption;
mod accumulator;
pub mod agreement;
pub mod cdlp;
pub mod coaction;
pub mod company;
pub mod direct;
pub mod components;
pub mod connected_parts;
pub mod curveball;
mod inside;
pub mod label_propagation;
pub mod leiden;
mod local_moving;
pub mod louvain;
mod moments;
pub mod objective;
pub mod peel;
pub mod pairs;
pub mod projection;
pub mod quality;
mod refinement;
mod repeated;
mod returning;
mod rounds;
mod small_row;
pub mod sources;
mod standing;
mod strong_links;
pub mod surplus;
pub mod trace;
