//! TODO(links)

mod edge_lines;
pub mod from_edge_list;
