//! TODO(entities)
