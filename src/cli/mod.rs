//! The commands: the library's first customer. Each file is one command and holds no logic of the engine.

mod cluster;
mod completions;
mod evaluate;
mod explain;
mod export;
mod feed;
mod inspect;
mod links;
mod simulate;
mod sweep;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Finds fraud rings in interaction events and explains each one.
#[derive(Parser)]
#[command(name = "ringsweep", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sweep(sweep::Args),
    Links(links::Args),
    Cluster(cluster::Args),
    Evaluate(evaluate::Args),
    Explain(explain::Args),
    Export(export::Args),
    Feed(feed::Args),
    Simulate(simulate::Args),
    Inspect(inspect::Args),
    Completions(completions::Args),
}

pub(crate) fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Sweep(args) => sweep::run(&args),
        Command::Links(args) => links::run(&args),
        Command::Cluster(args) => cluster::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Feed(args) => feed::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Completions(args) => completions::run(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
