//! `ringsweep evaluate`: a sweep against a truth, and other methods beside it.

mod against;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use ringsweep::evaluate::{
    Comparison, Evaluation, Participation, Truth, TruthColumns, evaluate_with,
};
use ringsweep::publish::{Manifest, SweepTables, open_sweep};

use super::{progress, threads};

/// Measure a sweep against known rings or labels.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A published sweep.
    sweep: PathBuf,
    /// CSV or TSV with a header: `account_id,ring_id` (accounts not in it are innocent) or
    /// `account_id,label` (accounts not in it are ignored).
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Name a column of the truth: account=NAME, ring=NAME or label=NAME.
    #[arg(long = "column", value_name = "ROLE=NAME", value_parser = column)]
    columns: Vec<(Role, String)>,
    /// The `scenario.json` of a simulated world, for recall by participation; by default the one
    /// beside the truth, if there is one.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Also run the usual baselines on the sweep's events, each at the setting that suits this truth best.
    #[arg(long, value_name = "EVENTS", num_args = 1..)]
    baselines: Vec<PathBuf>,
    #[command(flatten)]
    events: against::EventsArgs,
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

/// Everything that is printed.
#[derive(serde::Serialize)]
struct Report {
    #[serde(flatten)]
    evaluation: Evaluation,
    #[serde(flatten)]
    comparison: Option<Comparison>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (tables, manifest) = open_sweep(&args.sweep)?;
    let truth = read_truth(args)?;
    let evaluation = evaluate_with(&tables, &truth, &participation(args)?)?;
    let comparison = if args.baselines.is_empty() {
        None
    } else {
        Some(compare(args, &tables, &manifest, &truth)?)
    };
    let mut out = io::stdout().lock();
    if args.json {
        let report = Report {
            evaluation,
            comparison,
        };
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{evaluation}")?;
        if let Some(comparison) = comparison {
            write!(out, "\n{comparison}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read_truth(args: &Args) -> anyhow::Result<Truth> {
    let mut columns = TruthColumns::default();
    for (role, name) in &args.columns {
        let slot = match role {
            Role::Account => &mut columns.account,
            Role::Ring => &mut columns.ring,
            Role::Label => &mut columns.label,
        };
        *slot = Some(name.clone());
    }
    let in_truth = || args.truth.display().to_string();
    let file = File::open(&args.truth).with_context(in_truth)?;
    Truth::read(file, &columns).with_context(in_truth)
}

/// A scenario that was named must be one; another that happens to lie there need not.
fn participation(args: &Args) -> anyhow::Result<Participation> {
    if let Some(path) = &args.scenario {
        let in_scenario = || path.display().to_string();
        let text = fs::read_to_string(path).with_context(in_scenario)?;
        return Participation::from_scenario(&text).with_context(in_scenario);
    }
    let folder = args.truth.parent().unwrap_or(Path::new(""));
    let beside = fs::read_to_string(folder.join("scenario.json"));
    Ok(beside
        .ok()
        .and_then(|text| Participation::from_scenario(&text).ok())
        .unwrap_or_default())
}

fn compare(
    args: &Args,
    tables: &SweepTables,
    manifest: &Manifest,
    truth: &Truth,
) -> anyhow::Result<Comparison> {
    let run = progress::watched()?;
    let definition = args.events.definition(manifest)?;
    threads::on(threads::count(None), || {
        let loaded = args
            .events
            .load(&args.baselines, manifest, &definition, &run)?;
        against::baselines(tables, &loaded, &definition, manifest.seed, truth, &run)
    })?
}
