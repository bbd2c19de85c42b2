//! Quotes in delimited text: which one closes another, and what stands between them.

use memchr::memchr;

use crate::events::chunk::MAX_CELL_BYTES;

/// The quote that closes the one at `open`, if it comes soon enough.
pub(super) fn closing_quote(text: &[u8], open: usize) -> Option<usize> {
    let window = text.len().min(open + 1 + MAX_CELL_BYTES);
    let mut at = open + 1;
    while let Some(found) = text.get(at..window).and_then(|rest| memchr(b'"', rest)) {
        let quote = at + found;
        if text.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
    None
}

/// Writes the content of a quoted cell: two quotes stand for one; letters after the closing quote
/// belong to the cell.
pub(super) fn unescape(cell: &[u8], out: &mut Vec<u8>) {
    let mut rest = cell;
    while let Some(quote) = memchr(b'"', rest) {
        out.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.split_first() {
            Some((b'"', after)) => {
                out.push(b'"');
                rest = after;
            }
            _ => break,
        }
    }
    out.extend_from_slice(rest);
}
