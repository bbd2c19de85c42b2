//! `ringsweep cluster`: a raw community kernel on any edge list.

use std::cell::LazyCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use ringsweep::base::run::{Interrupted, Run};
use ringsweep::kernels::cdlp::{Cdlp, cdlp};
use ringsweep::kernels::components::{Components, components};
use ringsweep::kernels::label_propagation::{LabelPropagation, label_propagation};
use ringsweep::kernels::leiden::{Leiden, leiden};
use ringsweep::kernels::louvain::{Louvain, louvain};
use ringsweep::kernels::objective::Objective;
use ringsweep::kernels::quality::quality;
use ringsweep::links::from_edge_list::{EdgeList, EdgeMeaning, read_edge_list};
use ringsweep::publish::write_beside;
use ringsweep::sparse::partition::Partition;

use super::progress;

/// Finds communities in an edge list: `u v [w]`, parted by spaces, tabs or commas
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Edge list; `#` and `%` begin comments, a header line is skipped, `.gz` and `.zst` are unpacked
    edges: PathBuf,
    /// The kernel to run
    #[arg(long, value_enum)]
    algorithm: Algorithm,
    /// Where `node,label` goes, sorted by node; `-` is stdout
    #[arg(long, default_value = "-")]
    out: PathBuf,
    /// Count a neighbour linked in both directions twice (cdlp); others look past directions
    #[arg(long)]
    directed: bool,
    /// Nodes that may have no edge, one a line
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// Rounds: exactly so many for cdlp [default: 10], at most for label-propagation [default: 100]
    #[arg(long)]
    rounds: Option<u32>,
    /// Larger means smaller communities; with cpm: edge weight per pair of nodes
    #[arg(long, default_value_t = 1.0)]
    resolution: f64,
    /// What louvain and leiden maximise
    #[arg(long, value_enum, default_value_t = Goal::Modularity)]
    objective: Goal,
    /// Seed of ties and orders
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; 0 is one per core. The answer is the same for any number
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// How often to run the kernel, for timing
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Print times, modularity and the number of communities as the last line on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Algorithm {
    Components,
    Cdlp,
    LabelPropagation,
    Louvain,
    Leiden,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Goal {
    Modularity,
    Cpm,
}

/// A kernel's answer.
struct Answer {
    partition: Partition,
    labels: Labels,
}

/// What a node's group is called.
enum Labels {
    /// By its number.
    Numbers,
    /// After its smallest node.
    SmallestNodes,
    /// After a node that the kernel chose, by node.
    Chosen(Vec<u32>),
}

#[derive(serde::Serialize)]
struct Report {
    load_s: f64,
    algo_s: Vec<f64>,
    modularity: f64,
    communities: usize,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    check(args)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()?;
    let run = progress::watched()?;
    let start = Instant::now();
    let list =
        pool.install(|| read_edge_list(&args.edges, args.nodes.as_deref(), meaning(args), &run))?;
    let load_s = start.elapsed().as_secs_f64();
    let mut algo_s = Vec::new();
    let mut answer = None;
    for _ in 0..args.runs {
        let start = Instant::now();
        answer = Some(pool.install(|| solve(args, &list, &run))?);
        algo_s.push(start.elapsed().as_secs_f64());
    }
    let answer = answer.context("no run was asked for")?;
    write(&args.out, &table(&list, &answer))?;
    if args.json {
        let modularity =
            pool.install(|| quality(&list.graph, &answer.partition, Objective::Modularity, 1.0));
        let communities = answer.partition.communities();
        let report = Report {
            load_s,
            algo_s,
            modularity,
            communities,
        };
        super::print(&(serde_json::to_string(&report)? + "\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with the request, before an hour of work shows it.
fn check(args: &Args) -> anyhow::Result<()> {
    ensure!(
        args.resolution.is_finite() && args.resolution >= 0.0,
        "--resolution is {}: give a number that is not negative",
        args.resolution
    );
    if let Some(parent) = args
        .out
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        ensure!(
            parent.is_dir(),
            "--out: the folder {} does not exist",
            parent.display()
        );
    }
    Ok(())
}

fn meaning(args: &Args) -> EdgeMeaning {
    match args.algorithm {
        Algorithm::Cdlp if args.directed => EdgeMeaning::Directed,
        Algorithm::Cdlp | Algorithm::Components => EdgeMeaning::Plain,
        Algorithm::LabelPropagation | Algorithm::Louvain | Algorithm::Leiden => {
            EdgeMeaning::Weighted
        }
    }
}

fn solve(args: &Args, list: &EdgeList, run: &Run) -> Result<Answer, Interrupted> {
    let graph = &list.graph;
    let seed = args.seed;
    let (objective, resolution) = match args.objective {
        Goal::Modularity => (Objective::Modularity, args.resolution),
        Goal::Cpm => (
            Objective::ConstantPotts,
            args.resolution * f64::from(list.weight_scale),
        ),
    };
    let numbered = |partition| Answer {
        partition,
        labels: Labels::Numbers,
    };
    Ok(match args.algorithm {
        Algorithm::Components => Answer {
            partition: components(graph, &Components::default(), run)?.0,
            labels: Labels::SmallestNodes,
        },
        Algorithm::Cdlp => {
            let rounds = args.rounds.unwrap_or(Cdlp::default().rounds);
            let (labels, _) = cdlp(graph, &Cdlp { rounds }, run)?;
            Answer {
                partition: Partition::from_labels(labels.clone()),
                labels: Labels::Chosen(labels),
            }
        }
        Algorithm::LabelPropagation => {
            let rounds = args.rounds.unwrap_or(LabelPropagation::default().rounds);
            numbered(label_propagation(graph, &LabelPropagation { rounds, seed }, run)?.0)
        }
        Algorithm::Louvain => {
            let params = Louvain {
                objective,
                resolution,
                seed,
                ..Louvain::default()
            };
            numbered(louvain(graph, &params, run)?.0)
        }
        Algorithm::Leiden => {
            let params = Leiden {
                objective,
                resolution,
                seed,
                ..Leiden::default()
            };
            numbered(leiden(graph, &params, run)?.0)
        }
    })
}

/// The smallest node of every community, which are numbered in that order.
fn smallest_nodes(partition: &Partition) -> Vec<u32> {
    let mut smallest = Vec::with_capacity(partition.communities());
    for (node, &community) in (0..).zip(partition.labels()) {
        if community as usize == smallest.len() {
            smallest.push(node);
        }
    }
    smallest
}

fn table(list: &EdgeList, answer: &Answer) -> Vec<u8> {
    let smallest = LazyCell::new(|| smallest_nodes(&answer.partition));
    let mut out = b"node,label\n".to_vec();
    for (node, &community) in (0..).zip(answer.partition.labels()) {
        list.names.write(node, &mut out);
        out.push(b',');
        match &answer.labels {
            Labels::Numbers => out.extend_from_slice(community.to_string().as_bytes()),
            Labels::SmallestNodes => list.names.write(smallest[community as usize], &mut out),
            Labels::Chosen(nodes) => list.names.write(nodes[node as usize], &mut out),
        }
        out.push(b'\n');
    }
    out
}

/// Beside its final name first, so that nobody sees half a table.
fn write(path: &Path, table: &[u8]) -> anyhow::Result<()> {
    if path == Path::new("-") {
        std::io::stdout().write_all(table)?;
        return Ok(());
    }
    Ok(write_beside(path, |out| out.write_all(table))?)
}
