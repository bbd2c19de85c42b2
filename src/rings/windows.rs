//! Bursts: the moments at which several members of a set acted on one key.

/// One action of a member on a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Microseconds.
    pub time: i64,
    /// Index of the member in its set.
    pub member: u32,
}

/// A window and the members in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burst {
    /// First action.
    pub from: i64,
    /// Last action; at most `within` after the first.
    pub to: i64,
    /// Members, ascending.
    pub members: Vec<u32>,
}

/// Disjoint windows of at most `within`, the fullest first, until none holds two members.
///
/// `moments` must be sorted. Actions further apart than `within` cannot share a window, so the list is
/// first cut at such gaps and each piece is worked off alone: `O(m²)` in the size of a piece.
pub fn bursts(moments: &[Moment], within: i64) -> Vec<Burst> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in 1..=moments.len() {
        let gap = end == moments.len()
            || moments[end].time.saturating_sub(moments[end - 1].time) > within;
        if gap {
            if end - start > 1 {
                work_off(moments[start..end].to_vec(), within, &mut found);
            }
            start = end;
        }
    }
    found.sort_unstable_by_key(|burst| burst.from);
    found
}

/// Whether [`bursts`] would find any: two neighbours in time of different members, close enough.
pub fn has_burst(moments: &[Moment], within: i64) -> bool {
    moments.windows(2).any(|pair| {
        pair[0].member != pair[1].member && pair[1].time.saturating_sub(pair[0].time) <= within
    })
}

fn work_off(mut left: Vec<Moment>, within: i64, found: &mut Vec<Burst>) {
    while left.len() > 1 {
        let Some((start, end, members)) = fullest(&left, within) else {
            return;
        };
        found.push(Burst {
            from: left[start].time,
            to: left[end - 1].time,
            members,
        });
        left.drain(start..end);
    }
}

/// The window with the most distinct members, the earliest of several.
fn fullest(moments: &[Moment], within: i64) -> Option<(usize, usize, Vec<u32>)> {
    let mut best: Option<(usize, usize, Vec<u32>)> = None;
    let mut end = 0;
    for start in 0..moments.len() {
        while end < moments.len() && moments[end].time.saturating_sub(moments[start].time) <= within
        {
            end += 1;
        }
        let most = best.as_ref().map_or(1, |(_, _, members)| members.len());
        if end - start <= most {
            continue;
        }
        let mut members: Vec<u32> = moments[start..end]
            .iter()
            .map(|moment| moment.member)
            .collect();
        members.sort_unstable();
        members.dedup();
        if members.len() > most {
            best = Some((start, end, members));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(list: &[(i64, u32)]) -> Vec<Moment> {
        list.iter()
            .map(|&(time, member)| Moment { time, member })
            .collect()
    }

    #[test]
    fn windows_are_closed_disjoint_and_hold_two_members() {
        let found = bursts(
            &moments(&[(0, 1), (60, 2), (61, 3), (500, 1), (501, 1), (700, 4)]),
            60,
        );
        assert_eq!(found.len(), 1);
        assert!(has_burst(&moments(&[(0, 1), (60, 2)]), 60));
        assert!(!has_burst(&moments(&[(0, 1), (61, 2), (62, 2)]), 60));
        assert_eq!(
            found[0],
            Burst {
                from: 0,
                to: 60,
                members: vec![1, 2]
            }
        );
    }

    #[test]
    fn the_fullest_window_is_taken_whole() {
        let found = bursts(&moments(&[(0, 1), (50, 2), (60, 3), (90, 4), (100, 5)]), 60);
        assert_eq!(found[0].members, [2, 3, 4, 5]);
        assert_eq!(found.len(), 1);
    }
}
