//! `Rows`: a list of sorted lists in two arrays, and its transpose.

use rayon::prelude::*;

/// Lists of `u32`, one per row.
///
/// Layout: row `i` is `items[offsets[i] .. offsets[i + 1]]`, strictly ascending;
/// `offsets.len()` is one more than the number of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    offsets: Vec<u64>,
    items: Vec<u32>,
}

/// Rows made by one task: enough work to share out, little enough to balance.
const ROWS_PER_CHUNK: usize = 4096;

impl Rows {
    /// Builds `rows` rows in parallel; `fill(i, out)` appends the items of row `i` in any order and
    /// with repetitions, which are then sorted out.
    pub fn build(rows: usize, fill: impl Fn(u32, &mut Vec<u32>) + Sync) -> Self {
        let chunks: Vec<(Vec<u32>, Vec<u32>)> = (0..rows.div_ceil(ROWS_PER_CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let range = chunk * ROWS_PER_CHUNK..((chunk + 1) * ROWS_PER_CHUNK).min(rows);
                let mut lengths = Vec::with_capacity(range.len());
                let mut items = Vec::new();
                let mut row = Vec::new();
                for i in range {
                    row.clear();
                    fill(i as u32, &mut row);
                    row.sort_unstable();
                    row.dedup();
                    lengths.push(row.len() as u32);
                    items.extend_from_slice(&row);
                }
                (lengths, items)
            })
            .collect();
        let total = chunks.iter().map(|(_, items)| items.len()).sum();
        let mut built = Rows {
            offsets: Vec::with_capacity(rows + 1),
            items: Vec::with_capacity(total),
        };
        built.offsets.push(0);
        let mut end = 0;
        for (lengths, items) in chunks {
            for length in lengths {
                end += u64::from(length);
                built.offsets.push(end);
            }
            built.items.extend_from_slice(&items);
        }
        built
    }

    /// Which rows hold each of `columns` items: row `j` of the result lists the `i` whose row holds `j`.
    /// One counting sort.
    #[must_use]
    pub fn transpose(&self, columns: usize) -> Self {
        let mut offsets = vec![0u64; columns + 1];
        for &item in &self.items {
            offsets[item as usize + 1] += 1;
        }
        for j in 0..columns {
            offsets[j + 1] += offsets[j];
        }
        let mut next = offsets.clone();
        let mut items = vec![0; self.items.len()];
        for i in 0..self.len() as u32 {
            for &item in self.get(i) {
                let slot = &mut next[item as usize];
                items[*slot as usize] = i;
                *slot += 1;
            }
        }
        Rows { offsets, items }
    }

    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// True when there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Items in all rows together.
    #[inline]
    pub fn total(&self) -> usize {
        self.items.len()
    }

    /// Row `i`.
    #[inline]
    pub fn get(&self, i: u32) -> &[u32] {
        &self.items[self.offsets[i as usize] as usize..self.offsets[i as usize + 1] as usize]
    }

    /// Length of row `i`.
    #[inline]
    pub fn degree(&self, i: u32) -> u32 {
        (self.offsets[i as usize + 1] - self.offsets[i as usize]) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_twice_is_no_change() {
        let rows = Rows::build(9000, |i, row| row.extend([i % 7, (i * i) % 11, i % 7]));
        assert!((0..9000).all(|i| rows.get(i).windows(2).all(|pair| pair[0] < pair[1])));
        let back = rows.transpose(11).transpose(9000);
        assert_eq!(rows, back);
    }
}
