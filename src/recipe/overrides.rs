//! `--set`: one key of the definition given another value on the command line.
//!
//! A setting changes the TOML document before it is read into the types, so an override is held to
//! exactly the rules that hold for the file.

use toml::{Table, Value};

use super::definition::Definition;
use super::error::RecipeError;
use super::wording::reword;

/// One parsed override.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// As given.
    pub(super) text: String,
    /// Where it goes in the document; an entity stands as its index.
    path: Vec<String>,
    value: Value,
}

impl Setting {
    /// Reads `entity.NAME.key=value`, `section.key=value` or `key=value`.
    pub(super) fn parse(text: &str, definition: &Definition) -> Result<Self, RecipeError> {
        let fault = |what: &str, help: &str| RecipeError::Setting {
            setting: text.to_owned(),
            what: what.to_owned(),
            help: Some(help.to_owned()),
        };
        let form = "write entity.NAME.key=value, section.key=value or key=value";
        let Some((key, value)) = text.split_once('=') else {
            return Err(fault("an override needs a key and a value", form));
        };
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            return Err(fault("an override needs a value", form));
        }
        let steps: Vec<&str> = key.split('.').collect();
        let path = match steps[..] {
            ["entity", name, field] => {
                let index = definition
                    .entities
                    .iter()
                    .position(|entity| entity.name == name);
                let index = index.ok_or_else(|| {
                    let names: Vec<&str> = definition
                        .entities
                        .iter()
                        .map(|entity| entity.name.as_str())
                        .collect();
                    let help = format!("its entities are {}", names.join(", "));
                    fault(&format!("the definition has no entity `{name}`"), &help)
                })?;
                vec!["entity".to_owned(), index.to_string(), field.to_owned()]
            }
            ["entity", ..] => return Err(fault("this names no key of an entity", form)),
            [key] | [_, key] if key.is_empty() => return Err(fault("this names no key", form)),
            [_] | [_, _] => steps.iter().map(|&step| step.to_owned()).collect(),
            _ => return Err(fault("this names no key", form)),
        };
        Ok(Setting {
            text: text.to_owned(),
            path,
            value: read_value(value),
        })
    }

    /// Writes the value into `document` and reads the result.
    pub(super) fn apply(&self, document: &mut Table) -> Result<Definition, RecipeError> {
        let slot = match &self.path[..] {
            [_, index, _] => index.parse().ok().and_then(|index: usize| {
                document
                    .get_mut("entity")?
                    .as_array_mut()?
                    .get_mut(index)?
                    .as_table_mut()
            }),
            [section, _] => document
                .entry(section.as_str())
                .or_insert_with(|| Value::Table(Table::new()))
                .as_table_mut(),
            _ => Some(&mut *document),
        };
        let (Some(table), Some(key)) = (slot, self.path.last()) else {
            let what = format!("`{}` is not a section", self.path[0]);
            return Err(self.fault(what, None));
        };
        table.insert(key.clone(), self.value.clone());
        document
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| {
                let (what, help) = reword(error.message());
                self.fault(what, help)
            })
    }

    /// Whether it set the value at `path` (or one inside it).
    pub(super) fn sets(&self, path: &[String]) -> bool {
        path.starts_with(&self.path)
    }

    fn fault(&self, what: String, help: Option<String>) -> RecipeError {
        RecipeError::Setting {
            setting: self.text.clone(),
            what,
            help,
        }
    }
}

/// A TOML value where `text` is one, and otherwise the text itself: `600s`, `newman`, `2026-01-01`.
fn read_value(text: &str) -> Value {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    match parsed.and_then(|mut table| {
        if table.len() == 1 {
            table.remove("value")
        } else {
            None
        }
    }) {
        None | Some(Value::Datetime(_)) => Value::String(text.to_owned()),
        Some(value) => value,
    }
}
