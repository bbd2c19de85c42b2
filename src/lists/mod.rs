//! What people know already: accounts known to be bad or good, and what is allowed.
//!
//! Both lists are CSV files kept by hand, so every row is checked, and an entry that is in doubt is an
//! error with its file and row rather than a guess. Entries may expire. Time is read off the events
//! ([`newest_event`]) and not off a clock: the same events and lists are the same sweep next year.

mod allow;
mod allow_value;
mod allowed;
mod error;
pub mod labels;
mod seeds;
mod sheet;

pub use allow::{AllowEntry, AllowList, Subject};
pub use allowed::{Allowed, Effect, Fate, apply};
pub use error::ListError;
pub use seeds::{Seed, SeedEntry, SeedList, Seeds};
pub use sheet::ListFile;

use crate::events::{EventLog, UNKNOWN_TIME};

/// The time that entries expire by: that of the newest event, in microseconds; `None` where no event has a
/// time, and then nothing expires.
pub fn newest_event(log: &EventLog) -> Option<i64> {
    let times = log.times.first()?;
    times
        .micros
        .iter()
        .copied()
        .filter(|&time| time != UNKNOWN_TIME)
        .max()
}

/// Whether an entry that expires at `expires` has expired at `now`: it holds before that moment.
fn has_expired(expires: Option<i64>, now: Option<i64>) -> bool {
    matches!((expires, now), (Some(expires), Some(now)) if expires <= now)
}
