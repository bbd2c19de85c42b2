//! The `ringsweep` command: parse, run, and give errors a voice.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
