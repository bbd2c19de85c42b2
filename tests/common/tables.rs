//! Reading the tables that the command publishes.

use std::collections::BTreeMap;
use std::path::Path;

/// The rows of a CSV file, by column name.
pub(crate) fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path)
        .unwrap()
        .deserialize()
        .map(Result::unwrap)
        .collect()
}
