//! Whom a sweep accuses.

use std::collections::BTreeSet;
use std::fs;

use super::sweeping::sweep;
use super::tables::table;

/// Accounts in `act` or `review` of a sweep of `csv` by `engagement`, with these `options`.
pub(crate) fn accused(csv: &str, options: &[&str]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("events.csv"), csv).unwrap();
    sweep(&path("events.csv"), "engagement", &path("swept"), options);
    table(&path("swept/members.csv"))
        .into_iter()
        .filter(|row| row["tier"] != "watch")
        .map(|mut row| row.remove("account_id").unwrap())
        .collect()
}
