//! `TimeFormat`: text to microseconds since 1970, one format per column.
//!
//! Civil times without an offset are UTC. A value counts as *in* a format only if nothing is left
//! over, the date exists and, for epochs, its magnitude fits the unit: a column of seconds takes no
//! milliseconds, which would be a time 50,000 years away. Which format a column has is decided in
//! `time_detection.rs`.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::base::digits::{ZEROS, eight_digits};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// The unit of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// Which of the first two numbers of a date is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    MonthFirst,
    DayFirst,
}

/// How a column writes its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TimeFormat {
    /// A number, whole or decimal.
    Epoch(Unit),
    /// `2026-11-22T16:00:00.5Z`, with `+01:00`, `+0100` or `+01`, with a space for the `T`.
    Offset,
    /// `2026-11-22 16:00[:00[.5]]`, also with `T`.
    Civil,
    /// `2026-11-22`.
    Date,
    /// `2026/11/22 [16:00[:00]]`.
    YearSlash,
    /// `11/22/2026 [16:00[:00]]`, or with the day first.
    Slash(Order),
    /// `22.11.2026 [16:00[:00]]`.
    Dots,
}

impl fmt::Display for TimeFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            TimeFormat::Epoch(Unit::Seconds) => "epoch seconds",
            TimeFormat::Epoch(Unit::Milliseconds) => "epoch milliseconds",
            TimeFormat::Epoch(Unit::Microseconds) => "epoch microseconds",
            TimeFormat::Epoch(Unit::Nanoseconds) => "epoch nanoseconds",
            TimeFormat::Offset => "RFC 3339",
            TimeFormat::Civil => "YYYY-MM-DD HH:MM[:SS] (UTC)",
            TimeFormat::Date => "YYYY-MM-DD (UTC)",
            TimeFormat::YearSlash => "YYYY/MM/DD H:MM[:SS] (UTC)",
            TimeFormat::Slash(Order::MonthFirst) => "M/D/YYYY H:MM[:SS] (UTC, month first)",
            TimeFormat::Slash(Order::DayFirst) => "D/M/YYYY H:MM[:SS] (UTC, day first)",
            TimeFormat::Dots => "D.M.YYYY H:MM[:SS] (UTC)",
        })
    }
}

impl TimeFormat {
    /// All formats; where several fit a value equally well, the first is meant.
    pub(super) const ALL: [TimeFormat; 11] = [
        TimeFormat::Epoch(Unit::Seconds),
        TimeFormat::Epoch(Unit::Milliseconds),
        TimeFormat::Epoch(Unit::Microseconds),
        TimeFormat::Epoch(Unit::Nanoseconds),
        TimeFormat::Offset,
        TimeFormat::Civil,
        TimeFormat::Date,
        TimeFormat::YearSlash,
        TimeFormat::Slash(Order::MonthFirst),
        TimeFormat::Slash(Order::DayFirst),
        TimeFormat::Dots,
    ];

    /// Microseconds since 1970-01-01T00:00:00Z, rounded down; `None` if `text` is in another format.
    #[inline]
    pub(super) fn parse(self, text: &[u8]) -> Option<i64> {
        match self {
            TimeFormat::Epoch(unit) => epoch(text, unit),
            TimeFormat::Offset | TimeFormat::Civil | TimeFormat::Date => {
                let (time, format) = iso(text)?;
                (format == self).then_some(time)
            }
            TimeFormat::YearSlash => parted(text, b'/', |[year, month, day]| [year, month, day]),
            TimeFormat::Slash(Order::MonthFirst) => {
                parted(text, b'/', |[month, day, year]| [year, month, day])
            }
            TimeFormat::Slash(Order::DayFirst) => {
                parted(text, b'/', |[day, month, year]| [year, month, day])
            }
            TimeFormat::Dots => parted(text, b'.', |[day, month, year]| [year, month, day]),
        }
    }
}

#[cfg(feature = "parquet")]
impl TimeFormat {
    /// What [`Self::parse`] makes of a whole number's text.
    #[inline]
    pub(super) fn parse_integer(self, value: i64) -> Option<i64> {
        match self {
            TimeFormat::Epoch(unit) => since_epoch(value < 0, value.unsigned_abs(), 0, unit),
            // All others have something between their numbers.
            _ => None,
        }
    }
}

/// The time that `text` says by itself, in microseconds since 1970: an epoch, a date or a date with a time, year
/// first; what has no offset is UTC. `None` for everything else, and for dates whose order only a whole
/// column could tell.
pub fn moment(text: &[u8]) -> Option<i64> {
    let alone = |format: &TimeFormat| !matches!(format, TimeFormat::Slash(_));
    let mut formats = TimeFormat::ALL.into_iter().filter(alone);
    formats.find_map(|format| format.parse(text))
}

/// The unit in which `|whole|` is a time between 1970 and about 5138, read by magnitude.
pub(super) fn unit_of(whole: u64) -> Unit {
    match whole {
        0..100_000_000_000 => Unit::Seconds,
        100_000_000_000..100_000_000_000_000 => Unit::Milliseconds,
        100_000_000_000_000..100_000_000_000_000_000 => Unit::Microseconds,
        _ => Unit::Nanoseconds,
    }
}

fn epoch(text: &[u8], unit: Unit) -> Option<i64> {
    if let Some(whole) = eight_to_sixteen_digits(text) {
        return since_epoch(false, whole, 0, unit);
    }
    let (negative, text) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    let (whole, rest) = digits(text, 19)?;
    since_epoch(negative, whole, fraction(rest)?, unit)
}

/// The microseconds of a number of units, rounded down; `None` if that many mean a larger unit.
fn since_epoch(negative: bool, whole: u64, fraction_billionths: i64, unit: Unit) -> Option<i64> {
    if unit_of(whole) > unit {
        return None;
    }
    let whole = whole as i64;
    let micros = match unit {
        Unit::Seconds => whole * SECOND + fraction_billionths / 1_000,
        Unit::Milliseconds => whole * 1_000 + fraction_billionths / 1_000_000,
        Unit::Microseconds => whole,
        Unit::Nanoseconds => whole / 1_000,
    };
    let exact = match unit {
        Unit::Seconds => fraction_billionths % 1_000 == 0,
        Unit::Milliseconds => fraction_billionths % 1_000_000 == 0,
        Unit::Microseconds => fraction_billionths == 0,
        Unit::Nanoseconds => fraction_billionths == 0 && whole % 1_000 == 0,
    };
    Some(if negative {
        -micros - i64::from(!exact)
    } else {
        micros
    })
}

/// `2026-11-22`, `2026-11-22 16:00[:00[.5]]`, and both separators, with or without an offset.
fn iso(text: &[u8]) -> Option<(i64, TimeFormat)> {
    let (date, rest) = text.split_at_checked(10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let date = [
        number(&date[..4])?,
        number(&date[5..7])?,
        number(&date[8..])?,
    ];
    let Some((separator, rest)) = rest.split_first() else {
        return Some((instant(date, Clock::default(), 0)?, TimeFormat::Date));
    };
    if !matches!(separator, b'T' | b't' | b' ') || rest.get(2) != Some(&b':') {
        return None;
    }
    let (clock, rest) = clock(rest)?;
    if rest.is_empty() {
        return Some((instant(date, clock, 0)?, TimeFormat::Civil));
    }
    Some((
        instant(date, clock, offset_seconds(rest)?)?,
        TimeFormat::Offset,
    ))
}

/// Three numbers with `separator` between them, and perhaps a time of day.
fn parted(text: &[u8], separator: u8, order: impl Fn([i64; 3]) -> [i64; 3]) -> Option<i64> {
    let (first, rest) = digits(text, 4)?;
    let (second, rest) = digits(rest.strip_prefix(&[separator])?, 2)?;
    let (third, rest) = digits(rest.strip_prefix(&[separator])?, 4)?;
    let date = order([first as i64, second as i64, third as i64]);
    if date[0] < 1_000 {
        return None;
    }
    let clock = match rest.split_first() {
        None => Clock::default(),
        Some((b' ' | b'T', rest)) => clock(rest).filter(|(_, rest)| rest.is_empty())?.0,
        Some(_) => return None,
    };
    instant(date, clock, 0)
}

/// A time of day.
#[derive(Clone, Copy, Default)]
struct Clock {
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
}

/// `H:MM[:SS[.f]]`, and what follows.
fn clock(text: &[u8]) -> Option<(Clock, &[u8])> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = rest.strip_prefix(b":")?.split_at_checked(2)?;
    let mut clock = Clock {
        hour: hour as i64,
        minute: number(minute)?,
        ..Clock::default()
    };
    let Some(rest_of_clock) = rest.strip_prefix(b":") else {
        return Some((clock, rest));
    };
    let (second, rest) = rest_of_clock.split_at_checked(2)?;
    // A leap second is written as 60 and happens within the last microsecond that UTC has for it.
    clock.second = number(second)?;
    if clock.second == 60 {
        clock.second = 59;
        clock.nanosecond = 999_999_999;
    }
    let length = match rest {
        [b'.' | b',', more @ ..] => {
            1 + more.iter().take_while(|byte| byte.is_ascii_digit()).count()
        }
        _ => 0,
    };
    let (part, rest) = rest.split_at(length);
    if length > 0 && clock.nanosecond == 0 {
        clock.nanosecond = fraction(part)?;
    }
    Some((clock, rest))
}

/// `Z`, `+HH:MM`, `+HHMM` or `+HH`.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [b'Z' | b'z'] => return Some(0),
        [sign, a, b] => (*sign, number(&[*a, *b])?, 0),
        [sign, a, b, c, d] | [sign, a, b, b':', c, d] => {
            (*sign, number(&[*a, *b])?, number(&[*c, *d])?)
        }
        _ => return None,
    };
    if minutes > 59 || hours > 23 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// The calendar's part: refuses days and hours that do not exist.
fn instant([year, month, day]: [i64; 3], clock: Clock, offset_seconds: i64) -> Option<i64> {
    let civil = DateTime::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
        i8::try_from(clock.hour).ok()?,
        i8::try_from(clock.minute).ok()?,
        i8::try_from(clock.second).ok()?,
        i32::try_from(clock.nanosecond - clock.nanosecond % 1_000).ok()?,
    )
    .ok()?;
    let timestamp = Offset::UTC.to_timestamp(civil).ok()?;
    Some(timestamp.as_microsecond() - offset_seconds * SECOND)
}

/// The number that `text` is if it is that long and nothing but digits: as nearly all epochs are.
#[inline]
fn eight_to_sixteen_digits(text: &[u8]) -> Option<u64> {
    let (first, last) = (text.first_chunk()?, text.last_chunk()?);
    if text.len() > 16 {
        return None;
    }
    // The letters before the last eight, and zeros before them.
    let unused_bits = 8 * (16 - text.len()) as u32;
    let first = u64::from_be_bytes(*first);
    let before = first.checked_shr(unused_bits).unwrap_or(0);
    let zeros = ZEROS.checked_shl(64 - unused_bits).unwrap_or(0);
    let high = eight_digits(before | zeros)?;
    let low = eight_digits(u64::from_be_bytes(*last))?;
    Some(u64::from(high) * 100_000_000 + u64::from(low))
}

/// Between one and `most` digits, and what follows.
#[inline]
fn digits(text: &[u8], most: usize) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    let mut length = 0;
    while let Some(digit) = text.get(length).filter(|byte| byte.is_ascii_digit()) {
        if length == most {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
        length += 1;
    }
    if length == 0 || value > i64::MAX as u64 {
        None
    } else {
        Some((value, &text[length..]))
    }
}

/// All of `text` as a number.
fn number(text: &[u8]) -> Option<i64> {
    digits(text, text.len())
        .filter(|(_, rest)| rest.is_empty())
        .map(|(value, _)| value as i64)
}

/// Nothing, or a point (comma) and digits: billionths, further digits dropped.
fn fraction(text: &[u8]) -> Option<i64> {
    let Some((b'.' | b',', part)) = text.split_first() else {
        return text.is_empty().then_some(0);
    };
    if part.is_empty() || !part.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let shown = &part[..part.len().min(9)];
    Some(number(shown)? * 10i64.pow(9 - shown.len() as u32))
}
