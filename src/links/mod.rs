//! TODO(links)
