//! `ringsweep feed`: the enforcement feed of a sweep.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use ringsweep::publish::feed::{directives, write_directives};
use ringsweep::publish::{Tier, open_sweep, write_beside};

/// Write one directive per ring member as JSON lines: a recommendation with its evidence.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A published sweep.
    sweep: PathBuf,
    /// Lowest tier to include: act, review or watch.
    #[arg(long, default_value = "review")]
    tier: Tier,
    /// File to write; standard output without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (tables, manifest) = open_sweep(&args.sweep)?;
    let feed = directives(&tables, &manifest, args.tier)?;
    match &args.out {
        Some(path) => write_beside(path, |out| write_directives(&feed, &mut *out))?,
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            write_directives(&feed, &mut out)?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
