//! `Borders`: where the cells of plain rows begin and end, many rows at a time.
//!
//! What is asked of every cell and every row is then asked of a column of them, without a decision in between.

use memchr::memchr_iter;

use crate::events::separators::Separators;

/// Borders that are looked for at a time, about: they stay in the nearest cache with what is made of them.
const BORDERS: usize = 1 << 11;

/// The borders of the cells of a text without quotes, from some row on.
pub(super) struct Borders<'t> {
    text: &'t [u8],
    separators: Separators<'t>,
    /// Where a cell begins; the one before it ends one byte earlier.
    found: Vec<u32>,
    /// How many of them were taken.
    taken: usize,
    /// There is nothing more to find.
    done: bool,
}

impl<'t> Borders<'t> {
    /// Borders from `from` on, where a row begins.
    pub(super) fn new(text: &'t [u8], from: usize, delimiter: u8) -> Self {
        let mut found = Vec::with_capacity(BORDERS + 64);
        found.push(from as u32);
        Borders {
            text,
            separators: Separators::new(text, from, [delimiter, b'\n']),
            found,
            taken: 0,
            done: false,
        }
    }

    /// Where the next row begins; `None` at the end of the text.
    pub(super) fn first(&self) -> Option<usize> {
        let first = self.found[self.taken] as usize;
        (first < self.text.len()).then_some(first)
    }

    /// Looks for more, if there may be less than a row of `width` cells.
    pub(super) fn fill(&mut self, width: usize) {
        if self.done || self.found.len() - self.taken > width {
            return;
        }
        self.found.drain(..self.taken);
        self.taken = 0;
        while !self.done && self.found.len() <= width.max(BORDERS) {
            self.find();
        }
    }

    /// The borders of as many next rows as have `width` cells: one more than they have cells, or none.
    pub(super) fn rows(&self, width: usize) -> &[u32] {
        let found = &self.found[self.taken..];
        let rows = found[1..].chunks_exact(width);
        let whole = rows
            .clone()
            .take_while(|row| self.ends_line(row[width - 1]));
        let mut rows_found = whole.count();
        // If as many lines end as rows do, none ends within a row; nearly always that is so.
        let text = &self.text[found[0] as usize..];
        let end = (found[rows_found * width] - found[0]) as usize;
        let lines = memchr_iter(b'\n', &text[..end.min(text.len())]).count()
            + usize::from(end > text.len());
        if lines != rows_found {
            let split = |row: &[u32]| {
                row[..width - 1]
                    .iter()
                    .any(|&border| self.ends_line(border))
            };
            rows_found = rows.take(rows_found).take_while(|row| !split(row)).count();
        }
        match rows_found {
            0 => &[],
            rows => &found[..=rows * width],
        }
    }

    /// Takes so many cells.
    pub(super) fn skip(&mut self, cells: usize) {
        self.taken += cells;
    }

    /// Takes a line: how many cells it has, and where it ends.
    pub(super) fn skip_line(&mut self) -> (usize, usize) {
        let mut cells = 1;
        loop {
            match self.found.get(self.taken + cells) {
                Some(&border) if self.ends_line(border) => {
                    self.taken += cells;
                    return (cells, border as usize - 1);
                }
                Some(_) => cells += 1,
                None => self.find(),
            }
        }
    }

    #[inline]
    fn ends_line(&self, border: u32) -> bool {
        let separator = self.text.get(border as usize - 1);
        separator.is_none_or(|&separator| separator == b'\n')
    }

    /// Finds some more, if there is more. A last line without a newline ends as if one stood behind the text.
    fn find(&mut self) {
        if self.done || self.separators.put_next(&mut self.found) {
            return;
        }
        self.done = true;
        if self.text.last() != Some(&b'\n') {
            self.found.push(self.text.len() as u32 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of every line, taken many rows at a time where that is possible.
    fn cells(text: &str, width: usize) -> Vec<Vec<&str>> {
        let mut borders = Borders::new(text.as_bytes(), 0, b',');
        let mut lines = Vec::new();
        while let Some(first) = borders.first() {
            borders.fill(width);
            let rows = borders.rows(width);
            if rows.is_empty() {
                let (cells, end) = borders.skip_line();
                let line: Vec<&str> = text[first..end].split(',').collect();
                assert_eq!(line.len(), cells);
                lines.push(line);
            } else {
                let cell = |pair: &[u32]| &text[pair[0] as usize..pair[1] as usize - 1];
                let all: Vec<&str> = rows.windows(2).map(cell).collect();
                lines.extend(all.chunks(width).map(<[&str]>::to_vec));
                let taken = rows.len() - 1;
                borders.skip(taken);
            }
        }
        lines
    }

    #[test]
    fn lines_of_any_length_are_found_whole() {
        let long = format!("1,2{}\n", ",3".repeat(2 * BORDERS));
        let many = "1,2,3\n".repeat(BORDERS);
        for text in [
            "1,2,3\n4,5,6\n",
            "1,2,3\n4,5,6",
            "1,2\n3\n4,5,6\n,,\n7,8,9,0\n1,2,3",
            "\n\n1,2,3\n\n",
            "1\n2\n3\n4,5\n",
            "",
            ",",
            &format!("{long}{many}1,2\n{many}{long}"),
        ] {
            let expected: Vec<Vec<&str>> =
                text.lines().map(|line| line.split(',').collect()).collect();
            for width in [1, 2, 3, 4] {
                assert_eq!(cells(text, width), expected, "{width} {text:.40}");
            }
        }
    }
}
