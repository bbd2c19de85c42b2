//! What somebody may have meant: the known names nearest to an unknown one.

/// Suggestions at most.
const SUGGESTIONS: usize = 3;

/// The names nearest to `asked` by Levenshtein distance, nearest first, ties in the order given;
/// none that differs in more than a third of its letters. Cost: linear in the names.
pub(crate) fn nearest<'a>(asked: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let asked: Vec<char> = asked.chars().collect();
    let mut best: Vec<(usize, &str)> = Vec::new();
    for name in names {
        let limit = match best.last() {
            Some(&(worst, _)) if best.len() == SUGGESTIONS => worst.saturating_sub(1),
            _ => (asked.len() / 3).max(1),
        };
        if best.iter().any(|&(_, known)| known == name) {
            continue;
        }
        if let Some(distance) = distance_within(&asked, name, limit) {
            let at = best.partition_point(|&(other, _)| other <= distance);
            best.insert(at, (distance, name));
            best.truncate(SUGGESTIONS);
        }
    }
    best.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// Suggestions as the end of a message: empty, or `; nearest: …`.
pub(crate) fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; nearest: {}", nearest.join(", "))
    }
}

/// The Levenshtein distance where it is at most `limit`, by one row of the usual table.
fn distance_within(a: &[char], b: &str, limit: usize) -> Option<usize> {
    if b.len() > 4 * (a.len() + limit) {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
        if row.iter().all(|&distance| distance > limit) {
            return None;
        }
    }
    row.last().copied().filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_edits() {
        let distance = |a: &str, b| distance_within(&a.chars().collect::<Vec<_>>(), b, 9);
        assert_eq!(distance("kitten", "sitting"), Some(3));
        assert_eq!(distance("", "abc"), Some(3));
        assert_eq!(distance("über", "uber"), Some(1));
        assert_eq!(distance_within(&['a'; 4], "bbbb", 3), None);
    }

    #[test]
    fn the_nearest_come_first_and_strangers_not_at_all() {
        let names = ["user100", "user1", "user11", "account", "user12", "user1"];
        assert_eq!(nearest("user1x", names), ["user1", "user11", "user12"]);
        assert!(nearest("zzzzzz", names).is_empty());
    }
}
