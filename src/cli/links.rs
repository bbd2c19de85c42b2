//! `ringsweep links`: the account–account link table alone.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ringsweep::base::run::{Interrupted, Run};
use ringsweep::base::weight;
use ringsweep::entities::{EntityGraph, entities_to_link};
use ringsweep::events::EventLog;
use ringsweep::links::{Pairs, Projector};
use ringsweep::publish::write_beside;
use ringsweep::recipe::{Definition, plan};
use ringsweep::sweep::{self, Input, SweepError};

use super::input::InputArgs;
use super::{progress, threads};

/// Write the account–account link table
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// The CSV file to write; stdout when neither this nor --json is given
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Project so many times, for the times in --json
    #[arg(long, value_name = "N", default_value = "1")]
    runs: std::num::NonZeroU32,

    /// Print load and projection times, pairs and total weight as JSON, last on stdout
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let run = progress::watched()?;
    let input = Input::of(&args.input.events)?;
    let definition = args.input.definition(&input)?;
    threads::on(threads::count(args.input.threads), || {
        links(args, &input, &definition, &run)
    })??;
    Ok(ExitCode::SUCCESS)
}

fn links(args: &Args, input: &Input, definition: &Definition, run: &Run<'_>) -> anyhow::Result<()> {
    let start = Instant::now();
    let loaded = sweep::load(input, definition, args.input.renames(), run)?;
    let plan = plan(definition, &loaded.reading.found).map_err(SweepError::from)?;
    let load_s = start.elapsed().as_secs_f64();
    let mut seconds = Vec::new();
    let mut totals = Totals::default();
    // Only the JSON tells times and totals; without it the table is all the work there is.
    let timed_runs = if args.json { args.runs.get() } else { 0 };
    for _ in 0..timed_runs {
        let start = Instant::now();
        let graph = entities_to_link(&loaded.log, &plan);
        totals = count(&graph, definition, run)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    if args.out.is_some() || !args.json {
        let graph = entities_to_link(&loaded.log, &plan);
        match &args.out {
            Some(path) => write_beside(path, |out| write_table(&graph, definition, run, out))?,
            None => write_table(&graph, definition, run, &mut io::stdout().lock())?,
        }
    }
    if args.json {
        let json = serde_json::json!({
            "load_s": load_s,
            "algo_s": seconds,
            "pairs": totals.pairs,
            "weight": weight::units(totals.weight),
            "accounts": totals.accounts,
            "co_actions": totals.co_actions,
            "max_weight": weight::units(totals.max_weight),
        });
        super::print(&format!("{json}\n"))?;
    }
    Ok(())
}

#[derive(Default)]
struct Totals {
    pairs: u64,
    weight: u64,
    max_weight: u64,
    co_actions: u64,
    accounts: usize,
}

impl Totals {
    fn of(pairs: &Pairs) -> Self {
        Totals {
            pairs: pairs.len() as u64,
            weight: pairs.weight.iter().sum(),
            max_weight: pairs.weight.iter().copied().max().unwrap_or(0),
            co_actions: pairs.co_actions.iter().map(|&n| u64::from(n)).sum(),
            accounts: 0,
        }
    }

    fn add(&mut self, more: &Totals) {
        self.pairs += more.pairs;
        self.weight += more.weight;
        self.max_weight = self.max_weight.max(more.max_weight);
        self.co_actions += more.co_actions;
    }
}

fn count(
    graph: &EntityGraph<'_>,
    definition: &Definition,
    run: &Run<'_>,
) -> Result<Totals, Interrupted> {
    let projector = Projector::new(graph, definition.min_participation, run)?;
    let linked: Vec<AtomicBool> = (0..graph.log.accounts.len())
        .map(|_| AtomicBool::new(false))
        .collect();
    let mut totals = Totals::default();
    projector.project(
        run,
        |pairs| {
            let nodes = pairs.node.chunk_by(|a, b| a == b).map(|row| &row[0]);
            for &account in nodes.chain(&pairs.other) {
                linked[account as usize].store(true, Ordering::Relaxed);
            }
            Totals::of(pairs)
        },
        |more| {
            totals.add(&more);
            Ok::<_, Interrupted>(())
        },
    )?;
    totals.accounts = linked
        .into_iter()
        .filter(|linked| linked.load(Ordering::Relaxed))
        .count();
    Ok(totals)
}

/// Why the table was not written: the one who writes to a file only understands these.
fn interrupted(_: Interrupted) -> io::Error {
    io::Error::from(io::ErrorKind::Interrupted)
}

fn write_table(
    graph: &EntityGraph<'_>,
    definition: &Definition,
    run: &Run<'_>,
    out: &mut (dyn Write + '_),
) -> io::Result<()> {
    let projector =
        Projector::new(graph, definition.min_participation, run).map_err(interrupted)?;
    out.write_all(b"account_a,account_b,weight,shared,co_actions\n")?;
    projector
        .project(
            run,
            |pairs| csv_rows(graph.log, pairs),
            |text: io::Result<Vec<u8>>| out.write_all(&text?).map_err(Stopped::from),
        )
        .map_err(|stopped| stopped.0)?;
    out.flush()
}

/// Either cause ends the writing.
struct Stopped(io::Error);

impl From<Interrupted> for Stopped {
    fn from(cause: Interrupted) -> Self {
        Stopped(interrupted(cause))
    }
}

impl From<io::Error> for Stopped {
    fn from(cause: io::Error) -> Self {
        Stopped(cause)
    }
}

fn csv_rows(log: &EventLog, pairs: &Pairs) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for i in 0..pairs.len() {
        writer.write_record([
            log.accounts.get(pairs.node[i]),
            log.accounts.get(pairs.other[i]),
            weight::decimal(pairs.weight[i]).as_bytes(),
            pairs.shared[i].to_string().as_bytes(),
            pairs.co_actions[i].to_string().as_bytes(),
        ])?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
