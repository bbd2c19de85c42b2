//! `ringsweep sweep`: the main job.

use std::path::PathBuf;
use std::process::ExitCode;

use ringsweep::lists::{AllowList, SeedList};
use ringsweep::publish::{Format, Manifest, SweepTables, open_sweep, publish_sweep};
use ringsweep::sweep::{self, Clock, Input, Settings, continuity};

use super::input::InputArgs;
use super::{lock, progress, threads};

/// Find the rings in events and publish them
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// The folder to publish; it appears when it is complete
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,

    /// Replace an earlier sweep of that name
    #[arg(long)]
    force: bool,

    /// Format of the tables
    #[arg(long, value_name = "csv|jsonl|parquet", default_value_t = Format::Csv)]
    format: Format,

    /// The sweep before this one: its rings keep their ids, and the status says what changed
    #[arg(long, value_name = "DIR")]
    previous: Option<PathBuf>,

    /// Accounts known to be bad or good: a CSV file with columns `account_id`, `label` and, if wanted, `weight` and `expires`
    #[arg(long, value_name = "FILE")]
    seeds: Option<PathBuf>,

    /// Accounts, entities and blocks of addresses that make no rings: a CSV file with columns `kind`, `value` and, if
    /// wanted, `reason`, `owner` and `expires`
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,

    /// Also keep the events as a snapshot that `sweep` and `inspect` open without reading again
    #[arg(long, value_name = "FILE")]
    save_graph: Option<PathBuf>,

    /// Print the counts of the manifest as JSON instead of for people
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let run = progress::watched()?;
    let input = Input::of(&args.input.events)?;
    let definition = args.input.definition(&input)?;
    let seeds = args.seeds.as_deref();
    let seeds = seeds
        .map(|path| SeedList::read(path, &definition.columns.account))
        .transpose()?;
    let allow = args.allow.as_deref();
    let allow = allow
        .map(|path| AllowList::read(path, &definition))
        .transpose()?;
    ringsweep::publish::check_target(&args.out, args.force)?;
    let _lock = lock::take(&args.out)?;
    let previous = args.previous.as_deref().map(open_sweep).transpose()?;
    let settings = Settings {
        seed: args.input.seed,
        memory: args.input.memory,
    };
    let mut outcome = threads::on(
        threads::count(args.input.threads),
        || -> anyhow::Result<_> {
            let mut clock = Clock::default();
            let mut loaded = clock.time("read", || {
                sweep::load(&input, &definition, args.input.renames(), &run)
            })?;
            if let Some(path) = &args.save_graph {
                clock.time("save", || sweep::save(path, &loaded, &definition))?;
            }
            sweep::know(&mut loaded, seeds.as_ref(), allow, &definition)?;
            Ok(sweep::sweep(&loaded, &definition, settings, clock, &run)?)
        },
    )??;
    if let Some((before, _)) = &previous {
        continuity::continue_from(before, &mut outcome.tables);
    }
    let manifest = publish_sweep(
        &args.out,
        &outcome.tables,
        &outcome.manifest,
        args.format,
        args.force,
    )?;
    super::print(&if args.json {
        manifest.to_json() + "\n"
    } else {
        summary(&outcome.tables, &manifest, &args.out.display().to_string())
    })?;
    // The process ends here: nobody needs millions of strings back one by one.
    std::mem::forget(outcome);
    Ok(ExitCode::SUCCESS)
}

/// What became of the lists that people keep.
fn lists(manifest: &Manifest, text: &mut String) {
    use std::fmt::Write;
    if let Some(seeds) = &manifest.seeds {
        let _ = write!(text, "seeds: {} bad, {} good", seeds.bad, seeds.good);
        let left_out = [
            (seeds.expired, "expired"),
            (seeds.allowed, "allowed"),
            (seeds.unknown, "not in the input"),
        ];
        for (count, what) in left_out.into_iter().filter(|&(count, _)| count > 0) {
            let _ = write!(text, ", {count} {what}");
        }
        text.push('\n');
    }
    if let Some(allow) = &manifest.allow {
        let with = |status: &str| {
            let entries = allow.entries.iter();
            entries.filter(|entry| entry.status == status).count()
        };
        let _ = writeln!(
            text,
            "allowed: {} applied, {} unmatched, {} expired",
            counted(with("applied") as u64, "entry"),
            with("unmatched"),
            with("expired"),
        );
    }
}

/// Rings shown to a person who just swept.
const SHOWN: usize = 10;

fn counted(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

fn summary(tables: &SweepTables, manifest: &Manifest, out: &str) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let count = |name: &str| manifest.results.get(name).copied().unwrap_or(0);
    let rows = &manifest.rows;
    let sum = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} rows read: {} accepted, {} rejected, {} filtered; {} accounts, {} links",
        rows.read,
        rows.accepted,
        sum(&rows.rejected),
        sum(&rows.filtered),
        count("accounts"),
        count("links"),
    );
    lists(manifest, &mut text);
    for (entity, reason) in &manifest.entities_off {
        let _ = writeln!(text, "off: {entity} ({reason})");
    }
    let _ = writeln!(
        text,
        "{} with {}: {} to act on, {} to review, {} to watch",
        counted(count("rings"), "ring"),
        counted(count("ring_accounts"), "account"),
        count("rings_act"),
        count("rings_review"),
        count("rings_watch"),
    );
    if !tables.rings.is_empty() {
        let _ = writeln!(
            text,
            "\n{:<17}  {:<6}  {:>5}  {:>8}  {:>8}  because of",
            "ring", "tier", "size", "bits", "q"
        );
    }
    for ring in tables.rings.iter().take(SHOWN) {
        let _ = writeln!(
            text,
            "{:<17}  {:<6}  {:>5}  {:>8.1}  {:>8.1e}  {}",
            ring.ring_id,
            ring.tier,
            ring.size,
            ring.bits,
            ring.q_value,
            ring.reasons.replace(';', ", ")
        );
    }
    if tables.rings.len() > SHOWN {
        let _ = writeln!(
            text,
            "… and {} more in rings.{}",
            tables.rings.len() - SHOWN,
            manifest.format
        );
    }
    let _ = writeln!(text, "\npublished in {out}");
    if let Some(ring) = tables.rings.first() {
        let _ = writeln!(text, "next: ringsweep explain {out} {}", ring.ring_id);
    }
    text
}
