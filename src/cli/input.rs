//! The arguments that every command with events shares: which events, read how, under which definition.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use ringsweep::recipe::{Definition, shipped};
use ringsweep::sweep::Input;

use super::door::Failure;

/// Events and how they are read.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct InputArgs {
    /// Files, folders or globs of CSV, TSV, NDJSON or Parquet (.gz and .zst too), or - for stdin
    #[arg(value_name = "EVENTS", required = true)]
    pub(crate) events: Vec<PathBuf>,

    /// Graph definition: engagement, signup, coshare, or a TOML file
    #[arg(long, short, value_name = "NAME|FILE", env = "RINGSWEEP_GRAPH")]
    pub(crate) graph: Option<String>,

    /// A column's name in the input: by role (account, time) or by the definition's name
    #[arg(long = "column", value_name = "NAME=COLUMN", value_delimiter = ',', value_parser = column)]
    pub(crate) columns: Vec<(String, String)>,

    /// Give a key of the definition another value, e.g. `entity.ip.max_accounts=500`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,

    /// Threads to work on; all by default. The result is the same for any number
    #[arg(long, value_name = "N", env = "RINGSWEEP_THREADS")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Memory to stay below, such as 8GiB or 500MB
    #[arg(long, value_name = "SIZE", value_parser = bytes, env = "RINGSWEEP_MEMORY")]
    pub(crate) memory: Option<u64>,

    /// Seed of every random choice
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

impl InputArgs {
    /// From the definition's names, or the roles, to the column names of the input.
    pub(crate) fn renames(&self) -> BTreeMap<String, String> {
        self.columns.iter().cloned().collect()
    }

    /// The definition that the arguments ask for, overrides applied; a snapshot brings its own where
    /// none is named.
    pub(crate) fn definition(&self, input: &Input) -> anyhow::Result<Definition> {
        let Some(graph) = &self.graph else {
            if let Input::Snapshot(path) = input {
                let (_, origin) = ringsweep::store::open(path)?;
                return Ok(Definition::from_toml_with(
                    &origin.graph,
                    &origin.definition,
                    &self.settings,
                )?);
            }
            let names: Vec<&str> = shipped::names().collect();
            let help = format!(
                "add --graph with a TOML file or one of {}",
                names.join(", ")
            );
            return Err(Failure::request("the events need a graph definition")
                .help(help)
                .into());
        };
        Ok(Definition::load_with(graph, &self.settings)?)
    }
}

/// `name=column`.
pub(crate) fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, column)) if !name.trim().is_empty() && !column.is_empty() => {
            Ok((name.trim().to_owned(), column.to_owned()))
        }
        _ => Err("write NAME=COLUMN, such as account=uid".into()),
    }
}

/// A number of bytes with an optional unit: powers of 1024 with an `i` (`8GiB`), of 1000 without.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    const HELP: &str = "write a whole number with a unit, such as 8GiB, 512MiB or 500MB";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().map_err(|_| HELP)?;
    let unit = text[digits..].trim_start().to_ascii_lowercase();
    let (prefix, base) = match unit.strip_suffix("ib") {
        Some(prefix) => (prefix, 1024u64),
        None => (unit.strip_suffix('b').unwrap_or(&unit), 1000),
    };
    let power = match prefix {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return Err(HELP.into()),
    };
    let bytes = number
        .checked_mul(base.pow(power))
        .ok_or("that is more than 64 bits can count")?;
    if bytes == 0 {
        Err("0 bytes are not enough for anything".into())
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Probe {
        #[command(flatten)]
        input: InputArgs,
    }

    fn parse(line: &str) -> Result<InputArgs, String> {
        Probe::try_parse_from(std::iter::once("x").chain(line.split_whitespace()))
            .map(|probe| probe.input)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn reads_lists_repeats_and_defaults() {
        let input = parse(
            "a.csv - --column account=uid,time=at --column ip=addr=v4 --set x=[1,2] --memory 8GiB",
        )
        .unwrap();
        let columns: Vec<_> = input
            .columns
            .iter()
            .map(|(name, column)| (name.as_str(), column.as_str()))
            .collect();
        assert_eq!(
            columns,
            [("account", "uid"), ("time", "at"), ("ip", "addr=v4")]
        );
        assert_eq!(input.settings, ["x=[1,2]"]);
        assert_eq!(input.memory, Some(8 << 30));
        assert_eq!((input.seed, input.events.len()), (0, 2));
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        for line in [
            "",
            "a --threads 0",
            "a --seed -1",
            "a --column account",
            "a --column =uid",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("1024"), Ok(1024));
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert_eq!(bytes("500 mib"), Ok(500 << 20));
        assert_eq!(bytes("2T"), Ok(2_000_000_000_000));
        for text in [
            "",
            "GiB",
            "-1",
            "1.5GiB",
            "8XB",
            "8GiBs",
            "0",
            "99999999999TiB",
            "é",
        ] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
