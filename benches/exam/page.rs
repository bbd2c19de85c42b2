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
    let mut text = format!(
        "cargo bench --bench exam -- --seeds {} --null-seeds {} --accounts {} --events {} --graph {}",
        args.seeds, args.null_seeds, args.accounts, args.events, args.graph
    );
    for name in &args.scenarios {
        text.push_str(" --scenario ");
        text.push_str(name.as_str());
    }
    for part in &args.parts {
        let part = format!("{part:?}").to_lowercase();
        text.push_str(&format!(" --part {part}"));
    }
    text.push_str(" --write docs");
    text
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
