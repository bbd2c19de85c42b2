//! Which format a time column has, from a sample of its values.
//!
//! The format that most sampled values are in wins; among equals the one that comes first in
//! [`TimeFormat::ALL`]. So a column of `5/6/2026` is month first unless some first number is above
//! 12, and the report says whether anything decided it. The sample is the beginning of every input,
//! the same bytes whatever the size of pieces; rows beyond it are held to the format that it gave.

use crate::events::times::{Order, TimeFormat, unit_of};

/// What the sample says about one column.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    values: u64,
    fits: [u64; TimeFormat::ALL.len()],
    /// Some input has the column in a type that is a time.
    typed: bool,
}

impl Sample {
    /// Counts one value that is not empty.
    pub(super) fn see(&mut self, text: &[u8]) {
        self.values += 1;
        for (fit, format) in self.fits.iter_mut().zip(TimeFormat::ALL) {
            let fits = match format {
                TimeFormat::Epoch(unit) => {
                    // Zero is the same moment in every unit.
                    let fits_unit = |whole| whole == 0 || unit_of(whole) == unit;
                    format.parse(text).is_some() && whole(text).is_some_and(fits_unit)
                }
                _ => format.parse(text).is_some(),
            };
            *fit += u64::from(fits);
        }
    }

    /// Notes an input whose times need no format.
    #[cfg(feature = "parquet")]
    pub(super) fn see_typed(&mut self) {
        self.typed = true;
    }

    /// The format, and how to report it. Without a single usable value: RFC 3339.
    pub(super) fn decide(&self) -> (TimeFormat, String) {
        let best = (0..self.fits.len())
            .rev()
            .max_by_key(|&i| self.fits[i])
            .unwrap_or(0);
        if self.fits[best] == 0 {
            let name = if self.typed {
                "timestamp"
            } else {
                "no usable value in the sample"
            };
            return (TimeFormat::Offset, name.into());
        }
        let format = TimeFormat::ALL[best];
        (format, self.describe(format, self.fits[best]))
    }

    /// For dates whose order only the values can tell, the share of values that does.
    fn describe(&self, format: TimeFormat, fits: u64) -> String {
        let TimeFormat::Slash(order) = format else {
            return format.to_string();
        };
        let (name, other, assumed) = match order {
            Order::MonthFirst => ("M/D/YYYY H:MM[:SS]", Order::DayFirst, "month first"),
            Order::DayFirst => ("D/M/YYYY H:MM[:SS]", Order::MonthFirst, "day first"),
        };
        let other = TimeFormat::ALL
            .iter()
            .position(|&format| format == TimeFormat::Slash(other))
            .map_or(0, |i| self.fits[i]);
        // Values that fit both orders decide nothing.
        let deciding = fits.saturating_sub(other);
        if deciding == 0 {
            return format!("{name} (UTC, {assumed}: assumed, no value decides it)");
        }
        let percent = (deciding * 100 / self.values.max(1)).max(1);
        format!("{name} (UTC, {assumed}: {percent} % of values decide it)")
    }
}

/// The whole part of a number, without its sign.
fn whole(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..length]).ok()?.parse().ok()
}

/// The format that a single value is in.
pub(super) fn format_of(text: &[u8]) -> Option<TimeFormat> {
    let mut sample = Sample::default();
    sample.see(text);
    sample
        .fits
        .iter()
        .position(|&fits| fits > 0)
        .map(|i| TimeFormat::ALL[i])
}
