//! How time and memory grow with events: `cargo bench --bench scale -- --help`.
//!
//! Every size is swept in a process of its own, whose peak memory the system tells. A size counts only if its
//! answer is right: all rows accepted, as many links by device as sorting finds, and the planted rings found.
//! Then come seconds by stage, bytes by event and by link, and the slope from size to size: 1 is linear.

#[path = "scale/events.rs"]
mod events;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use ringsweep::base::run::Run;
use ringsweep::recipe::Definition;
use ringsweep::sweep::{self, Clock, Input, Settings};
use serde::{Deserialize, Serialize};

use events::Events;

/// Sweeps growing inputs.
#[derive(Debug, Parser)]
#[command(name = "scale")]
struct Args {
    /// Events of the smallest input
    #[arg(long, default_value_t = 100_000)]
    from: u64,

    /// Events of the largest; 100000000 takes some 30 GB of memory
    #[arg(long, default_value_t = 10_000_000)]
    upto: u64,

    /// Worker threads
    #[arg(long, default_value_t = 2)]
    threads: usize,

    /// Sweep one file of so many events and print a line
    #[arg(long, hide = true, requires = "file")]
    one: Option<u64>,

    #[arg(long, hide = true)]
    file: Option<std::path::PathBuf>,

    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// What became of one size.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    events: u64,
    links: u64,
    entities: u64,
    device_links: u64,
    /// Share of the planted rings' members that are in rings.
    found: f64,
    seconds: f64,
    stages: Vec<(String, f64)>,
    peak_bytes: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let out = &mut io::stdout().lock();
    let result = match (args.one, &args.file) {
        (Some(events), Some(file)) => sweep_one(events, file, args.threads, out),
        _ => sweep_all(&args, out),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn sweep_all(args: &Args, out: &mut impl Write) -> Result<()> {
    let mut last: Option<Line> = None;
    let sizes = std::iter::successors(Some(args.from), |size| size.checked_mul(10));
    for count in sizes.take_while(|&size| size <= args.upto) {
        let events = Events { count };
        let mut file = tempfile::Builder::new().suffix(".csv").tempfile()?;
        let mut text = BufWriter::new(&mut file);
        events.write(&mut text)?;
        text.flush()?;
        drop(text);
        let expected = events.pairs_by_device();
        let child = Command::new(std::env::current_exe()?)
            .args(["--one", &count.to_string()])
            .args(["--threads", &args.threads.to_string(), "--file"])
            .arg(file.path())
            .output()?;
        ensure!(
            child.status.success(),
            "{}",
            String::from_utf8_lossy(&child.stderr)
        );
        let line: Line = serde_json::from_slice(&child.stdout)?;
        ensure!(
            line.device_links == expected,
            "{} links by device, expected {expected}",
            line.device_links
        );
        ensure!(
            line.found > 0.9,
            "only {} of the rings' members found",
            line.found
        );
        report(&line, last.as_ref(), out)?;
        last = Some(line);
    }
    Ok(())
}

fn report(line: &Line, last: Option<&Line>, out: &mut impl Write) -> Result<()> {
    let per = |bytes: u64, count: u64| bytes as f64 / count.max(1) as f64;
    writeln!(
        out,
        "{:>11} events {:>11} links {:>8.2} s {:>7.0} MB {:>5.0} bytes an event {:>5.0} a link",
        line.events,
        line.links,
        line.seconds,
        line.peak_bytes as f64 / 1e6,
        per(line.peak_bytes, line.events),
        per(line.peak_bytes, line.links),
    )?;
    if let Some(last) = last {
        let grown = (line.events as f64 / last.events as f64).ln();
        let slope = |now: f64, before: f64| (now / before).ln() / grown;
        let (time, memory) = (
            slope(line.seconds, last.seconds),
            slope(line.peak_bytes as f64, last.peak_bytes as f64),
        );
        writeln!(out, "            slope: time {time:.2}, memory {memory:.2}")?;
    }
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    Ok(out.flush()?)
}

fn sweep_one(
    count: u64,
    file: &std::path::Path,
    threads: usize,
    out: &mut impl Write,
) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let line = pool.install(|| -> Result<Line> {
        let definition = Definition::load("engagement")?;
        let input = Input::of(&[file])?;
        let run = Run::quiet();
        let mut clock = Clock::default();
        let load = || sweep::load(&input, &definition, BTreeMap::new(), &run);
        let loaded = clock.time("read", load)?;
        let outcome = sweep::sweep(&loaded, &definition, Settings::default(), clock, &run)?;
        let manifest = outcome.manifest;
        ensure!(
            manifest.rows.add_up() && manifest.rows.accepted == count,
            "rows are lost"
        );
        let device = manifest
            .entities
            .iter()
            .find(|counts| counts.name == "device");
        let events = Events { count };
        let members = outcome.tables.members.iter();
        let planted = members.filter(|member| {
            let account = member.account_id.parse().ok();
            account
                .and_then(|account| events.ring_of(account))
                .is_some()
        });
        Ok(Line {
            events: count,
            links: manifest.results.get("links").copied().context("no links")?,
            entities: manifest.entities.iter().map(|counts| counts.entities).sum(),
            device_links: device.context("no devices")?.links,
            found: planted.count() as f64 / events.members() as f64,
            seconds: manifest.timings.stages.iter().map(|stage| stage.1).sum(),
            peak_bytes: manifest.timings.peak_bytes,
            stages: manifest.timings.stages,
        })
    })?;
    writeln!(out, "{}", serde_json::to_string(&line)?)?;
    Ok(())
}
