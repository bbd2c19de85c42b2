//! The plan: which entities can be built from the columns that the input has.

use std::collections::BTreeSet;

use super::definition::{Definition, Entity, Kind, WeightRule};
use super::error::RecipeError;

/// What is built from an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The entities that are on, in the definition's order; at least one.
    pub entities: Vec<EntityPlan>,
    /// The entities that are off, with the reason.
    pub off: Vec<(String, String)>,
}

/// One entity that is built, with everything optional decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityPlan {
    /// Its place in [`Definition::entities`].
    pub index: usize,
    /// Its name.
    pub name: String,
    /// The kind of evidence it gives.
    pub kind: Kind,
    /// The columns that together are its key, optional ones that exist included; all are in the input.
    pub columns: Vec<String>,
    /// How many of `columns`, from the left, must not be empty for a row to have the entity.
    pub required: usize,
    /// Microseconds that two actions may be apart (closed); `None` when it is not windowed.
    pub within_micros: Option<i64>,
    /// The time column of a windowed entity, always in the input; `None` when it is not windowed.
    pub time: Option<String>,
    /// See [`Entity::content`]; in the input.
    pub content: Option<String>,
    /// See [`Entity::max_accounts`].
    pub max_accounts: Option<u32>,
    /// See [`Entity::min_shared`].
    pub min_shared: u32,
    /// See [`Entity::weight`].
    pub weight: WeightRule,
}

/// Decides what is built when the input has the columns `found` (by the definition's names).
///
/// # Errors
/// No entity can be built.
pub fn plan(definition: &Definition, found: &BTreeSet<String>) -> Result<Plan, RecipeError> {
    let mut plan = Plan {
        entities: Vec::new(),
        off: Vec::new(),
    };
    for (index, entity) in definition.entities.iter().enumerate() {
        match plan_entity(definition, index, entity, found) {
            Ok(entity) => plan.entities.push(entity),
            Err(reason) => plan.off.push((entity.name.clone(), reason)),
        }
    }
    if plan.entities.is_empty() {
        return Err(RecipeError::NothingOn {
            graph: definition.name.clone(),
            off: plan.off,
        });
    }
    Ok(plan)
}

/// The plan of one entity, or the reason why it is off.
fn plan_entity(
    definition: &Definition,
    index: usize,
    entity: &Entity,
    found: &BTreeSet<String>,
) -> Result<EntityPlan, String> {
    let mut columns = key_of(entity, found)?;
    let required = columns.len();
    columns.extend(
        entity
            .optional
            .iter()
            .filter(|&name| found.contains(name))
            .cloned(),
    );
    let mut time = None;
    if entity.within.is_some() {
        let column = entity.time.as_ref().or(definition.columns.time.as_ref());
        let column = column.ok_or("the definition names no time column")?;
        require(column, found)?;
        time = Some(column.clone());
    }
    if let Some(content) = &entity.content {
        require(content, found)?;
    }
    Ok(EntityPlan {
        index,
        name: entity.name.clone(),
        kind: entity.kind,
        columns,
        required,
        within_micros: entity.within_micros(),
        time,
        content: entity.content.clone(),
        max_accounts: entity.max_accounts,
        min_shared: entity.min_shared,
        weight: entity.weight,
    })
}

/// The key columns, or their fallback where the input lacks one of them.
fn key_of(entity: &Entity, found: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let all = |columns: &[String]| columns.iter().try_for_each(|column| require(column, found));
    match (all(&entity.columns), all(&entity.fallback)) {
        (Ok(()), _) => Ok(entity.columns.clone()),
        (Err(_), Ok(())) if !entity.fallback.is_empty() => Ok(entity.fallback.clone()),
        (Err(reason), Err(also)) => Err(format!("{reason}, and {also}")),
        (Err(reason), Ok(())) => Err(reason),
    }
}

fn require(column: &str, found: &BTreeSet<String>) -> Result<(), String> {
    if found.contains(column) {
        Ok(())
    } else {
        Err(format!("column {column} is not in the input"))
    }
}
