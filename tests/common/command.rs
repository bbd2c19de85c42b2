//! Running the command as its users do.

use std::path::Path;

use assert_cmd::Command;

/// `ringsweep` with `arguments`, nothing taken from the environment.
pub fn ringsweep<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(arguments: I) -> Command {
    let mut command = Command::cargo_bin("ringsweep").unwrap();
    command.args(arguments);
    for variable in ["RINGSWEEP_GRAPH", "RINGSWEEP_THREADS", "RINGSWEEP_MEMORY"] {
        command.env_remove(variable);
    }
    command
}

/// Sweeps `events` by the definition `graph` into `out`, with more `options`.
pub fn sweep(events: &Path, graph: &str, out: &Path, options: &[&str]) {
    ringsweep(["sweep", "--graph", graph])
        .args(options)
        .arg("--out")
        .args([out, events])
        .assert()
        .success();
}
