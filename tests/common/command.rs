//! Running the command as its users do.

use assert_cmd::Command;

/// `ringsweep` with `arguments`, nothing taken from the environment.
pub(crate) fn ringsweep<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(arguments: I) -> Command {
    let mut command = Command::cargo_bin("ringsweep").unwrap();
    command.args(arguments);
    for variable in ["RINGSWEEP_GRAPH", "RINGSWEEP_THREADS", "RINGSWEEP_MEMORY"] {
        command.env_remove(variable);
    }
    command
}
