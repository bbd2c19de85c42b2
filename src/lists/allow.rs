//! The allow list: what makes no links and is no evidence, with who answers for it and until when.

use std::path::Path;

use crate::lists::allow_value::AllowValue;
use crate::lists::error::ListError;
use crate::lists::sheet::{ListFile, Sheet};
use crate::recipe::Definition;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An account.
    Account,
    /// An entity of this type, by its place in [`Definition::entities`].
    Entity(usize),
}

/// One row of an allow list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowEntry {
    /// `account`, or the definition's name of the entity type.
    pub kind: String,
    /// What that means.
    pub subject: Subject,
    /// Which one, as written; for entities also a block of addresses.
    pub value: Vec<u8>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// When it stops to hold, microseconds.
    pub expires: Option<i64>,
    /// 1-based, the header not counted.
    pub row: u64,
}

/// An allow list as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    /// The file.
    pub file: ListFile,
    /// Its entries in file order.
    pub entries: Vec<AllowEntry>,
}

impl AllowList {
    /// Reads the file at `path`: columns `kind` and `value`, and where they are there `reason`, `owner` and
    /// `expires`; other columns are the keeper's own. Kinds are those of `definition`.
    ///
    /// # Errors
    /// [`ListError`] at the first thing that cannot be understood.
    pub fn read(path: &Path, definition: &Definition) -> Result<Self, ListError> {
        let sheet = Sheet::read(path)?;
        let kind = Some(sheet.column(&["kind"])?);
        let value = Some(sheet.column(&["value"])?);
        let reason = sheet.optional(&["reason"]);
        let owner = sheet.optional(&["owner"]);
        let expires = sheet.optional(&["expires"]);
        let mut entries = Vec::new();
        for row in sheet.rows() {
            let kind = row.text(kind);
            let subject = subject(&kind, definition).ok_or_else(|| {
                row.wrong(format!(
                    "`{kind}` is no kind: it is one of {}",
                    kinds(definition)
                ))
            })?;
            let value = row.cell(value);
            if value.is_empty() {
                return Err(row.wrong("the value is empty"));
            }
            if let Subject::Entity(_) = subject
                && let Err(what) = AllowValue::of(value)
            {
                return Err(row.wrong(what));
            }
            entries.push(AllowEntry {
                kind,
                subject,
                value: value.to_vec(),
                reason: row.text(reason),
                owner: row.text(owner),
                expires: row.time(expires)?,
                row: row.number,
            });
        }
        Ok(AllowList {
            file: sheet.file,
            entries,
        })
    }
}

/// `account` is the account even where a definition has an entity of that name.
fn subject(kind: &str, definition: &Definition) -> Option<Subject> {
    if kind == "account" {
        return Some(Subject::Account);
    }
    let entities = &definition.entities;
    let index = entities.iter().position(|entity| entity.name == kind)?;
    Some(Subject::Entity(index))
}

fn kinds(definition: &Definition) -> String {
    let names = definition
        .entities
        .iter()
        .map(|entity| entity.name.as_str());
    let all: Vec<&str> = std::iter::once("account").chain(names).collect();
    all.join(", ")
}
