//! CSV for spreadsheets and bulk loaders: a table of nodes and a table of edges.
//!
//! One stream can hold one table: there it is the edges, which name their ends. A cell that does not
//! apply is empty.

use std::io::{self, Write};

use csv::Writer;

use super::{CaseFile, CaseFormat, Edge, Node, Value};

/// Writes the table of nodes.
#[derive(Debug, Clone, Copy)]
pub struct Nodes;

impl CaseFormat for Nodes {
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = Writer::from_writer(out);
        let names = Node::ATTRIBUTES.iter().map(|&(name, _)| name);
        writer.write_record(["id", "label"].into_iter().chain(names))?;
        for node in &case.nodes {
            let cells = [node.id.clone(), node.label.clone()];
            writer.write_record(cells.into_iter().chain(node.attributes.iter().map(cell)))?;
        }
        writer.flush()
    }
}

/// Writes the table of edges.
#[derive(Debug, Clone, Copy)]
pub struct Edges;

impl CaseFormat for Edges {
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = Writer::from_writer(out);
        let names = Edge::ATTRIBUTES.iter().map(|&(name, _)| name);
        writer.write_record(
            ["id", "source", "target", "weight"]
                .into_iter()
                .chain(names),
        )?;
        for edge in &case.edges {
            let cells = [
                edge.id.clone(),
                case.nodes[edge.source].id.clone(),
                case.nodes[edge.target].id.clone(),
                Value::Real(edge.weight).to_string(),
            ];
            writer.write_record(cells.into_iter().chain(edge.attributes.iter().map(cell)))?;
        }
        writer.flush()
    }
}

fn cell(value: &Option<Value>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}
