//! Which accounts hang together: candidates for rings, nothing more.

pub mod from_links;

pub use from_links::{Search, detect, detect_homes};
