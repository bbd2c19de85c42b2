//! Durations as people write them: `60s`, `5m`, `1h30m`, `2d`, `500ms`, or plain seconds.

const UNITS: [(&str, i64); 7] = [
    ("w", 7 * 86_400_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// What a duration may look like, for messages.
pub(super) const EXAMPLES: &str = "a duration is written as 60s, 5m, 1h30m, 2d or 500ms";

/// `text` in microseconds; `None` if it is no duration or does not fit.
///
/// A number without a unit is seconds. Several parts add up, largest unit first, each unit once.
pub fn micros(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds) * 1_000_000);
    }
    let mut rest = text;
    let mut total = 0i64;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let count: i64 = rest[..digits].parse().ok()?;
        let unit = &rest[digits..digits + letters];
        let at = next_unit
            + UNITS[next_unit..]
                .iter()
                .position(|(name, _)| *name == unit)?;
        total = total.checked_add(count.checked_mul(UNITS[at].1)?)?;
        next_unit = at + 1;
        rest = &rest[digits + letters..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(micros("60s"), Some(60_000_000));
        assert_eq!(micros("1h30m"), Some(5_400_000_000));
        assert_eq!(micros("500ms"), Some(500_000));
        assert_eq!(micros("2d"), Some(172_800_000_000));
        assert_eq!(micros("1w"), micros("7d"));
        assert_eq!(micros("600"), micros("10m"));
        assert_eq!(micros("0s"), Some(0));
    }

    #[test]
    fn refuses_the_rest_without_panic() {
        for text in [
            "",
            " ",
            "s",
            "-1s",
            "1.5h",
            "60 s",
            "60sec",
            "1m1m",
            "1s1m",
            "é",
            "1é",
            "9223372036854775807w",
            "99999999999999999999s",
            "60s!",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
