//! TODO(communities)
