//! Reading ahead: what lies scattered is asked for together, so that the waits for memory overlap.

/// Accounts, rows and the like that are asked for at once: more would drive each other from the nearest cache.
pub const TOGETHER: usize = 64;

/// Reads what is about to be read.
#[inline]
pub fn read_ahead(reads: impl Iterator<Item = Option<u32>>) {
    std::hint::black_box(reads.fold(0, |read, next| read ^ next.unwrap_or(0)));
}
