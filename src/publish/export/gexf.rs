//! GEXF 1.3, Gephi's own format: attributes declared per class, the weight an attribute of the edge.

use std::io::{self, Write};

use super::xml::text;
use super::{CaseFile, CaseFormat, Edge, Node, Value, ValueType};

/// The GEXF writer.
pub(super) struct Gexf;

impl CaseFormat for Gexf {
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<gexf xmlns="http://gexf.net/1.3" version="1.3">"#)?;
        writeln!(
            out,
            r#"  <graph mode="static" defaultedgetype="undirected">"#
        )?;
        declare(out, "node", &Node::ATTRIBUTES)?;
        declare(out, "edge", &Edge::ATTRIBUTES)?;
        writeln!(out, "    <nodes>")?;
        for node in &case.nodes {
            let (id, label) = (text(&node.id), text(&node.label));
            writeln!(out, r#"      <node id="{id}" label="{label}">"#)?;
            values(out, node.named())?;
            writeln!(out, "      </node>")?;
        }
        writeln!(out, "    </nodes>\n    <edges>")?;
        for edge in &case.edges {
            writeln!(
                out,
                r#"      <edge id="{}" source="{}" target="{}" weight="{:?}">"#,
                edge.id,
                text(&case.nodes[edge.source].id),
                text(&case.nodes[edge.target].id),
                edge.weight
            )?;
            values(out, edge.named())?;
            writeln!(out, "      </edge>")?;
        }
        writeln!(out, "    </edges>\n  </graph>\n</gexf>")
    }
}

fn declare(out: &mut dyn Write, class: &str, attributes: &[(&str, ValueType)]) -> io::Result<()> {
    writeln!(out, r#"    <attributes class="{class}" mode="static">"#)?;
    for (name, value_type) in attributes {
        let value_type = match value_type {
            ValueType::Text => "string",
            ValueType::Whole => "long",
            ValueType::Real => "double",
        };
        writeln!(
            out,
            r#"      <attribute id="{name}" title="{name}" type="{value_type}"/>"#
        )?;
    }
    writeln!(out, "    </attributes>")
}

fn values<'a>(
    out: &mut dyn Write,
    named: impl Iterator<Item = (&'static str, &'a Value)>,
) -> io::Result<()> {
    writeln!(out, "        <attvalues>")?;
    for (name, value) in named {
        let value = text(&value.to_string());
        writeln!(out, r#"          <attvalue for="{name}" value="{value}"/>"#)?;
    }
    writeln!(out, "        </attvalues>")
}
