//! `ringsweep export`: rings as case files.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use ringsweep::publish::export::{CaseFile, CaseFormat, CsvEdges, CsvNodes, ExportFormat};
use ringsweep::publish::{open_sweep, write_beside};

/// Write rings as a graph that Gephi, Neo4j, networkx or a spreadsheet opens.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A published sweep.
    sweep: PathBuf,
    /// Ring to export; repeat it for several in one file.
    #[arg(long = "ring", value_name = "ID", required = true, num_args = 1..)]
    rings: Vec<String>,
    /// Format of the file.
    #[arg(long, value_enum)]
    format: FormatArg,
    /// File to write; standard output without it. For csv two files are written,
    /// NAME.nodes.csv and NAME.edges.csv, where standard output gets the edges alone.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Leave the entities out and keep the account-account links.
    #[arg(long)]
    accounts_only: bool,
}

#[derive(Clone, Copy)]
struct FormatArg(ExportFormat);

impl ValueEnum for FormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FormatArg; ExportFormat::ALL.len()] = {
            let mut all = [FormatArg(ExportFormat::Csv); ExportFormat::ALL.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = FormatArg(ExportFormat::ALL[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (tables, _) = open_sweep(&args.sweep)?;
    let case = CaseFile::of(&tables, &args.rings, args.accounts_only)?;
    let format = args.format.0;
    match &args.out {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            format.writer().write(&case, &mut out)?;
            out.flush()?;
        }
        Some(path) if format == ExportFormat::Csv => {
            let stem = path.with_extension("");
            let stem = if path.extension().is_some_and(|e| e == "csv") {
                &stem
            } else {
                path
            };
            write(&with_suffix(stem, ".nodes.csv"), &CsvNodes, &case)?;
            write(&with_suffix(stem, ".edges.csv"), &CsvEdges, &case)?;
        }
        Some(path) => write(path, format.writer(), &case)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, format: &dyn CaseFormat, case: &CaseFile) -> anyhow::Result<()> {
    Ok(write_beside(path, |out| format.write(case, &mut *out))?)
}

fn with_suffix(stem: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(stem);
    name.push(suffix);
    PathBuf::from(name)
}
