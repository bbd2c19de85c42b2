//! Case files: one or several rings as a graph, in the formats that investigators' tools open.
//!
//! The graph is made once ([`CaseFile`]) and each format is one file with one way to write it. Every
//! format carries the same nodes, edges and attributes: unique node ids, unique edge ids, no loops,
//! no parallel edges and no edge without weight, which are what Gephi and its kin stumble over.

mod case;
mod csv;
mod dot;
mod gexf;
mod graphml;
mod json;
mod xml;

use std::io::{self, Write};

pub use case::{CaseError, CaseFile, Edge, Node, Value, ValueType};
pub use csv::{Edges as CsvEdges, Nodes as CsvNodes};

/// A way to write a case file.
pub trait CaseFormat {
    /// Writes all of `case`; the bytes depend on it alone.
    ///
    /// # Errors
    /// What `out` reports.
    fn write(&self, case: &CaseFile, out: &mut dyn Write) -> io::Result<()>;
}

/// The formats a case file can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// `GraphML`: igraph, networkx, yEd, Gephi, Neo4j.
    GraphMl,
    /// GEXF 1.3: Gephi.
    Gexf,
    /// Graphviz.
    Dot,
    /// Node-link JSON: networkx, d3.
    Json,
    /// Spreadsheets: nodes and edges as two tables; one stream holds the edges.
    Csv,
}

impl ExportFormat {
    /// Every format, in the order they are offered.
    pub const ALL: [ExportFormat; 5] = [
        ExportFormat::GraphMl,
        ExportFormat::Gexf,
        ExportFormat::Dot,
        ExportFormat::Json,
        ExportFormat::Csv,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ExportFormat::GraphMl => "graphml",
            ExportFormat::Gexf => "gexf",
            ExportFormat::Dot => "dot",
            ExportFormat::Json => "json",
            ExportFormat::Csv => "csv",
        }
    }

    /// Its writer.
    pub fn writer(self) -> &'static dyn CaseFormat {
        match self {
            ExportFormat::GraphMl => &graphml::GraphMl,
            ExportFormat::Gexf => &gexf::Gexf,
            ExportFormat::Dot => &dot::Dot,
            ExportFormat::Json => &json::Json,
            ExportFormat::Csv => &csv::Edges,
        }
    }
}
