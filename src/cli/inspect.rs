//! `ringsweep inspect`: what is in the events, before anything is made of them.

use std::fmt::Write;
use std::process::ExitCode;

use ringsweep::entities::census::{Census, census, worst_offenders};
use ringsweep::entities::{EntityGraph, entities};
use ringsweep::links::Projector;
use ringsweep::publish::ids::id_text;
use ringsweep::recipe::plan;
use ringsweep::sweep::{self, Estimate, Input, Loaded, SweepError, at_most, estimate};

use super::input::InputArgs;
use super::{progress, threads};

/// Take a census of events
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Entities with the most accounts to name, per type
    #[arg(long, value_name = "N", default_value_t = 5)]
    top: usize,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let run = progress::watched()?;
    let input = Input::of(&args.input.events)?;
    let definition = args.input.definition(&input)?;
    let text = threads::on(
        threads::count(args.input.threads),
        || -> anyhow::Result<String> {
            let loaded = sweep::load(&input, &definition, args.input.renames(), &run)?;
            let plan = plan(&definition, &loaded.reading.found).map_err(SweepError::from)?;
            let graph = entities(&loaded.log, &plan);
            let census: Vec<Census> = graph.types.iter().map(census).collect();
            let search = ringsweep::communities::Search {
                detection: &definition.detection,
                relations: graph.relations(),
                seed: args.input.seed,
            };
            let thinning = search.thinning();
            let projector = Projector::new(&graph, definition.min_participation, &run)
                .map_err(SweepError::from)?;
            let expected = projector.expected(thinning);
            let links = expected.min(at_most(&graph, &census, thinning));
            let estimate = estimate(&graph, &census, links);
            Ok(if args.json {
                format!(
                    "{}\n",
                    json(&loaded, &graph, &census, &estimate, &plan.off, args.top)
                )
            } else {
                table(&loaded, &graph, &census, &estimate, &plan.off, args.top)
            })
        },
    )??;
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn offenders(graph: &EntityGraph<'_>, number: usize, top: usize) -> Vec<(String, u32)> {
    let entity_type = &graph.types[number];
    worst_offenders(entity_type, top)
        .into_iter()
        .filter(|&(_, accounts)| accounts > 1)
        .map(|(entity, accounts)| (id_text(&entity_type.keys.name(graph.log, entity)), accounts))
        .collect()
}

fn json(
    loaded: &Loaded,
    graph: &EntityGraph<'_>,
    census: &[Census],
    estimate: &Estimate,
    off: &[(String, String)],
    top: usize,
) -> serde_json::Value {
    let types = census.iter().enumerate().map(|(number, census)| {
        let worst = offenders(graph, number, top).into_iter().map(
            |(entity, accounts)| serde_json::json!({ "entity": entity, "accounts": accounts }),
        );
        serde_json::json!({
            "name": graph.types[number].plan.name,
            "entities": census.entities,
            "shared": census.shared,
            "incidences": census.incidences,
            "max_accounts": census.max_accounts,
            "cap": graph.types[number].plan.max_accounts,
            "capped_entities": census.capped_entities,
            "capped_pairs": census.capped_pairs,
            "pairs": census.pairs,
            "worst": worst.collect::<Vec<_>>(),
        })
    });
    serde_json::json!({
        "rows": loaded.reading.rows,
        "time_formats": loaded.reading.time_formats,
        "accounts": graph.log.accounts.len(),
        "entities": types.collect::<Vec<_>>(),
        "off": off.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        "estimate": {
            "pairs": estimate.pairs,
            "held_bytes": estimate.held_bytes,
            "peak_bytes": estimate.peak_bytes,
        },
    })
}

fn table(
    loaded: &Loaded,
    graph: &EntityGraph<'_>,
    census: &[Census],
    estimate: &Estimate,
    off: &[(String, String)],
    top: usize,
) -> String {
    let mut text = String::new();
    let rows = &loaded.reading.rows;
    let dropped = |counts: &std::collections::BTreeMap<String, u64>| {
        let all: u64 = counts.values().sum();
        let reasons: Vec<_> = counts
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        if all == 0 {
            "0".to_owned()
        } else {
            format!("{all} ({})", reasons.join(", "))
        }
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} rows: {} accepted, {} rejected, {} filtered; {} accounts",
        rows.read,
        rows.accepted,
        dropped(&rows.rejected),
        dropped(&rows.filtered),
        graph.log.accounts.len(),
    );
    for (column, format) in &loaded.reading.time_formats {
        let _ = writeln!(text, "time {column}: {format}");
    }
    let _ = writeln!(
        text,
        "\n{:<26}{:>11}{:>11}{:>11}{:>9}{:>14}{:>8}{:>14}",
        "entity", "distinct", "shared", "uses", "largest", "pairs", "capped", "pairs dropped"
    );
    for (entity_type, census) in graph.types.iter().zip(census) {
        let _ = writeln!(
            text,
            "{:<26}{:>11}{:>11}{:>11}{:>9}{:>14}{:>8}{:>14}",
            entity_type.plan.name,
            census.entities,
            census.shared,
            census.incidences,
            census.max_accounts,
            census.pairs,
            census.capped_entities,
            census.capped_pairs,
        );
    }
    for (entity, reason) in off {
        let _ = writeln!(text, "{entity:<26}off: {reason}");
    }
    for number in 0..graph.types.len() {
        let worst = offenders(graph, number, top);
        if !worst.is_empty() {
            let named: Vec<_> = worst
                .iter()
                .map(|(entity, accounts)| format!("{entity} ({accounts})"))
                .collect();
            let _ = writeln!(
                text,
                "\nmost accounts, {}: {}",
                graph.types[number].plan.name,
                named.join(", ")
            );
        }
    }
    let _ = writeln!(
        text,
        "\na sweep would make at most {} pairs and take about {:.0} MB",
        estimate.pairs,
        estimate.peak_bytes as f64 / 1e6
    );
    text
}
