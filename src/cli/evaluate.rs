//! `ringsweep evaluate`: a sweep against a truth, and other methods beside it.

mod against;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use ringsweep::evaluate::stability::RingStability;
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
    /// Also sweep these events of the sweep again, with a tenth of them missing, and say how each
    /// ring holds.
    #[arg(long, value_name = "EVENTS", num_args = 1..)]
    stability: Vec<PathBuf>,
    /// How many times.
    #[arg(long, value_name = "N", default_value_t = 10)]
    resamples: u32,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    stability: Option<Vec<RingStability>>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (tables, manifest) = open_sweep(&args.sweep)?;
    let truth = read_truth(args)?;
    let evaluation = evaluate_with(&tables, &truth, &participation(args)?)?;
    let mut report = Report {
        evaluation,
        comparison: None,
        stability: None,
    };
    if !args.baselines.is_empty() || !args.stability.is_empty() {
        threads::on(threads::count(None), || {
            read_events_again(args, &tables, &manifest, &truth, &mut report)
        })??;
    }
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", report.evaluation)?;
        if let Some(comparison) = &report.comparison {
            write!(out, "\n{comparison}")?;
        }
        if let Some(rings) = &report.stability {
            writeln!(out)?;
            write_stability(rings, &mut out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What needs the sweep's events.
fn read_events_again(
    args: &Args,
    tables: &SweepTables,
    manifest: &Manifest,
    truth: &Truth,
    report: &mut Report,
) -> anyhow::Result<()> {
    let run = progress::watched()?;
    let definition = args.events.definition(manifest)?;
    let load = |paths: &[PathBuf]| args.events.load(paths, manifest, &definition, &run);
    let seed = manifest.seed;
    if !args.baselines.is_empty() {
        let loaded = load(&args.baselines)?;
        let comparison = against::baselines(tables, &loaded, &definition, seed, truth, &run)?;
        report.comparison = Some(comparison);
    }
    if !args.stability.is_empty() {
        let (loaded, resamples) = (load(&args.stability)?, args.resamples);
        let rings = against::resampled(tables, &loaded, &definition, seed, resamples, &run)?;
        report.stability = Some(rings);
    }
    Ok(())
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

/// Rings in published order.
fn write_stability(rings: &[RingStability], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<17}  {:<6}  {:>5}  {:>7}  {:>10}  {:>6}",
        "ring", "tier", "size", "jaccard", "membership", "least"
    )?;
    for ring in rings {
        writeln!(
            out,
            "{:<17}  {:<6}  {:>5}  {:>7.4}  {:>10.4}  {:>6.4}",
            ring.ring_id,
            ring.tier,
            ring.size,
            ring.jaccard,
            ring.membership,
            ring.least_membership
        )?;
    }
    Ok(())
}
