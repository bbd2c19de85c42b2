//! Graphviz: an undirected `graph` with quoted ids; accounts are ellipses and entities boxes.

use std::io::{self, Write};

use super::{CaseFile, CaseFormat, Value};

/// The Graphviz writer.
pub(super) struct Dot;

impl CaseFormat for Dot {
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "graph {} {{", quoted(&case.rings.join(" ")))?;
        for node in &case.nodes {
            let entity = node.named().any(|(name, _)| name == "entity_type");
            let shape = if entity { "box" } else { "ellipse" };
            let label = quoted(&node.label);
            write!(out, "  {} [label={label}, shape={shape}", quoted(&node.id))?;
            attributes(out, node.named())?;
        }
        for edge in &case.edges {
            write!(
                out,
                "  {} -- {} [id={}, weight={:?}",
                quoted(&case.nodes[edge.source].id),
                quoted(&case.nodes[edge.target].id),
                edge.id,
                edge.weight
            )?;
            attributes(out, edge.named())?;
        }
        writeln!(out, "}}")
    }
}

/// The rest of an attribute list.
fn attributes<'a>(
    out: &mut dyn Write,
    named: impl Iterator<Item = (&'static str, &'a Value)>,
) -> io::Result<()> {
    for (name, value) in named {
        match value {
            Value::Text(text) => write!(out, ", {name}={}", quoted(text))?,
            number => write!(out, ", {name}={number}")?,
        }
    }
    writeln!(out, "];")
}

/// A quoted string. Backslashes are doubled, so that none escapes the closing quote and labels,
/// where Graphviz reads escapes, show one again; control characters stand as `\\xNN`, a line end as
/// `\n`.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            control if control.is_ascii_control() => {
                quoted.push_str(&format!("\\\\x{:02X}", control as u32));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
