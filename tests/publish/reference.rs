//! The reference page names every file and column as the code has them.

use ringsweep::publish::tables::{CellType, Row};
use ringsweep::publish::{EvidenceRow, LinkRow, MemberRow, RejectRow, RingRow, SeedRow, UseRow};
use serde_json::Value;

use crate::sample;

const PAGE: &str = include_str!("../../docs/reference/sweep-folder.md");

/// The cells of the first table under the heading `## NAME`.
fn table(name: &str) -> Vec<Vec<String>> {
    let heading = format!("## `{name}`");
    PAGE.lines()
        .skip_while(|line| *line != heading)
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.split(" | ")
                .map(|cell| cell.trim_matches(['|', ' ']).to_owned())
                .collect()
        })
        .collect()
}

fn check<R: Row>() {
    let page: Vec<(String, String)> = table(R::TABLE)
        .iter()
        .map(|cells| (cells[0].trim_matches('`').to_owned(), cells[1].clone()))
        .collect();
    let names: Vec<&str> = page.iter().map(|(name, _)| &**name).collect();
    let columns: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(names, columns, "{}", R::TABLE);
    for (column, (_, told)) in R::COLUMNS.iter().zip(&page) {
        let types: &[&str] = match column.cell_type {
            CellType::Text => &["text", "time", "list"],
            CellType::Float => &["float"],
            CellType::U32 => &["count"],
            CellType::U64 => &["large count"],
        };
        assert!(
            types.contains(&&**told),
            "{}.{} is no {told}",
            R::TABLE,
            column.name
        );
        assert_eq!(column.name.ends_with("_ts"), told == "time");
    }
    let file = format!("| `{}` |", R::TABLE);
    assert!(PAGE.contains(&file), "{file} is not among the files");
}

#[test]
fn every_column_is_told_in_its_order_with_its_type() {
    check::<MemberRow>();
    check::<RingRow>();
    check::<EvidenceRow>();
    check::<LinkRow>();
    check::<UseRow>();
    check::<SeedRow>();
    check::<RejectRow>();
}

#[test]
fn every_key_of_the_manifest_is_told() {
    let manifest: Value = serde_json::from_str(&sample::manifest().to_json()).unwrap();
    let rows = table("manifest.json");
    for (key, value) in manifest.as_object().unwrap() {
        let row = rows.iter().find(|cells| cells[0] == format!("`{key}`"));
        let told = &row.unwrap_or_else(|| panic!("{key} is not told"))[1];
        let fields = match value {
            Value::Array(items) => items[0].as_object(),
            _ if ["allow", "rows", "seeds", "timings"].contains(&&**key) => value.as_object(),
            _ => None,
        };
        for field in fields.into_iter().flat_map(|fields| fields.keys()) {
            assert!(
                told.contains(&format!("`{field}`")),
                "{key}.{field} is not told"
            );
        }
    }
    assert_eq!(rows.len(), manifest.as_object().unwrap().len());
}
