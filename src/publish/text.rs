//! Text for people: numbers, times, ids that cannot play with a terminal, and tables in columns.

use std::fmt::Write;

use jiff::Timestamp;

/// Characters of an id that a line of text shows at most.
const SHOWN_ID_LENGTH: usize = 48;

/// An id for a terminal: control and direction characters as `\u{…}`, long ones cut in the middle.
/// Ids are chosen by those who are looked for.
pub(crate) fn printable(id: &str) -> String {
    let mut shown = String::with_capacity(id.len());
    let length = id.chars().count();
    let (head, tail) = (SHOWN_ID_LENGTH * 2 / 3, SHOWN_ID_LENGTH / 3 - 1);
    for (at, character) in id.chars().enumerate() {
        if length > SHOWN_ID_LENGTH && at >= head && at < length - tail {
            if at == head {
                shown.push('…');
            }
            continue;
        }
        let turns = matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
        if character.is_control() || turns {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A whole number with thousands set apart: `12,345`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 account`, `2,000 accounts`.
pub(crate) fn counted(value: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if value == 1 => noun.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    };
    format!("{} {plural}", count(value))
}

/// A number in tenths, as whole tenths: sums of what is shown are then exact.
pub(crate) fn tenths(value: f64) -> i64 {
    (value * 10.0).round() as i64
}

/// Whole tenths as text: `1,234.5`.
pub(crate) fn from_tenths(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    format!("{sign}{}.{}", count(size / 10), size % 10)
}

/// A small number by three significant digits: `0.0123`, `4.56`, `1,200`.
pub(crate) fn significant(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if size < 0.000_1 => format!("{value:.1e}"),
        size if size < 100.0 => {
            let decimals = (2 - size.log10().floor() as i32) as usize;
            let text = format!("{value:.decimals$}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ if value.fract() == 0.0 => {
            let text = from_tenths(tenths(value));
            text.trim_end_matches(".0").to_owned()
        }
        _ => from_tenths(tenths(value)),
    }
}

/// A share as a percentage.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A published time without the `T` and the zone, to the second; `-` where unknown.
pub(crate) fn time(published: &str) -> String {
    if published.is_empty() {
        return "-".into();
    }
    match published.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => printable(published),
    }
}

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of cells, set in columns two spaces apart.
#[derive(Debug)]
pub(crate) struct Table {
    alignment: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a header row.
    pub(crate) fn new(header: &[(&str, Align)]) -> Self {
        Table {
            alignment: header.iter().map(|&(_, align)| align).collect(),
            rows: vec![header.iter().map(|&(name, _)| name.to_owned()).collect()],
        }
    }

    /// Adds a row; missing cells are empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, each indented by `indent` spaces and without spaces at its end.
    pub(crate) fn lines(&self, indent: usize) -> String {
        let width_of = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.alignment.len()).map(width_of).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for ((cell, &width), align) in row.iter().zip(&widths).zip(&self.alignment) {
                let written = match align {
                    Align::Left => write!(line, "{cell:<width$}  "),
                    Align::Right => write!(line, "{cell:>width$}  "),
                };
                written.expect("a String takes everything");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "entity"), "1 entity");
        assert_eq!(counted(1_000, "entity"), "1,000 entities");
        assert_eq!(from_tenths(tenths(-1_234.56)), "-1,234.6");
        assert_eq!(from_tenths(-3), "-0.3");
        let shown = [0.0, 0.012_345, 0.5, 4.567, 56.78, 1_200.0, 0.000_012].map(significant);
        assert_eq!(
            shown,
            ["0", "0.0123", "0.5", "4.57", "56.8", "1,200", "1.2e-5"]
        );
        assert_eq!(time("2026-03-01T12:00:00.25Z"), "2026-03-01 12:00:00");
        assert_eq!((&*time(""), &*time("soon")), ("-", "soon"));
    }

    #[test]
    fn ids_cannot_play_with_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[2Jb\u{202e}c é"),
            "a\\u{1b}[2Jb\\u{202e}c é"
        );
        let long = printable(&"x".repeat(200));
        assert_eq!(long.chars().count(), SHOWN_ID_LENGTH);
        assert_eq!(
            printable(&"x".repeat(SHOWN_ID_LENGTH)).chars().count(),
            SHOWN_ID_LENGTH
        );
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(&[("name", Align::Left), ("n", Align::Right)]);
        table.row(["é".into(), "10".into()]);
        table.row(["longer".into()]);
        assert_eq!(table.lines(1), " name     n\n é       10\n longer\n");
    }
}
