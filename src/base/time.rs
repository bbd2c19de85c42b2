//! Moments as text.

use jiff::Timestamp;

/// Microseconds since 1970 as RFC 3339 in UTC, with as many fractional digits as it takes; empty where the time
/// is outside the calendar.
pub fn rfc3339(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| String::new(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_have_no_fraction() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_500_000), "1970-01-01T00:00:01.5Z");
        assert_eq!(rfc3339(i64::MIN), "");
    }
}
