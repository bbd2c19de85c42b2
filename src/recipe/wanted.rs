//! `Wanted`: which columns of the input a definition can make use of.

use std::collections::BTreeSet;

use super::definition::{Definition, Entity, Kind};

/// The columns a reader has to look for; all but the account may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who acted.
    pub account: String,
    /// Times, the event's own first where the definition names one; the role `time` means this
    /// first one.
    pub times: Vec<String>,
    /// Columns that entities are made of, in the order the definition first names them.
    pub keys: Vec<WantedKey>,
}

/// One column that entities are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedKey {
    /// The name the definition uses.
    pub name: String,
    /// Its values are account ids (a relation reads it).
    pub accounts: bool,
}

impl Definition {
    /// Every column that some entity may use.
    pub fn wanted(&self) -> Wanted {
        let mut times: Vec<String> = self.columns.time.iter().cloned().collect();
        for time in self
            .entities
            .iter()
            .filter_map(|entity| entity.time.as_ref())
        {
            if !times.contains(time) {
                times.push(time.clone());
            }
        }
        let relations: BTreeSet<&str> = self
            .entities
            .iter()
            .filter(|entity| entity.kind == Kind::Relation)
            .flat_map(key_columns)
            .collect();
        let mut keys: Vec<WantedKey> = Vec::new();
        for name in self
            .entities
            .iter()
            .flat_map(|e| key_columns(e).chain(e.content.as_deref()))
        {
            if keys.iter().all(|key| key.name != name) {
                keys.push(WantedKey {
                    name: name.to_owned(),
                    accounts: relations.contains(name),
                });
            }
        }
        Wanted {
            account: self.columns.account.clone(),
            times,
            keys,
        }
    }
}

/// The columns that may be part of the key of `entity`.
pub(super) fn key_columns(entity: &Entity) -> impl Iterator<Item = &str> {
    entity
        .columns
        .iter()
        .chain(&entity.optional)
        .chain(&entity.fallback)
        .map(String::as_str)
}
