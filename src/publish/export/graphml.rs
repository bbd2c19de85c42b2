//! `GraphML` (Brandes et al. 2002): typed attributes declared as keys, one `data` element per value.
//!
//! A node's id stands twice, as its XML id and as the attribute `name`: igraph looks vertices up by
//! the latter, and its parser leaves `&` in XML attributes escaped (as `&#38;`).

use std::io::{self, Write};

use super::xml::text;
use super::{CaseFile, CaseFormat, Edge, Node, Value, ValueType};

/// The `GraphML` writer.
pub(super) struct GraphMl;

impl CaseFormat for GraphMl {
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(
            out,
            r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#
        )?;
        key(out, "node", "name", ValueType::Text)?;
        key(out, "node", "label", ValueType::Text)?;
        for (name, value_type) in Node::ATTRIBUTES {
            key(out, "node", name, value_type)?;
        }
        key(out, "edge", "weight", ValueType::Real)?;
        for (name, value_type) in Edge::ATTRIBUTES {
            key(out, "edge", name, value_type)?;
        }
        writeln!(out, r#"  <graph id="case" edgedefault="undirected">"#)?;
        for node in &case.nodes {
            writeln!(out, r#"    <node id="{}">"#, text(&node.id))?;
            data(out, "node", "name", &Value::Text(node.id.clone()))?;
            data(out, "node", "label", &Value::Text(node.label.clone()))?;
            for (name, value) in node.named() {
                data(out, "node", name, value)?;
            }
            writeln!(out, "    </node>")?;
        }
        for edge in &case.edges {
            let (source, target) = (&case.nodes[edge.source], &case.nodes[edge.target]);
            writeln!(
                out,
                r#"    <edge source="{}" target="{}" id="{}">"#,
                text(&source.id),
                text(&target.id),
                edge.id
            )?;
            data(out, "edge", "weight", &Value::Real(edge.weight))?;
            for (name, value) in edge.named() {
                data(out, "edge", name, value)?;
            }
            writeln!(out, "    </edge>")?;
        }
        writeln!(out, "  </graph>\n</graphml>")
    }
}

fn key(out: &mut dyn Write, of: &str, name: &str, value_type: ValueType) -> io::Result<()> {
    let value_type = match value_type {
        ValueType::Text => "string",
        ValueType::Whole => "long",
        ValueType::Real => "double",
    };
    writeln!(
        out,
        r#"  <key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{value_type}"/>"#
    )
}

fn data(out: &mut dyn Write, of: &str, name: &str, value: &Value) -> io::Result<()> {
    writeln!(
        out,
        r#"      <data key="{of}_{name}">{}</data>"#,
        text(&value.to_string())
    )
}
