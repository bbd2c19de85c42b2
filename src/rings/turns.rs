//! In turn: an address that takes the place of another is the same home.
//!
//! Carriers give homes a new address every day or week, and people replace their handsets. A home then has many things, one at a
//! time; a farm has many at once. So things whose spans of use do not overlap take turns, and as many are counted as were
//! ever in use together. Only of a handful of people, though: of a pool's many addresses those that are seldom used take turns
//! by chance.

use crate::entities::EntityGraph;
use crate::events::UNKNOWN_TIME;
use crate::rings::witnesses::HOUSEHOLD;

/// For each of `own` (entities of type `number`, ascending) the place that it takes when things of a group follow one another; what
/// has no time takes a place by itself. Two things share a place only where no member used the later one before the
/// last use of the earlier one. Cost: the members' events, and `own` times its logarithm.
pub fn places_in_turn(
    entities: &EntityGraph<'_>,
    number: usize,
    own: &[u32],
    accounts: &[u32],
) -> Vec<u32> {
    let times = entities.log.times.first();
    let takes_turns = own.len() > 1 && accounts.len() <= HOUSEHOLD;
    let Some(times) = times.filter(|_| takes_turns) else {
        return (0..own.len() as u32).collect();
    };
    let keys = entities.types[number].keys.rows();
    let mut spans: Vec<Option<(i64, i64)>> = vec![None; own.len()];
    for row in accounts.iter().flat_map(|&one| entities.log.rows_of(one)) {
        let (Ok(at), time) = (own.binary_search(&keys[row]), times.micros[row]) else {
            continue;
        };
        if time != UNKNOWN_TIME {
            let (from, to) = spans[at].get_or_insert((time, time));
            (*from, *to) = ((*from).min(time), (*to).max(time));
        }
    }
    in_turn(&spans)
}

/// The first place that is free for each of `spans`, the earliest beginning first.
fn in_turn(spans: &[Option<(i64, i64)>]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&at| (spans[at], at));
    let mut taken_until: Vec<i64> = Vec::new();
    let mut places = vec![0; spans.len()];
    for at in order {
        let (from, to) = spans[at].unwrap_or((i64::MIN, i64::MAX));
        let free = taken_until.iter().position(|&until| until < from);
        let place = free.unwrap_or(taken_until.len());
        match free {
            Some(place) => taken_until[place] = to,
            None => taken_until.push(to),
        }
        places[at] = place as u32;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_after_the_other_is_one_place() {
        let spans = [Some((20, 29)), Some((0, 9)), Some((10, 19))];
        assert_eq!(in_turn(&spans), [0, 0, 0]);
    }

    #[test]
    fn what_is_in_use_together_is_not() {
        let spans = [Some((0, 9)), Some((9, 20)), Some((5, 8)), Some((21, 30))];
        assert_eq!(in_turn(&spans), [0, 1, 1, 0]);
        let spans = [Some((0, 9)), Some((9, 20))];
        assert_eq!(in_turn(&spans), [0, 1], "a shared moment is together");
    }

    #[test]
    fn what_has_no_time_takes_a_place_by_itself() {
        assert_eq!(in_turn(&[None, Some((0, 9)), None]), [0, 2, 1]);
    }
}
