//! The page of the exam: its tables stand between marks and are replaced, its pictures beside it.
//!
//! A mark is `<!-- exam: NAME -->` and ends at the next `<!-- end -->`. What stands around them is
//! written by people.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Args, Results, chart, tables};

/// Below the folder of documents.
const PAGE: &str = "explanation/quality.md";
/// The pictures' folder, below the same.
const PICTURES: &str = "explanation/quality";

pub(crate) fn write(folder: &Path, args: &Args, results: &Results) -> Result<()> {
    let path = folder.join(PAGE);
    let mut page =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    for (name, table) in tables::all(results) {
        page = between_marks(&page, name, &format!("{table}"))
            .with_context(|| format!("{} has no mark for {name}", path.display()))?;
    }
    page = between_marks(
        &page,
        "command",
        &format!("```sh\n{}\n```\n", command(args)),
    )
    .with_context(|| format!("{} has no mark for the command", path.display()))?;
    let pictures = folder.join(PICTURES);
    fs::create_dir_all(&pictures)?;
    for (name, picture) in chart::all(results)? {
        fs::write(pictures.join(format!("{name}.svg")), picture)?;
    }
    fs::write(&path, page).with_context(|| path.display().to_string())
}

/// The command that made the page.
fn command(args: &Args) -> String {
    let mut words = vec![
        "cargo bench --bench exam -- --seeds".to_owned(),
        format!("{} --null-seeds {}", args.seeds, args.null_seeds),
        format!("--accounts {} --events {}", args.accounts, args.events),
        format!("--graph {}", args.graph),
    ];
    let scenarios = args.scenarios.iter().map(|name| name.as_str().to_owned());
    words.extend(scenarios.map(|name| format!("--scenario {name}")));
    let parts = args
        .parts
        .iter()
        .map(|part| format!("{part:?}").to_lowercase());
    words.extend(parts.map(|part| format!("--part {part}")));
    if args.no_baselines {
        words.push("--no-baselines".into());
    }
    words.push("--write docs".into());
    words.join(" ")
}

/// `page` with `text` between the marks of `name`; `None` where they are missing.
fn between_marks(page: &str, name: &str, text: &str) -> Option<String> {
    let (mark, end) = (format!("<!-- exam: {name} -->\n"), "<!-- end -->");
    let start = page.find(&mark)? + mark.len();
    let length = page[start..].find(end)?;
    Some(format!(
        "{}{text}{}",
        &page[..start],
        &page[start + length..]
    ))
}
