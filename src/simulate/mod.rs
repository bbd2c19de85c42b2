//! TODO(simulate)
