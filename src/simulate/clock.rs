//! When people act: a day with a night in it, a week with a weekend in it, and time zones.
//!
//! The time line is cut into hours counted from [`START`], a Monday midnight in UTC. An account in
//! zone `z` lives at local hour `hour + z`; [`rhythm`] says how lively that hour is.

use super::dice::Dice;

/// Epoch second of hour 0: Monday 2026-01-05T00:00:00Z.
pub(super) const START: i64 = 1_767_571_200;

/// Seconds in an hour, the length of a slice of the time line.
pub(super) const HOUR: u32 = 3_600;

/// Offsets from UTC in hours, and the share of accounts that live there.
pub(super) const ZONES: [(i32, f64); 7] = [
    (-8, 0.10),
    (-5, 0.20),
    (-3, 0.08),
    (0, 0.12),
    (1, 0.28),
    (3, 0.10),
    (8, 0.12),
];

/// How lively a local hour of the day is; the mean is about one.
const DAY: [f64; 24] = [
    0.55, 0.30, 0.18, 0.12, 0.10, 0.15, 0.35, 0.70, 0.95, 1.00, 1.05, 1.10, //
    1.25, 1.20, 1.05, 1.05, 1.15, 1.30, 1.50, 1.70, 1.90, 1.95, 1.60, 1.00,
];

/// Upper bound of [`rhythm`].
const LIVELIEST: f64 = 1.95 * 1.25;

/// Local hour of the week, `0..168`, from Monday midnight.
pub(super) fn local_hour(hour: u32, zone: i32) -> u32 {
    (hour as i32 + zone).rem_euclid(168) as u32
}

/// How lively a local hour of the week is.
pub(super) fn rhythm(local_hour: u32) -> f64 {
    let (day, hour) = (local_hour / 24 % 7, local_hour % 24);
    let weekend = day >= 5;
    // At the weekend people are up later and around noon; during the week there is work.
    let week = match (weekend, hour) {
        (true, 6..=9) => 0.6,
        (true, 10..=17) => 1.25,
        (true, _) => 1.1,
        (false, _) => 1.0,
    };
    DAY[hour as usize] * week
}

/// Whether a local hour of the week is office time.
pub(super) fn at_work(local_hour: u32) -> bool {
    local_hour / 24 % 7 < 5 && (9..17).contains(&(local_hour % 24))
}

/// A second in `from..until` at which somebody in `zone` may well be awake: uniform, then kept
/// with a chance in proportion to the rhythm; after a few refusals the last throw stands.
pub(super) fn lively_second(dice: &mut Dice, from: u32, until: u32, zone: i32) -> u32 {
    let mut second = from;
    for _ in 0..24 {
        second = from + dice.below(u64::from(until.saturating_sub(from).max(1))) as u32;
        if dice.chance(rhythm(local_hour(second / HOUR, zone)) / LIVELIEST) {
            break;
        }
    }
    second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_holds_and_nights_are_quiet() {
        assert!((0..168).all(|hour| rhythm(hour) <= LIVELIEST));
        assert!(rhythm(4) * 10.0 < rhythm(21));
        assert!((ZONES.iter().map(|zone| zone.1).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn office_time_is_local() {
        assert!(at_work(local_hour(9, 0)));
        assert!(!at_work(local_hour(9, -5)));
        assert!(!at_work(local_hour(5 * 24 + 10, 0)), "Saturday");
        assert_eq!(local_hour(0, -1), 167);
    }
}
