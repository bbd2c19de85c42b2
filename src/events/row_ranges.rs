//! Which rows of a Parquet file each task reads.
//!
//! A row group is cut where it is long, so a file of one group keeps all threads busy too. Every task unpacks the
//! dictionaries of its columns anew, so a group whose dictionaries weigh much is cut into fewer pieces. What the
//! footer says decides, never the number of threads.

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

/// Rows of a task, at least.
const TASK_ROWS: usize = 1 << 17;
/// Tasks of a row group at the most; the last takes the rest, however many rows a damaged file claims.
const GROUP_TASKS: usize = 64;
/// Tasks of a file, if it has rows for them, whatever dictionaries weigh.
const FILE_TASKS: usize = 4;
/// Dictionaries are unpacked once more as long as that is less than this part of all bytes.
const REPEATED_PART: u64 = 4;

/// Some rows of a row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowRange {
    pub(super) group: usize,
    pub(super) first: usize,
    /// `None`: all that follow.
    pub(super) limit: Option<usize>,
}

/// All rows of a file of which the columns (of the root) that `wanted` says are read.
pub(super) fn row_ranges(file: &ParquetMetaData, wanted: impl Fn(usize) -> bool) -> Vec<RowRange> {
    let schema = file.file_metadata().schema_descr();
    let groups = file.num_row_groups();
    let mut ranges = Vec::new();
    for (group, own) in file.row_groups().iter().enumerate() {
        let columns = own.columns().iter().enumerate();
        let columns = columns.filter(|(leaf, _)| wanted(schema.get_column_root_idx(*leaf)));
        let rows = usize::try_from(own.num_rows()).unwrap_or(0);
        let tasks = tasks(rows, Weight::of(columns.map(|(_, column)| column)), groups);
        ranges.extend(cut(rows, tasks).map(|(first, limit)| RowRange {
            group,
            first,
            limit,
        }));
    }
    ranges
}

/// Where so many tasks begin in rows, and how many each takes; the last takes the rest.
fn cut(rows: usize, tasks: usize) -> impl Iterator<Item = (usize, Option<usize>)> {
    let size = rows.div_ceil(tasks).min(GROUP_TASKS * TASK_ROWS);
    (0..tasks).map(move |task| (task * size, (task + 1 < tasks).then_some(size)))
}

/// Stored bytes of the columns of a row group.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    all: u64,
    dictionaries: u64,
}

impl Weight {
    fn of<'a>(columns: impl Iterator<Item = &'a ColumnChunkMetaData>) -> Self {
        columns.fold(Weight::default(), |sum, column| {
            let first = column.dictionary_page_offset();
            let dictionary =
                first.map_or(0, |first| column.data_page_offset().saturating_sub(first));
            let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
            Weight {
                all: sum.all.saturating_add(bytes(column.compressed_size())),
                dictionaries: sum.dictionaries.saturating_add(bytes(dictionary)),
            }
        })
    }
}

/// Tasks for a row group, one of `groups`: at least one.
fn tasks(rows: usize, weight: Weight, groups: usize) -> usize {
    let by_rows = rows.div_ceil(TASK_ROWS).clamp(1, GROUP_TASKS);
    let repeated = weight.all / REPEATED_PART;
    let by_weight = match repeated.checked_div(weight.dictionaries) {
        Some(repeats) => {
            usize::try_from(repeats).map_or(GROUP_TASKS, |repeats| repeats.saturating_add(1))
        }
        None => GROUP_TASKS,
    };
    by_rows.min(by_weight.max(FILE_TASKS.div_ceil(groups)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_follow_each_other_and_all_have_rows() {
        for rows in [
            1,
            TASK_ROWS,
            TASK_ROWS + 1,
            9 * TASK_ROWS - 1,
            1 << 30,
            usize::MAX,
        ] {
            let tasks = tasks(rows, Weight::default(), 1);
            let ranges: Vec<_> = cut(rows, tasks).collect();
            assert_eq!(ranges.len(), tasks);
            let mut next = 0;
            for (first, limit) in ranges {
                assert_eq!(first, next);
                assert!(first < rows);
                next = limit.map_or(rows, |limit| first + limit);
            }
            assert_eq!(next, rows);
        }
    }

    #[test]
    fn heavy_dictionaries_are_unpacked_less_often() {
        let weight = |all, dictionaries| Weight { all, dictionaries };
        let million = 8 * TASK_ROWS;
        assert_eq!(tasks(0, weight(0, 0), 1), 1);
        assert_eq!(tasks(million, weight(100, 0), 1), 8);
        assert_eq!(tasks(million + 1, weight(100, 1), 1), 9);
        assert_eq!(tasks(million, weight(100, 5), 10), 6);
        assert_eq!(tasks(million, weight(100, 90), 10), 1);
        assert_eq!(tasks(million, weight(100, 90), 1), FILE_TASKS);
        assert_eq!(tasks(TASK_ROWS, weight(100, 90), 1), 1);
        assert_eq!(tasks(usize::MAX, weight(u64::MAX, 1), 1), GROUP_TASKS);
    }
}
