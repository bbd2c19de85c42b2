//! Ground floor: what every other floor stands on and that knows no file, no graph, no domain word.

pub mod chance;
pub mod digits;
pub mod information;
pub(crate) mod patience;
pub mod pool;
pub mod run;
pub mod time;
pub mod weight;
