//! `Plan`: the request as slots that every reader fills: the account, then the keys, then the times.

use std::collections::{BTreeMap, BTreeSet};

use crate::events::error::Error;
use crate::events::request::{ReadOptions, Wanted};

/// Slot 0 is the account, slots `1 ..= keys` the key columns, the rest the time columns.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The definition's name of each slot.
    pub(super) names: Vec<String>,
    /// The input's column for each slot.
    pub(super) columns: Vec<String>,
    /// Number of key columns.
    pub(super) keys: usize,
    /// Renames that were asked for, as (name or role, column).
    asked: Vec<(String, String)>,
}

impl Plan {
    pub(super) fn new(wanted: &Wanted, options: &ReadOptions) -> Result<Self, Error> {
        let mut names = vec![wanted.account.clone()];
        names.extend(wanted.keys.iter().map(|key| key.name.clone()));
        names.extend(wanted.times.iter().cloned());
        let renames = &options.renames;
        let mut columns: Vec<String> = names
            .iter()
            .map(|name| renames.get(name).unwrap_or(name).clone())
            .collect();
        let first_time = (!wanted.times.is_empty()).then_some(wanted.keys.len() + 1);
        let roles = BTreeMap::from([("account", Some(0)), ("time", first_time)]);
        for (&role, &slot) in &roles {
            let Some(slot) = slot else { continue };
            if let Some(column) = renames.get(role)
                && !renames.contains_key(&names[slot])
            {
                columns[slot].clone_from(column);
            }
        }
        let known: BTreeSet<&str> = names
            .iter()
            .map(String::as_str)
            .chain(roles.iter().filter_map(|(&role, slot)| slot.map(|_| role)))
            .collect();
        if let Some(name) = renames.keys().find(|name| !known.contains(name.as_str())) {
            let known = known.into_iter().map(str::to_owned).collect();
            return Err(Error::UnknownRename {
                name: name.clone(),
                known,
            });
        }
        let asked = renames
            .iter()
            .map(|(name, column)| (name.clone(), column.clone()))
            .collect();
        Ok(Plan {
            names,
            columns,
            keys: wanted.keys.len(),
            asked,
        })
    }

    pub(super) fn slots(&self) -> usize {
        self.names.len()
    }

    /// The slots that hold times.
    pub(super) fn time_slots(&self) -> std::ops::Range<usize> {
        self.keys + 1..self.names.len()
    }

    /// For each slot, where its column stands in `header`; for each column, whether two have its name.
    pub(super) fn locate(
        &self,
        source: &str,
        header: &[String],
    ) -> Result<Vec<Option<usize>>, Error> {
        let mut seen = BTreeSet::new();
        if let Some(column) = header.iter().find(|column| !seen.insert(column.as_str())) {
            let (source_name, column) = (source.into(), column.clone());
            return Err(Error::DuplicateColumn {
                source_name,
                column,
            });
        }
        let fields: Vec<Option<usize>> = self
            .columns
            .iter()
            .map(|column| header.iter().position(|found| found == column))
            .collect();
        if fields[0].is_none() {
            return Err(self.no_account(source, header.to_vec()));
        }
        Ok(fields)
    }

    pub(super) fn no_account(&self, source: &str, found: Vec<String>) -> Error {
        Error::NoAccountColumn {
            source_name: source.into(),
            column: self.columns[0].clone(),
            found,
        }
    }

    /// Refuses renames that lead nowhere and inputs without any key column.
    pub(super) fn check_found(&self, found: &BTreeSet<String>) -> Result<(), Error> {
        let listed = || found.iter().cloned().collect();
        if let Some((name, column)) = self
            .asked
            .iter()
            .find(|(_, column)| !found.contains(column))
        {
            let (name, column) = (name.clone(), column.clone());
            return Err(Error::NoRenamedColumn {
                name,
                column,
                found: listed(),
            });
        }
        let wanted = &self.columns[1..=self.keys];
        if !wanted.is_empty() && !wanted.iter().any(|column| found.contains(column)) {
            return Err(Error::NoEntityColumn {
                wanted: wanted.to_vec(),
                found: listed(),
            });
        }
        Ok(())
    }
}
