//! TODO(sweep)
