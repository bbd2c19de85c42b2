//! TODO(links)

mod edge_lines;
mod edge_tokens;
pub mod from_edge_list;
pub mod node_names;
