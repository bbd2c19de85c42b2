//! Node-link JSON as networkx reads it (`node_link_graph(data, edges="edges")`) and d3 draws it.
//!
//! One node or edge a line, so that two case files can be compared with line tools.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{CaseFile, CaseFormat, Edge, Node};

/// The node-link JSON writer.
pub(super) struct Json;

impl CaseFormat for Json {
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()> {
        let rings = serde_json::to_string(&case.rings)?;
        writeln!(
            out,
            "{{\"directed\":false,\"multigraph\":false,\"graph\":{{\"rings\":{rings}}},"
        )?;
        writeln!(out, "\"nodes\":[")?;
        list(out, case.nodes.iter().map(NodeObject))?;
        writeln!(out, "],\n\"edges\":[")?;
        list(out, case.edges.iter().map(|edge| EdgeObject(case, edge)))?;
        writeln!(out, "]}}")
    }
}

fn list<T: Serialize>(out: &mut dyn Write, items: impl Iterator<Item = T>) -> io::Result<()> {
    for (at, item) in items.enumerate() {
        out.write_all(if at == 0 { b"" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    writeln!(out)
}

struct NodeObject<'a>(&'a Node);

impl Serialize for NodeObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("id", &self.0.id)?;
        object.serialize_entry("label", &self.0.label)?;
        for (name, value) in self.0.named() {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

struct EdgeObject<'a>(&'a CaseFile, &'a Edge);

impl Serialize for EdgeObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let EdgeObject(case, edge) = self;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("source", &case.nodes[edge.source].id)?;
        object.serialize_entry("target", &case.nodes[edge.target].id)?;
        object.serialize_entry("id", &edge.id)?;
        object.serialize_entry("weight", &edge.weight)?;
        for (name, value) in edge.named() {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}
