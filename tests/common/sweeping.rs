//! Sweeping a file of events.

use std::path::Path;

use super::command::ringsweep;

/// Sweeps `events` by the definition `graph` into `out`, with more `options`.
pub(crate) fn sweep(events: &Path, graph: &str, out: &Path, options: &[&str]) {
    ringsweep(["sweep", "--graph", graph])
        .args(options)
        .arg("--out")
        .args([out, events])
        .assert()
        .success();
}
