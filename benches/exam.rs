//! The exam: `cargo bench --bench exam -- --help`.

#[path = "exam/mod.rs"]
mod exam;

use std::io;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match exam::run(&exam::Args::parse(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
