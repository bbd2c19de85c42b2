//! A directive's reason as a sentence: what is shared, with how many, and nothing about why.

use crate::publish::rows::EvidenceRow;
use crate::recipe::definition::Definition;

/// Entity types that a sentence goes into.
const TYPES: usize = 3;

/// What the account shares with the ring. `entities` are the ring's that the account has, strongest
/// first; each type is told once, by its strongest entity and the number of the others.
pub(super) fn sentence(entities: &[&EvidenceRow], definition: &Definition) -> String {
    let mut types: Vec<&str> = Vec::new();
    for row in entities {
        if !types.contains(&&*row.entity_type) {
            types.push(&row.entity_type);
        }
    }
    let clauses: Vec<String> = types
        .iter()
        .take(TYPES)
        .filter_map(|&name| {
            let mut rows = entities.iter().filter(|row| row.entity_type == name);
            let strongest = rows.next()?;
            let within = definition
                .entities
                .iter()
                .find(|entity| entity.name == name)
                .and_then(|entity| entity.within.as_deref());
            Some(clause(strongest, rows.count(), within))
        })
        .collect();
    match types.len() {
        0 => "Is linked to the other members of its ring; no single entity stands out.".into(),
        1..=TYPES => format!("{}.", join(&clauses)),
        more => {
            let rest = more - TYPES;
            let noun = if rest == 1 { "kind" } else { "kinds" };
            format!("{}, besides {rest} {noun} of entity more.", join(&clauses))
        }
    }
}

/// `shares device "d1" with 10 other accounts`.
fn clause(strongest: &EvidenceRow, others: usize, within: Option<&str>) -> String {
    let EvidenceRow {
        entity_type,
        entity_id,
        ..
    } = strongest;
    let accounts = counted(
        strongest.members.saturating_sub(1) as usize,
        "other account",
    );
    let more = match others {
        0 => String::new(),
        _ => format!(" and {others} more of that kind with others"),
    };
    match within {
        Some(within) => format!(
            "acted within {within} of {accounts} on \"{entity_id}\" ({entity_type}){}",
            more.replace("of that kind with others", "such moments")
        ),
        None => format!("shares {entity_type} \"{entity_id}\" with {accounts}{more}"),
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// `A`, `A and B`, `A, B and C`, with a capital.
fn join(clauses: &[String]) -> String {
    let text = match clauses {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => clauses.concat(),
    };
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}
