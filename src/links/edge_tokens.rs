//! Tokens of an edge list: what parts them, names of nodes, weights.
//!
//! A name is read and its end found in one pass over its bytes, since reading is what limits a large
//! file.

use crate::base::weight::{MICRO, micro};

/// How a node is written.
pub(super) trait Name: Copy + Send + Sync {
    /// The name that starts at `at` and where it ends; `None` if it is not of this kind.
    fn take(text: &[u8], at: usize) -> Option<(Self, usize)>;
}

impl Name for u32 {
    #[inline]
    fn take(text: &[u8], at: usize) -> Option<(u32, usize)> {
        let (number, end) = u64::take(text, at)?;
        // The largest number stays free, so that the count of nodes fits as well.
        u32::try_from(number)
            .ok()
            .filter(|&number| number < u32::MAX)
            .map(|n| (n, end))
    }
}

impl Name for u64 {
    #[inline]
    fn take(text: &[u8], at: usize) -> Option<(u64, usize)> {
        let mut number = 0u64;
        let mut end = at;
        while let Some(digit) = text.get(end).map(|byte| byte.wrapping_sub(b'0'))
            && digit < 10
        {
            // 19 digits always fit; more are checked.
            number = if end < at + 19 {
                number * 10 + u64::from(digit)
            } else {
                number.checked_mul(10)?.checked_add(u64::from(digit))?
            };
            end += 1;
        }
        let whole = end > at && text.get(end).is_none_or(|&byte| ends_token(byte));
        whole.then_some((number, end))
    }
}

/// Any token, by its place in the block's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    pub(super) fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start..self.end]
    }
}

impl Name for Span {
    fn take(text: &[u8], at: usize) -> Option<(Span, usize)> {
        let length = text[at..].iter().position(|&byte| ends_token(byte));
        let end = length.map_or(text.len(), |length| at + length);
        (end > at).then_some((Span { start: at, end }, end))
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b',')
}

fn ends_token(byte: u8) -> bool {
    is_separator(byte) || matches!(byte, b'\n' | b'\r')
}

/// What stands between separators.
pub(super) fn tokens(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&byte| ends_token(byte))
        .filter(|token| !token.is_empty())
}

#[inline]
pub(super) fn skip_separators(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|&byte| is_separator(byte)) {
        at += 1;
    }
    at
}

/// A positive decimal as micro-units: exact with up to six decimals, else rounded to nearest.
pub(super) fn micro_weight(token: &[u8]) -> Option<u64> {
    let token = std::str::from_utf8(token).ok()?;
    let (whole, part) = token.split_once('.').unwrap_or((token, ""));
    // An empty token, and a lone point, fall through to the parser that refuses them.
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let micro = if digits(whole)
        && digits(part)
        && part.len() <= 6
        && (!whole.is_empty() || !part.is_empty())
    {
        exact_micro(whole, part)?
    } else {
        let value: f64 = token.parse().ok()?;
        if !value.is_finite() || value * MICRO as f64 >= u64::MAX as f64 {
            return None;
        }
        micro(value)
    };
    (micro > 0).then_some(micro)
}

fn exact_micro(whole: &str, part: &str) -> Option<u64> {
    let number = |text: &str| {
        if text.is_empty() {
            Ok(0)
        } else {
            text.parse::<u64>()
        }
    };
    let scale = 10u64.pow(6 - part.len() as u32);
    number(whole)
        .ok()?
        .checked_mul(MICRO)?
        .checked_add(number(part).ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_exact_decimals() {
        let cases = [
            (&b"3"[..], Some(3_000_000)),
            (b"0.53", Some(530_000)),
            (b".5", Some(500_000)),
            (b"2.", Some(2_000_000)),
            (b"1e-3", Some(1_000)),
            (b"0.1234567", Some(123_457)),
            (b"0", None),
            (b"-1", None),
            (b".", None),
            (b"", None),
            (b"nan", None),
            (b"inf", None),
            (b"99999999999999999999", None),
        ];
        for (token, expected) in cases {
            assert_eq!(
                micro_weight(token),
                expected,
                "{}",
                String::from_utf8_lossy(token)
            );
        }
    }

    #[test]
    fn numbers_end_where_they_should() {
        assert_eq!(u32::take(b"007,", 0), Some((7, 3)));
        assert_eq!(u32::take(b"4294967295", 0), None);
        assert_eq!(u64::take(b"18446744073709551615", 0), Some((u64::MAX, 20)));
        assert_eq!(u64::take(b"18446744073709551616", 0), None);
        assert_eq!(u64::take(b"12a ", 0), None);
        assert_eq!(u64::take(b"x", 0), None);
    }
}
