//! `ringsweep evaluate`: a sweep against a truth.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use ringsweep::evaluate::{Truth, TruthColumns, evaluate};
use ringsweep::publish::open_sweep;

/// Measure a sweep against known rings or labels.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A published sweep.
    sweep: PathBuf,
    /// CSV or TSV with a header: account_id,ring_id (accounts not in it are innocent) or
    /// account_id,label (accounts not in it are ignored).
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Name a column of the truth: account=NAME, ring=NAME or label=NAME.
    #[arg(long = "column", value_name = "ROLE=NAME", value_parser = column)]
    columns: Vec<(Role, String)>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy)]
enum Role {
    Account,
    Ring,
    Label,
}

fn column(text: &str) -> Result<(Role, String), String> {
    let (role, name) = text
        .split_once('=')
        .ok_or("expected ROLE=NAME, such as label=is_fraud")?;
    let role = match role {
        "account" => Role::Account,
        "ring" => Role::Ring,
        "label" => Role::Label,
        other => {
            return Err(format!(
                "unknown role `{other}`: it is one of account, ring, label"
            ));
        }
    };
    Ok((role, name.to_owned()))
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut columns = TruthColumns::default();
    for (role, name) in &args.columns {
        let slot = match role {
            Role::Account => &mut columns.account,
            Role::Ring => &mut columns.ring,
            Role::Label => &mut columns.label,
        };
        *slot = Some(name.clone());
    }
    let (tables, _) = open_sweep(&args.sweep)?;
    let in_truth = || args.truth.display().to_string();
    let file = File::open(&args.truth).with_context(in_truth)?;
    let truth = Truth::read(file, &columns).with_context(in_truth)?;
    let evaluation = evaluate(&tables, &truth)?;
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &evaluation)?;
        writeln!(out)?;
    } else {
        write!(out, "{evaluation}")?;
    }
    Ok(ExitCode::SUCCESS)
}
