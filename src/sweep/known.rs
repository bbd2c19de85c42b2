//! Brings the lists that people keep to loaded events, before anything is made of them.

use crate::lists::{self, AllowList, Allowed, SeedList, Seeds};
use crate::recipe::{Definition, plan};
use crate::sweep::{Loaded, SweepError};

/// What people know of the accounts and entities of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Accounts known to be bad or good.
    pub seeds: Option<Seeds>,
    /// What was left out, and on whose word.
    pub allowed: Option<Allowed>,
    /// What entries expire by: the time of the newest event, microseconds.
    pub now: Option<i64>,
}

/// The reason by which the rows of allowed accounts are *filtered*.
pub const ALLOWED_ACCOUNT: &str = "allowed_account";

/// Takes what `allow` allows out of `loaded` and looks up its `seeds`. A list is read before the events
/// are, so that a slip in it costs no time.
///
/// # Errors
/// [`SweepError`]: seeds that contradict each other, or a definition that does not fit.
pub fn know(
    loaded: &mut Loaded,
    seeds: Option<&SeedList>,
    allow: Option<AllowList>,
    definition: &Definition,
) -> Result<(), SweepError> {
    let now = lists::newest_event(&loaded.log);
    loaded.known.now = now;
    if let Some(list) = allow {
        let plan = plan(definition, &loaded.reading.found)?;
        let allowed = lists::apply(list, &mut loaded.log, &plan, now);
        let rows = &mut loaded.reading.rows;
        if allowed.rows_out > 0 {
            rows.accepted -= allowed.rows_out;
            *rows.filtered.entry(ALLOWED_ACCOUNT.to_owned()).or_default() += allowed.rows_out;
        }
        loaded.known.allowed = Some(allowed);
    }
    if let Some(list) = seeds {
        let allowed = loaded.known.allowed.as_ref();
        let is_allowed = |account: &[u8]| allowed.is_some_and(|allowed| allowed.holds(account));
        loaded.known.seeds = Some(list.resolve(&loaded.log, now, is_allowed)?);
    }
    Ok(())
}
