//! TODO(rings)
