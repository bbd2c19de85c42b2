//! The commands: the library's first customer. Each file is one command and holds no logic of the engine.

mod door;
mod input;
mod lock;
mod progress;
mod threads;

mod sweep;
mod links;
mod cluster;
mod evaluate;
mod explain;
mod export;
mod feed;
mod simulate;
mod inspect;
mod completions;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Finds fraud rings in interaction events and explains each one.
#[derive(Parser)]
#[command(name = "ringsweep", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 done and a limit you set was reached, 2 the request is wrong, 3 the data is
wrong, 4 a resource ran out, 75 the lock is held (try later), 130 interrupted.
Results go to stdout or files, everything else to stderr.";

#[derive(Subcommand)]
enum Command {
    /// Find the rings in events and publish them as a folder of tables
    #[command(after_help = "\
Examples:
  ringsweep sweep events.csv --graph engagement --out sweeps/today
  ringsweep sweep 'logs/*.csv.gz' --graph signup --out sweeps/today --previous sweeps/yesterday
  ringsweep sweep - --graph engagement --column account=uid,time=created_at --out sweep < events.csv
  ringsweep sweep events.parquet --graph mine.toml --set entity.ip.max_accounts=500 --out sweep")]
    Sweep(sweep::Args),
    /// Write the account-account link table alone
    #[command(after_help = "\
Examples:
  ringsweep links events.csv --graph engagement --out links.csv
  ringsweep links shares.csv --graph coshare --set entity.object.within=600s --out links.csv
  ringsweep links events.csv --graph engagement --out links.csv --runs 3 --json")]
    Links(links::Args),
    /// Run one community kernel on an edge list
    #[command(after_help = "\
Examples:
  ringsweep cluster edges.csv --algorithm leiden --out labels.csv
  ringsweep cluster graph.el --algorithm cdlp --directed --rounds 10 --out labels.csv
  ringsweep cluster graph.el --algorithm leiden --objective cpm --resolution 0.05 --out labels.csv")]
    Cluster(cluster::Args),
    /// Compare a sweep with known truth: precision, recall, F1 for accounts and rings
    #[command(after_help = "\
Examples:
  ringsweep evaluate sweeps/today --truth truth.csv
  ringsweep evaluate sweeps/today --truth truth.csv --json")]
    Evaluate(evaluate::Args),
    /// Say why a ring was found, or why an account is in one, and what would undo it
    #[command(after_help = "\
Examples:
  ringsweep explain sweeps/today R0123456789abcdef
  ringsweep explain sweeps/today account-4711")]
    Explain(explain::Args),
    /// Write case files of rings for other tools
    #[command(after_help = "\
Examples:
  ringsweep export sweeps/today --ring R0123456789abcdef --format gexf --out case.gexf
  ringsweep export sweeps/today --ring R0123456789abcdef --format csv --out case")]
    Export(export::Args),
    /// Write the enforcement feed of a sweep
    #[command(after_help = "\
Examples:
  ringsweep feed sweeps/today")]
    Feed(feed::Args),
    /// Make events with planted rings, and the truth about them
    #[command(after_help = "\
Examples:
  ringsweep simulate mixed --out world
  ringsweep sweep world/events.csv --graph engagement --out sweep
  ringsweep evaluate sweep --truth world/truth.csv")]
    Simulate(simulate::Args),
    /// Take a census of events: degrees, hubs, worst offenders, pairs and memory to expect
    #[command(after_help = "\
Examples:
  ringsweep inspect events.csv --graph engagement
  ringsweep inspect events.snapshot")]
    Inspect(inspect::Args),
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  ringsweep completions bash > ~/.local/share/bash-completion/completions/ringsweep
  ringsweep completions zsh > \"${fpath[1]}/_ringsweep\"
  ringsweep completions fish > ~/.config/fish/completions/ringsweep.fish")]
    Completions(completions::Args),
}

/// Results go to stdout; a closed pipe comes back as an error that the door knows.
fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    std::io::stdout().lock().write_all(text.as_bytes())
}

pub(crate) fn main() -> ExitCode {
    door::leave(match Cli::parse().command {
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
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_shows_examples_and_no_two_options_clash() {
        let command = Cli::command();
        command.clone().debug_assert();
        for command in command.get_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                help.contains(&format!("ringsweep {}", command.get_name())),
                "{command}"
            );
        }
    }
}
