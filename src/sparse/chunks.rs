//! Borders between pieces of work, drawn by the data and never by the number of threads.

use std::ops::Range;

/// Cuts `0..offsets.len() - 1` into ranges of about `work` units each, where item `i` costs
/// `offsets[i + 1] - offsets[i] + 1`. Every range holds at least one item.
pub fn by_work(offsets: &[u64], work: u64) -> Vec<Range<usize>> {
    let items = offsets.len().saturating_sub(1);
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < items {
        let base = offsets[start] + start as u64;
        let mut end = start + 1;
        while end < items && offsets[end] + end as u64 - base < work {
            end += 1;
        }
        ranges.push(start..end);
        start = end;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_everything_once() {
        let offsets = [0, 5, 5, 5, 100, 101, 103];
        let ranges = by_work(&offsets, 8);
        assert_eq!(ranges.first().unwrap().start, 0);
        assert_eq!(ranges.last().unwrap().end, 6);
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(ranges.len() > 2);
        assert!(by_work(&[0], 8).is_empty());
    }
}
