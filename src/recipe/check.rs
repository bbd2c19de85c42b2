//! What types cannot say about a definition: names, columns, ranges, and what goes with what.

use super::definition::{Columns, Definition, Detection, Entity, Kind, Publication, Rings, Tiers};
use super::duration;
use super::wanted::key_columns;

/// A value that has the right type and makes no sense.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where in the document, the first being the place to show; more than one when values that are
    /// fine by themselves do not go together.
    pub(super) paths: Vec<Vec<String>>,
    /// What is wrong.
    pub(super) what: String,
    /// What would be right.
    pub(super) help: Option<String>,
}

/// The first fault of `definition`, in the order of its keys.
pub(super) fn check(definition: &Definition) -> Result<(), Fault> {
    let Definition {
        name: _,
        min_participation,
        columns,
        entities,
        ..
    } = definition;
    let Definition {
        detection,
        rings,
        tiers,
        publication,
        ..
    } = definition;
    if *min_participation == 0 {
        return fault(
            &["min_participation"],
            "min_participation is 0",
            "1 keeps every account",
        );
    }
    check_columns(columns)?;
    if entities.is_empty() {
        return fault(
            &["entity"],
            "the definition has no entity",
            "add an [[entity]] section",
        );
    }
    for (index, entity) in entities.iter().enumerate() {
        let at = EntityAt {
            index: index.to_string(),
            entity,
        };
        at.name(&entities[..index])?;
        at.key(columns)?;
        at.window(columns)?;
        at.relation()?;
        at.numbers()?;
    }
    check_detection(detection)?;
    check_rings(rings)?;
    check_tiers(tiers)?;
    check_publication(publication)
}

fn fault(path: &[&str], what: impl Into<String>, help: &str) -> Result<(), Fault> {
    let path = path.iter().map(|&step| step.to_owned()).collect();
    Err(Fault {
        paths: vec![path],
        what: what.into(),
        help: Some(help.to_owned()),
    })
}

fn check_columns(columns: &Columns) -> Result<(), Fault> {
    if columns.account.is_empty() {
        return fault(
            &["columns", "account"],
            "a column needs a name",
            "give the column's name",
        );
    }
    if columns.time.as_ref().is_some_and(String::is_empty) {
        return fault(
            &["columns", "time"],
            "a column needs a name",
            "leave the line out instead",
        );
    }
    if columns.time.as_ref() == Some(&columns.account) {
        let what = format!("the column `{}` is the account already", columns.account);
        return fault(&["columns", "time"], what, "a column has one role");
    }
    Ok(())
}

/// An entity and where it stands.
struct EntityAt<'a> {
    index: String,
    entity: &'a Entity,
}

impl EntityAt<'_> {
    fn fault(&self, key: &str, what: impl Into<String>, help: &str) -> Result<(), Fault> {
        fault(&["entity", &self.index, key], what, help)
    }

    fn name(&self, before: &[Entity]) -> Result<(), Fault> {
        let name = &self.entity.name;
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.bytes().all(letters) {
            let help = "a name is lowercase letters, digits and _, and begins with a letter";
            return self.fault("name", format!("`{name}` is not a name"), help);
        }
        if before.iter().any(|other| other.name == *name) {
            let what = format!("there are two entities `{name}`");
            return self.fault("name", what, "give every entity a name of its own");
        }
        Ok(())
    }

    fn key(&self, roles: &Columns) -> Result<(), Fault> {
        let Entity {
            columns,
            optional,
            fallback,
            ..
        } = self.entity;
        if columns.is_empty() {
            return self.fault(
                "columns",
                "an entity needs a column",
                "name its key columns",
            );
        }
        for (key, list) in [
            ("columns", columns),
            ("optional", optional),
            ("fallback", fallback),
        ] {
            for (at, column) in list.iter().enumerate() {
                self.key_column(key, column, roles)?;
                let twice = list[..at].contains(column)
                    || (key == "optional"
                        && (columns.contains(column) || fallback.contains(column)));
                if twice {
                    let what = format!("the column `{column}` stands twice in the key");
                    return self.fault(key, what, "name it once");
                }
            }
        }
        Ok(())
    }

    /// A key column has a name and is neither the account nor a time.
    fn key_column(&self, key: &str, column: &String, roles: &Columns) -> Result<(), Fault> {
        if column.is_empty() {
            return self.fault(key, "a column needs a name", "give the column's name");
        }
        if *column == roles.account {
            let what = format!("the column `{column}` is the account: nobody shares it");
            return self.fault(
                key,
                what,
                "name a column whose values accounts have in common",
            );
        }
        if roles.time.as_ref() == Some(column) || self.entity.time.as_ref() == Some(column) {
            let what = format!("the column `{column}` is a time");
            return self.fault(
                key,
                what,
                "for the same moment use `within` (0s is the same instant)",
            );
        }
        Ok(())
    }

    fn window(&self, roles: &Columns) -> Result<(), Fault> {
        let Entity {
            within,
            time,
            content,
            ..
        } = self.entity;
        let Some(within) = within else {
            return match (time, content) {
                (Some(_), _) => {
                    self.fault("time", "`time` without `within`", "add within = \"60s\"")
                }
                (_, Some(_)) => self.fault(
                    "content",
                    "`content` without `within`",
                    "add within = \"60s\"",
                ),
                _ => Ok(()),
            };
        };
        if duration::micros(within).is_none() {
            let what = format!("`{within}` is not a duration");
            return self.fault("within", what, duration::EXAMPLES);
        }
        if time.is_none() && roles.time.is_none() {
            let help = "name the time under [columns], or as `time` of this entity";
            return self.fault("within", "`within` needs a time column", help);
        }
        for (key, column) in [("time", time), ("content", content)] {
            let Some(column) = column else { continue };
            if column.is_empty() {
                return self.fault(key, "a column needs a name", "leave the line out instead");
            }
            if *column == roles.account {
                let what = format!("the column `{column}` is the account already");
                return self.fault(key, what, "a column has one role");
            }
        }
        let clash = content
            .as_ref()
            .filter(|content| key_columns(self.entity).any(|c| c == *content));
        if let Some(column) = clash {
            let what = format!("`{column}` is the key: within it every content is the same");
            return self.fault(
                "content",
                what,
                "name the column that tells two posts apart",
            );
        }
        Ok(())
    }

    fn relation(&self) -> Result<(), Fault> {
        let Entity {
            kind,
            columns,
            optional,
            fallback,
            content,
            ..
        } = self.entity;
        if *kind != Kind::Relation {
            return Ok(());
        }
        let help = "a relation is one column that holds the other account's id";
        for (key, list, most) in [("columns", columns, 1), ("fallback", fallback, 1)] {
            if list.len() > most {
                return self.fault(key, format!("a relation with {} columns", list.len()), help);
            }
        }
        if !optional.is_empty() {
            return self.fault("optional", "a relation with optional columns", help);
        }
        if content.is_some() {
            return self.fault("content", "a relation with `content`", help);
        }
        Ok(())
    }

    fn numbers(&self) -> Result<(), Fault> {
        let Entity {
            max_accounts,
            min_shared,
            ..
        } = self.entity;
        if let Some(most @ 0..=1) = max_accounts {
            let what = format!("max_accounts is {most}: no link could ever be made");
            return self.fault(
                "max_accounts",
                what,
                "at least 2, or leave it out for no cap",
            );
        }
        if *min_shared == 0 {
            return self.fault("min_shared", "min_shared is 0", "1 keeps every link");
        }
        Ok(())
    }
}

fn check_detection(detection: &Detection) -> Result<(), Fault> {
    if !detection.resolution.is_finite() || detection.resolution <= 0.0 {
        let what = format!("the resolution is {}", detection.resolution);
        return fault(&["detection", "resolution"], what, "a number above 0");
    }
    if detection.rounds == 0 {
        return fault(&["detection", "rounds"], "rounds is 0", "at least 1");
    }
    Ok(())
}

fn check_rings(rings: &Rings) -> Result<(), Fault> {
    if rings.min_size < 2 {
        let what = format!("min_size is {}", rings.min_size);
        return fault(
            &["rings", "min_size"],
            what,
            "a ring has at least 2 accounts",
        );
    }
    if !rings.min_bits.is_finite() || rings.min_bits < 0.0 {
        let what = format!("min_bits is {}", rings.min_bits);
        return fault(&["rings", "min_bits"], what, "a number from 0 up");
    }
    Ok(())
}

fn check_tiers(tiers: &Tiers) -> Result<(), Fault> {
    for (key, q) in [("act_q", tiers.act_q), ("review_q", tiers.review_q)] {
        if !(q > 0.0 && q <= 1.0) {
            let what = format!("{key} is {q}");
            return fault(&["tiers", key], what, "a q-value is above 0 and at most 1");
        }
    }
    if tiers.act_q > tiers.review_q {
        let path = |key: &str| vec!["tiers".to_owned(), key.to_owned()];
        return Err(Fault {
            paths: vec![path("act_q"), path("review_q")],
            what: format!("act_q {} is above review_q {}", tiers.act_q, tiers.review_q),
            help: Some("act is the stricter tier: its q-value must be the smaller one".into()),
        });
    }
    if tiers.repetition == 0 {
        return fault(&["tiers", "repetition"], "repetition is 0", "at least 1");
    }
    Ok(())
}

fn check_publication(publication: &Publication) -> Result<(), Fault> {
    let action = &publication.action;
    let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if action.is_empty() || !action.bytes().all(fine) {
        let help = "letters, digits, - and _, such as \"review\"";
        return fault(
            &["publication", "action"],
            format!("`{action}` is not an action"),
            help,
        );
    }
    if publication.expiry_days == 0 {
        return fault(
            &["publication", "expiry_days"],
            "expiry_days is 0",
            "at least 1",
        );
    }
    Ok(())
}
