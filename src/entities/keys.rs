//! `Keys`: which entity of a type each event touches, and what that entity is called.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use crate::events::{EventLog, KeyColumn, NONE};

/// The entity of every event row for one entity type.
///
/// Layout: `rows[i]` is the entity of event `i`, or [`NONE`]. A key of one column uses that column's
/// ids; a key of several columns numbers the distinct tuples in the order of their ids, which is the
/// order of their content, and `tuples` holds them (`columns.len()` ids each).
#[derive(Debug, Clone)]
pub struct Keys<'log> {
    rows: Cow<'log, [u32]>,
    columns: Vec<&'log KeyColumn>,
    tuples: Vec<u32>,
    count: usize,
}

impl<'log> Keys<'log> {
    /// From the columns that make the key; the first `required` of them must not be empty in a row
    /// for the row to have the entity, the others join the key where they are not.
    pub fn new(log: &'log EventLog, columns: Vec<&'log KeyColumn>, required: usize) -> Self {
        let Some((first, rest)) = columns.split_first() else {
            return Keys {
                rows: Cow::Owned(vec![NONE; log.len()]),
                columns,
                tuples: Vec::new(),
                count: 0,
            };
        };
        let count_of = |column: &KeyColumn| {
            if column.accounts {
                log.accounts.len()
            } else {
                column.dictionary.len()
            }
        };
        let first_count = count_of(first);
        if rest.is_empty() {
            return Keys {
                rows: Cow::Borrowed(&first.ids),
                columns,
                tuples: Vec::new(),
                count: first_count,
            };
        }
        let mut rows = first.ids.clone();
        let mut tuples: Vec<u32> = (0..first_count as u32).collect();
        for (i, column) in rest.iter().enumerate() {
            let kinds = (&column.ids[..], count_of(column));
            (rows, tuples) = append(&rows, &tuples, i + 1, kinds, i + 1 < required);
        }
        let count = tuples.len() / columns.len();
        Keys {
            rows: Cow::Owned(rows),
            columns,
            tuples,
            count,
        }
    }

    /// Entity by event row.
    #[inline]
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Number of distinct entities.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The key bytes of `entity`: the columns' values joined by `|`, empty optional ones left empty.
    pub fn name(&self, log: &EventLog, entity: u32) -> Vec<u8> {
        let [column] = self.columns[..] else {
            let width = self.columns.len();
            let tuple = &self.tuples[entity as usize * width..][..width];
            let parts: Vec<&[u8]> = tuple
                .iter()
                .zip(&self.columns)
                .map(|(&id, column)| {
                    if id == NONE {
                        &[][..]
                    } else {
                        log.key_bytes(column, id)
                    }
                })
                .collect();
            return parts.join(&b'|');
        };
        log.key_bytes(column, entity).to_vec()
    }

    /// The column of a key that has only one.
    pub fn single_column(&self) -> Option<&'log KeyColumn> {
        match self.columns[..] {
            [column] => Some(column),
            _ => None,
        }
    }
}

/// Joins one more column, whose ids are below `kinds`, to every row's tuple: the new ids by row, and the distinct tuples.
fn append(
    rows: &[u32],
    tuples: &[u32],
    width: usize,
    (ids, kinds): (&[u32], usize),
    required: bool,
) -> (Vec<u32>, Vec<u32>) {
    let join = |(&tuple, &id): (&u32, &u32)| -> Option<(u32, u32)> {
        (tuple != NONE && !(required && id == NONE)).then_some((tuple, id))
    };
    let pairs = || rows.par_iter().zip(ids).map(join);
    let count = tuples.len() / width;
    if kinds <= NO_KIND as usize {
        of_few_kinds(pairs(), (tuples, count), width)
    } else {
        of_many_kinds(pairs(), (tuples, count), width)
    }
}

/// Where an empty id has its bit: behind all others, as it has its place among tuples.
const NO_KIND: u32 = u64::BITS - 1;

/// [`append`] where a tuple's ids fit in a word, a bit each: what users can do with a thing is a handful, and then nothing needs to be
/// sorted or searched.
fn of_few_kinds(
    pairs: impl IndexedParallelIterator<Item = Option<(u32, u32)>> + Clone,
    (tuples, count): (&[u32], usize),
    width: usize,
) -> (Vec<u32>, Vec<u32>) {
    let bit = |id: u32| 1u64 << id.min(NO_KIND);
    let kinds: Vec<AtomicU64> = (0..count).map(|_| AtomicU64::new(0)).collect();
    pairs.clone().flatten_iter().for_each(|(tuple, id)| {
        let kinds = &kinds[tuple as usize];
        if kinds.load(Relaxed) & bit(id) == 0 {
            kinds.fetch_or(bit(id), Relaxed);
        }
    });
    let mut end = 0;
    let of_tuple: Vec<(u64, u32)> = kinds
        .into_iter()
        .map(|kinds| {
            let kinds = kinds.into_inner();
            end += kinds.count_ones();
            (kinds, end - kinds.count_ones())
        })
        .collect();
    let place = |(tuple, id): (u32, u32)| {
        let (kinds, first) = of_tuple[tuple as usize];
        first + (kinds & (bit(id) - 1)).count_ones()
    };
    let joined = pairs.map(|pair| pair.map_or(NONE, place)).collect();
    let mut wider = Vec::with_capacity(end as usize * (width + 1));
    for (tuple, &(mut kinds, _)) in tuples.chunks_exact(width).zip(&of_tuple) {
        while kinds != 0 {
            let id = kinds.trailing_zeros();
            wider.extend_from_slice(tuple);
            wider.push(if id == NO_KIND { NONE } else { id });
            kinds &= kinds - 1;
        }
    }
    (joined, wider)
}

/// [`append`] where they do not.
fn of_many_kinds(
    pairs: impl IndexedParallelIterator<Item = Option<(u32, u32)>> + Clone,
    (tuples, count): (&[u32], usize),
    width: usize,
) -> (Vec<u32>, Vec<u32>) {
    let key = |(tuple, id): (u32, u32)| u64::from(tuple) << 32 | u64::from(id);
    let mut distinct: Vec<u64> = pairs.clone().flatten_iter().map(key).collect();
    distinct.par_sort_unstable();
    distinct.dedup();
    // A tuple is joined by few ids, so its own are searched: among all, every step of a search would wait for memory.
    let mut begins = vec![0u32; count + 1];
    for key in &distinct {
        begins[(key >> 32) as usize + 1] += 1;
    }
    for tuple in 1..begins.len() {
        begins[tuple] += begins[tuple - 1];
    }
    let place = |(tuple, id): (u32, u32)| {
        let (begin, end) = (begins[tuple as usize], begins[tuple as usize + 1]);
        let own = &distinct[begin as usize..end as usize];
        begin + own.partition_point(|&other| (other as u32) < id) as u32
    };
    let joined = pairs.map(|pair| pair.map_or(NONE, place)).collect();
    let mut wider = Vec::with_capacity(distinct.len() * (width + 1));
    for key in distinct {
        let tuple = (key >> 32) as usize;
        wider.extend_from_slice(&tuples[tuple * width..][..width]);
        wider.push(key as u32);
    }
    (joined, wider)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};

    #[test]
    fn tuples_are_numbered_by_content_and_every_row_finds_its_own() {
        for (required, kinds) in [(false, 5), (true, 5), (false, 90), (true, 90)] {
            let pick = |stage, row, kinds| match below(draw(stage, 0, row), kinds) as u32 {
                0 => NONE,
                other => other - 1,
            };
            let rows: Vec<u32> = (0..3_000).map(|row| pick(1, row, 41)).collect();
            let ids: Vec<u32> = (0..3_000).map(|row| pick(2, row, kinds)).collect();
            // Forty pairs, of which the last has no row.
            let tuples: Vec<u32> = (0..41).flat_map(|tuple| [tuple, 100 + tuple]).collect();
            let (joined, wider) = append(&rows, &tuples, 2, (&ids, kinds as usize - 1), required);
            let distinct: Vec<&[u32]> = wider.chunks(3).collect();
            assert!(distinct.windows(2).all(|pair| pair[0] < pair[1]));
            for ((&row, &id), &found) in rows.iter().zip(&ids).zip(&joined) {
                if row == NONE || required && id == NONE {
                    assert_eq!(found, NONE);
                } else {
                    assert_eq!(distinct[found as usize], [row, 100 + row, id]);
                }
            }
        }
    }
}
