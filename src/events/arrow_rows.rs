//! Which rows of an Arrow batch are taken: all at once where whole columns say so, else one by one, by the
//! rules and in the order of [`Chunk::accept`].

use crate::events::arrow_columns::{Column, Taken};
use crate::events::chunk::{Chunk, MAX_CELL_BYTES, Reason};
use crate::events::log::UNKNOWN_TIME;
use crate::events::times::TimeFormat;

/// The rows of a batch.
pub(super) struct Rows<'a> {
    /// By slot.
    pub(super) columns: &'a [Column<'a>],
    /// Number of key columns.
    pub(super) keys: usize,
    pub(super) times: Vec<TimeSlot<'a>>,
}

/// A column of times.
pub(super) struct TimeSlot<'a> {
    pub(super) column: &'a Column<'a>,
    pub(super) slot: usize,
    /// It is one by its type.
    pub(super) typed: bool,
    pub(super) format: TimeFormat,
}

impl TimeSlot<'_> {
    /// A row's time, [`UNKNOWN_TIME`] if it is absent; `None` if it is not in the format.
    #[inline]
    fn micros(&self, row: usize) -> Option<i64> {
        if self.column.is_present(row) {
            self.column.micros(row, self.typed, self.format)
        } else {
            Some(UNKNOWN_TIME)
        }
    }
}

impl Rows<'_> {
    /// The rows that are taken, with their times by time column; those that are not are counted in `chunk`.
    pub(super) fn take(&self, count: usize, chunk: &mut Chunk) -> (Taken, Vec<Vec<i64>>) {
        if self.all_have_keys(count) {
            let columns = self.times.iter();
            let columns = columns.map(|time| (0..count).map(|row| time.micros(row)).collect());
            if let Some(times) = columns.collect() {
                chunk.rows += count as u64;
                return (Taken::All(count), times);
            }
        }
        let mut taken = Vec::with_capacity(count);
        let mut times = vec![Vec::with_capacity(count); self.times.len()];
        for row in 0..count {
            match self.judge(row) {
                Ok(()) => {
                    chunk.rows += 1;
                    taken.push(row as u32);
                    for (times, slot) in times.iter_mut().zip(&self.times) {
                        times.push(slot.micros(row).unwrap_or(UNKNOWN_TIME));
                    }
                }
                Err(reason) => self.reject(row, reason, chunk),
            }
        }
        (Taken::Some(taken), times)
    }

    /// Whether nothing but its time can be wrong with any row.
    fn all_have_keys(&self, count: usize) -> bool {
        let keys = &self.columns[1..=self.keys];
        let lengths: Vec<(usize, usize)> = self
            .columns
            .iter()
            .map(|column| column.lengths(count))
            .collect();
        let keyless = |row| !keys.iter().any(|column| column.is_present(row));
        lengths.iter().all(|&(_, most)| most <= MAX_CELL_BYTES)
            && lengths[0].0 > 0
            && (keys.is_empty()
                || lengths[1..=self.keys].iter().any(|&(least, _)| least > 0)
                || !(0..count).any(keyless))
    }

    fn judge(&self, row: usize) -> Result<(), Reason> {
        let keys = &self.columns[1..=self.keys];
        if self.columns.iter().any(|column| column.is_too_long(row)) {
            return Err(Reason::FieldTooLong);
        }
        if !self.columns[0].is_present(row) {
            return Err(Reason::NoAccount);
        }
        if !keys.is_empty() && !keys.iter().any(|column| column.is_present(row)) {
            return Err(Reason::NoEntity);
        }
        match self.times.iter().find(|time| time.micros(row).is_none()) {
            Some(time) => Err(Reason::BadTime(time.slot)),
            None => Ok(()),
        }
    }

    #[cold]
    fn reject(&self, row: usize, reason: Reason, chunk: &mut Chunk) {
        if let Reason::BadTime(slot) = reason {
            let first = &mut chunk.first_bad_time[slot - self.keys - 1];
            first.get_or_insert_with(|| {
                let mut bad = Vec::new();
                self.columns[slot].write(row, &mut bad);
                bad
            });
        }
        let mut text = Vec::new();
        for (slot, column) in self.columns[..=self.keys].iter().enumerate() {
            if slot > 0 {
                text.push(b',');
            }
            column.write(row, &mut text);
        }
        chunk.reject(reason, 0, &text);
    }
}
