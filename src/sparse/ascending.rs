//! Ascending lists, each number once, held against each other.

/// How many are in both of two ascending lists. Cost: the shorter times the logarithm of the longer.
pub fn in_both(one: &[u32], other: &[u32]) -> usize {
    let (few, many) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let mut rest = many;
    let mut found = 0;
    for item in few {
        rest = &rest[rest.partition_point(|next| next < item)..];
        found += usize::from(rest.first() == Some(item));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_lists_share_is_counted() {
        assert_eq!(in_both(&[1, 4, 5, 9], &[0, 1, 2, 5, 9, 12]), 3);
        assert_eq!((in_both(&[], &[1]), in_both(&[1], &[])), (0, 0));
        assert_eq!(in_both(&[0, 1, 2, 5, 9, 12], &[1, 4, 5, 9]), 3);
    }
}
