//! `ringsweep explain`: why a ring is one, and what an account has to do with it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use ringsweep::publish::explain::explain;
use ringsweep::publish::open_sweep;

/// Show why: the evidence of a ring, or an account's part in it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A published sweep.
    sweep: PathBuf,
    /// A ring, or an account in one.
    #[arg(value_name = "RING|ACCOUNT")]
    id: String,
    /// Entities to show one by one.
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (tables, manifest) = open_sweep(&args.sweep)?;
    let explanation = explain(&tables, &manifest, &args.id, args.top)?;
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &explanation)?;
        writeln!(out)?;
    } else {
        write!(out, "{explanation}")?;
    }
    Ok(ExitCode::SUCCESS)
}
