//! From text to a checked [`Definition`]: parse, override, check; every fault points at its cause.
//!
//! The text is read twice. Serde reads it into the types and reports wrong keys and types with
//! their place; where a value has the right type and still makes no sense, the same text is read
//! as a tree with positions, only to find the place of the fault.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::check::{self, Fault};
use super::definition::Definition;
use super::error::{RecipeError, Spot};
use super::overrides::Setting;
use super::shipped;
use super::wording::reword;

impl Definition {
    /// A shipped definition by name, or any other from a TOML file.
    ///
    /// # Errors
    /// Neither a shipped name nor a readable file, or not a valid definition.
    pub fn load(name_or_path: &str) -> Result<Self, RecipeError> {
        Self::load_with(name_or_path, &[])
    }

    /// [`Self::load`] with overrides such as `entity.ip.max_accounts=500`, applied in order.
    ///
    /// # Errors
    /// As [`Self::load`], or an override that names no key or holds no valid value.
    pub fn load_with(name_or_path: &str, settings: &[String]) -> Result<Self, RecipeError> {
        if let Some(text) = shipped::text(name_or_path) {
            return Self::from_text(name_or_path, name_or_path, text, settings);
        }
        let path = Path::new(name_or_path);
        if !path.exists() {
            return Err(RecipeError::Unknown {
                name: name_or_path.to_owned(),
            });
        }
        let text = std::fs::read_to_string(path).map_err(|source| RecipeError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let name = path
            .file_stem()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        Self::from_text(&name, name_or_path, &text, settings)
    }

    /// From its text, as [`Self::to_toml`] writes it.
    ///
    /// # Errors
    /// Not a valid definition.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, RecipeError> {
        Self::from_toml_with(name, text, &[])
    }

    /// [`Self::from_toml`] with overrides, as in [`Self::load_with`].
    ///
    /// # Errors
    /// As there.
    pub fn from_toml_with(
        name: &str,
        text: &str,
        settings: &[String],
    ) -> Result<Self, RecipeError> {
        Self::from_text(name, name, text, settings)
    }

    fn from_text(
        name: &str,
        file: &str,
        text: &str,
        settings: &[String],
    ) -> Result<Self, RecipeError> {
        let mut definition: Definition =
            toml::from_str(text).map_err(|error| from_toml_error(file, text, &error))?;
        let mut table: toml::Table =
            toml::from_str(text).map_err(|error| from_toml_error(file, text, &error))?;
        let mut applied = Vec::with_capacity(settings.len());
        for text in settings {
            let setting = Setting::parse(text, &definition)?;
            definition = setting.apply(&mut table)?;
            applied.push(setting);
        }
        name.clone_into(&mut definition.name);
        check::check(&definition).map_err(|fault| blame(file, text, &applied, fault))?;
        Ok(definition)
    }

    /// The effective definition as text: what [`Self::from_toml`] reads back.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the types have nothing that TOML cannot say"
    )]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("tables, arrays, text and numbers always have a TOML form")
    }

    /// xxh3 (128 bits) of [`Self::to_toml`], 32 hex digits.
    pub fn hash(&self) -> String {
        format!(
            "{:032x}",
            xxhash_rust::xxh3::xxh3_128(self.to_toml().as_bytes())
        )
    }
}

/// Puts `fault` down to the override that caused it, or else to its place in the text.
fn blame(file: &str, text: &str, applied: &[Setting], fault: Fault) -> RecipeError {
    let Fault { paths, what, help } = fault;
    let culprit = applied
        .iter()
        .rev()
        .find(|setting| paths.iter().any(|path| setting.sets(path)));
    if let Some(setting) = culprit {
        return RecipeError::Setting {
            setting: setting.text.clone(),
            what,
            help,
        };
    }
    let span = paths.first().map_or(0..0, |path| locate(text, path));
    RecipeError::Text {
        what,
        spot: Box::new(Spot::new(file, text, span)),
        help,
    }
}

fn from_toml_error(file: &str, text: &str, error: &toml::de::Error) -> RecipeError {
    let (what, help) = reword(error.message());
    let span = error.span().unwrap_or(0..0);
    RecipeError::Text {
        what,
        spot: Box::new(Spot::new(file, text, span)),
        help,
    }
}

/// The bytes of the value at `path`, or of the innermost table on the way that is there.
fn locate(text: &str, path: &[String]) -> Range<usize> {
    let Ok(document) = DeTable::parse(text) else {
        return 0..0;
    };
    let mut table = document.get_ref();
    let mut span = 0..0;
    let mut steps = path.iter();
    while let Some(step) = steps.next() {
        let Some((_, mut value)) = table.iter().find(|(key, _)| key.get_ref() == step) else {
            return span;
        };
        while let DeValue::Array(items) = value.get_ref() {
            span = value.span();
            let index = steps.next().and_then(|step| step.parse::<usize>().ok());
            let Some(item) = index.and_then(|index| items.get(index)) else {
                return span;
            };
            value = item;
        }
        span = value.span();
        let DeValue::Table(inner) = value.get_ref() else {
            return span;
        };
        table = inner;
    }
    span
}
