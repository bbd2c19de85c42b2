//! Links lead somewhere: files, headings, and the paths of the source that pages name.

use std::fs;
use std::path::Path;

use crate::{Page, pages};

#[test]
fn every_relative_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut links = 0;
    for page in pages() {
        for target in targets(&page.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            links += 1;
            if let Err(what) = follow(&page, target) {
                wrong.push(format!("{}: {target}: {what}", page.name()));
            }
        }
    }
    assert!(links > 50, "only {links} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What stands in `](…)`.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("](").skip(1);
    after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

fn follow(page: &Page, target: &str) -> Result<(), String> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let path = if file.is_empty() {
        page.path.clone()
    } else {
        folder.join(file)
    };
    if !path.exists() {
        return Err("there is nothing".into());
    }
    if heading.is_empty() {
        return Ok(());
    }
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let found = text.lines().any(|line| {
        line.starts_with('#') && anchor(line.trim_start_matches('#').trim()) == heading
    });
    if found {
        Ok(())
    } else {
        Err("there is no such heading".into())
    }
}

/// How a heading is called in links: lower case, hyphens for spaces, no other punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

#[test]
fn paths_of_the_project_that_pages_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut named = 0;
    for page in pages() {
        for word in page.text.split('`').skip(1).step_by(2) {
            let path = word.split([' ', ':', '#']).next().unwrap_or_default();
            let ours = [
                "src/",
                "tests/",
                "graphs/",
                "fixtures/",
                "docs/",
                "benches/",
            ];
            if !ours.iter().any(|folder| path.starts_with(folder)) || path.contains(['*', '…', '<'])
            {
                continue;
            }
            named += 1;
            if !root.join(path).exists() {
                wrong.push(format!("{}: `{path}`", page.name()));
            }
        }
    }
    assert!(named > 30, "only {named} paths were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
