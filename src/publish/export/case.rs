//! The case file: the accounts of some rings, what they share, and who used what, as one graph.
//!
//! Accounts and entities have ids of their own (`a:ACCOUNT`, `e:TYPE:ENTITY`; a type holds no
//! colon), so an address that is also somebody's name stays two nodes. Account–account edges are
//! links, account–entity edges are uses. Where rings overlap, a node or an edge appears once.

use std::collections::HashMap;
use std::hash::Hash;

use super::super::nearest::{nearest, suggestion};
use super::super::rows::{EvidenceRow, LinkRow, MemberRow, SEED_LIST, SweepTables, UseRow};

/// A graph to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseFile {
    /// The rings in it.
    pub rings: Vec<String>,
    /// Accounts in the order of `members`, then entities in the order of `evidence`.
    pub nodes: Vec<Node>,
    /// Links in the order of `links`, then uses in the order of `uses`.
    pub edges: Vec<Edge>,
}

/// An account or an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Unique in the graph.
    pub id: String,
    /// What to show.
    pub label: String,
    /// Values in the order of [`Node::ATTRIBUTES`], absent where they do not apply.
    pub attributes: Vec<Option<Value>>,
}

/// An undirected edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Unique in the graph.
    pub id: String,
    /// Place of one end in `nodes`.
    pub source: usize,
    /// Place of the other.
    pub target: usize,
    /// Above zero: a link's weight, or the number of events of a use.
    pub weight: f64,
    /// Values in the order of [`Edge::ATTRIBUTES`], absent where they do not apply.
    pub attributes: Vec<Option<Value>>,
}

/// An attribute's value.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Text.
    Text(String),
    /// A count.
    Whole(u32),
    /// A measure.
    Real(f64),
}

/// An attribute's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Of [`Value::Text`].
    Text,
    /// Of [`Value::Whole`].
    Whole,
    /// Of [`Value::Real`].
    Real,
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Whole(count) => count.fmt(f),
            // The shortest decimal that reads back, with a fraction so that it stays a measure.
            Value::Real(value) => write!(f, "{value:?}"),
        }
    }
}

impl Node {
    /// Names and types of a node's attributes.
    pub const ATTRIBUTES: [(&str, ValueType); 8] = [
        ("kind", ValueType::Text),
        ("ring", ValueType::Text),
        ("tier", ValueType::Text),
        ("score", ValueType::Real),
        ("role", ValueType::Text),
        ("entity_type", ValueType::Text),
        ("accounts", ValueType::Whole),
        ("bits", ValueType::Real),
    ];

    /// The attributes it has, by name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        present(&Self::ATTRIBUTES, &self.attributes)
    }
}

impl Edge {
    /// Names and types of an edge's attributes beside its weight.
    pub const ATTRIBUTES: [(&str, ValueType); 3] = [
        ("relation", ValueType::Text),
        ("shared", ValueType::Whole),
        ("co_actions", ValueType::Whole),
    ];

    /// The attributes it has, by name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        present(&Self::ATTRIBUTES, &self.attributes)
    }
}

fn present<'a>(
    names: &'static [(&'static str, ValueType)],
    values: &'a [Option<Value>],
) -> impl Iterator<Item = (&'static str, &'a Value)> {
    let pairs = names.iter().zip(values);
    pairs.filter_map(|(&(name, _), value)| value.as_ref().map(|value| (name, value)))
}

/// Why there is no case file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The sweep has no such ring.
    #[error("the sweep has no ring `{ring}`{}", suggestion(nearest))]
    UnknownRing {
        /// What was asked for.
        ring: String,
        /// Rings of nearly that name.
        nearest: Vec<String>,
    },
}

impl CaseFile {
    /// The graph of `rings`; `accounts_only` leaves the entities out.
    ///
    /// # Errors
    /// [`CaseError::UnknownRing`] for the first ring that the sweep does not have.
    pub fn of(
        tables: &SweepTables,
        rings: &[String],
        accounts_only: bool,
    ) -> Result<Self, CaseError> {
        let known = || tables.rings.iter().map(|row| &*row.ring_id);
        if let Some(ring) = rings.iter().find(|&ring| !known().any(|id| id == ring)) {
            let nearest = nearest(ring, known());
            return Err(CaseError::UnknownRing {
                ring: ring.clone(),
                nearest,
            });
        }
        let asked = |ring: &String| rings.contains(ring);
        let members = first_of_each(
            tables.members.iter().filter(|row| asked(&row.ring_id)),
            |row| &*row.account_id,
        );
        let mut case = CaseFile {
            rings: known()
                .filter(|id| rings.iter().any(|ring| ring == id))
                .map(Into::into)
                .collect(),
            ..CaseFile::default()
        };
        let mut accounts: HashMap<&str, usize> = HashMap::new();
        for rows in &members {
            accounts.insert(&rows[0].account_id, case.nodes.len());
            case.nodes.push(account_node(rows));
        }
        let links = first_of_each(
            tables.links.iter().filter(|row| asked(&row.ring_id)),
            |row| (&*row.account_a, &*row.account_b),
        );
        for rows in &links {
            let ends = (
                accounts.get(&*rows[0].account_a),
                accounts.get(&*rows[0].account_b),
            );
            if let (Some(&source), Some(&target)) = ends {
                case.push(link_edge(rows, source, target));
            }
        }
        if !accounts_only {
            case.push_entities(tables, &asked, &accounts);
        }
        Ok(case)
    }

    /// Adds the entities that speak for the rings, and who used them.
    fn push_entities(
        &mut self,
        tables: &SweepTables,
        asked: &dyn Fn(&String) -> bool,
        accounts: &HashMap<&str, usize>,
    ) {
        // What seeds say is about accounts and no entity.
        let evidence = tables
            .evidence
            .iter()
            .filter(|row| asked(&row.ring_id) && row.entity_type != SEED_LIST);
        let mut entities: HashMap<(&str, &str), usize> = HashMap::new();
        for rows in first_of_each(evidence, |row| (&*row.entity_type, &*row.entity_id)) {
            entities.insert((&rows[0].entity_type, &rows[0].entity_id), self.nodes.len());
            self.nodes.push(entity_node(&rows));
        }
        let uses = tables.uses.iter().filter(|row| asked(&row.ring_id));
        for rows in first_of_each(uses, |row| {
            (&*row.account_id, &*row.entity_type, &*row.entity_id)
        }) {
            let row = rows[0];
            let entity = entities.get(&(&*row.entity_type, &*row.entity_id));
            if let (Some(&source), Some(&target)) = (accounts.get(&*row.account_id), entity) {
                self.push(use_edge(&rows, source, target));
            }
        }
    }

    /// Adds an edge unless it is a loop or weighs nothing.
    fn push(&mut self, edge: Edge) {
        if edge.source != edge.target && edge.weight > 0.0 {
            let id = format!("l{}", self.edges.len());
            self.edges.push(Edge { id, ..edge });
        }
    }
}

/// Rows with the same key together, groups in the order of their first rows.
fn first_of_each<'a, R, K: Hash + Eq>(
    rows: impl Iterator<Item = &'a R>,
    key: impl Fn(&'a R) -> K,
) -> Vec<Vec<&'a R>> {
    let mut groups: Vec<Vec<&R>> = Vec::new();
    let mut place = HashMap::new();
    for row in rows {
        let at = *place.entry(key(row)).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Vec::new());
        }
        groups[at].push(row);
    }
    groups
}

/// An account of several rings stands with its first row, which is of the strongest of them.
fn account_node(rows: &[&MemberRow]) -> Node {
    let row = rows[0];
    let rings: Vec<&str> = rows.iter().map(|row| &*row.ring_id).collect();
    Node {
        id: format!("a:{}", row.account_id),
        label: row.account_id.clone(),
        attributes: vec![
            Some(Value::Text("account".into())),
            Some(Value::Text(rings.join(";"))),
            Some(Value::Text(row.tier.clone())),
            Some(Value::Real(row.score)),
            Some(Value::Text(row.role.clone())),
            None,
            None,
            None,
        ],
    }
}

/// An entity of several rings has their bits together.
fn entity_node(rows: &[&EvidenceRow]) -> Node {
    let row = rows[0];
    let rings: Vec<&str> = rows.iter().map(|row| &*row.ring_id).collect();
    Node {
        id: format!("e:{}:{}", row.entity_type, row.entity_id),
        label: row.entity_id.clone(),
        attributes: vec![
            Some(Value::Text("entity".into())),
            Some(Value::Text(rings.join(";"))),
            None,
            None,
            None,
            Some(Value::Text(row.entity_type.clone())),
            Some(Value::Whole(row.accounts)),
            Some(Value::Real(rows.iter().map(|row| row.bits).sum())),
        ],
    }
}

fn link_edge(rows: &[&LinkRow], source: usize, target: usize) -> Edge {
    let row = rows[0];
    Edge {
        id: String::new(),
        source,
        target,
        weight: row.weight,
        attributes: vec![
            Some(Value::Text("link".into())),
            Some(Value::Whole(row.shared)),
            Some(Value::Whole(row.co_actions)),
        ],
    }
}

fn use_edge(rows: &[&UseRow], source: usize, target: usize) -> Edge {
    Edge {
        id: String::new(),
        source,
        target,
        weight: f64::from(rows[0].events),
        attributes: vec![Some(Value::Text("uses".into())), None, None],
    }
}
