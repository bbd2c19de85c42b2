//! `EventLog`: accepted events in columns, in an order that depends on nothing but their content.
//!
//! Ids are numbered by content (id order is byte order of the key), and rows are sorted by
//! `(account, times, keys)`, so any order of input rows and any number of threads give the same
//! log, and the events of one account are one contiguous range.

use crate::sparse::dictionary::Dictionary;

/// The id of an absent key (an empty cell).
pub const NONE: u32 = u32::MAX;

/// The time of an event whose time cell is empty.
pub const UNKNOWN_TIME: i64 = i64::MIN;

/// Accepted events, one row per event, columns of equal length.
///
/// Layout: row `i` was done by `account[i]`; `keys[c].ids[i]` is its value in key column `c`;
/// `times[t].micros[i]` its time in time column `t`. Sorted by account, then by every time column
/// in order, then by every key column in order. The rows of account `a` are
/// `first_row[a] .. first_row[a + 1]` (`first_row.len() == accounts.len() + 1`); an account that is
/// only named by others (relations) has an empty range.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventLog {
    /// Account keys by id, in byte order.
    pub accounts: Dictionary,
    /// Who acted, by row.
    pub account: Vec<u32>,
    /// Where the rows of each account begin.
    pub first_row: Vec<u64>,
    /// The columns that entities are made of.
    pub keys: Vec<KeyColumn>,
    /// The time columns; the event's own time first where the definition has one.
    pub times: Vec<TimeColumn>,
}

/// One interned column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyColumn {
    /// The name the definition uses.
    pub name: String,
    /// Its values hold account ids (relations): `ids` point into [`EventLog::accounts`] and
    /// `dictionary` is empty.
    pub accounts: bool,
    /// Keys by id, in byte order.
    pub dictionary: Dictionary,
    /// By row; [`NONE`] for an empty cell.
    pub ids: Vec<u32>,
}

/// One column of times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TimeColumn {
    /// The name the definition uses.
    pub name: String,
    /// Microseconds since 1970-01-01T00:00:00Z by row; [`UNKNOWN_TIME`] for an empty cell.
    pub micros: Vec<i64>,
}

impl EventLog {
    /// Number of events.
    pub fn len(&self) -> usize {
        self.account.len()
    }

    /// True when there is no event.
    pub fn is_empty(&self) -> bool {
        self.account.is_empty()
    }

    /// Rows of `account`.
    pub fn rows_of(&self, account: u32) -> std::ops::Range<usize> {
        self.first_row[account as usize] as usize..self.first_row[account as usize + 1] as usize
    }

    /// The key column called `name`.
    pub fn key(&self, name: &str) -> Option<&KeyColumn> {
        self.keys.iter().find(|column| column.name == name)
    }

    /// The time column called `name`.
    pub fn time(&self, name: &str) -> Option<&TimeColumn> {
        self.times.iter().find(|column| column.name == name)
    }

    /// The bytes of `id` in `column`, from the column's own dictionary or the accounts'.
    pub fn key_bytes<'a>(&'a self, column: &'a KeyColumn, id: u32) -> &'a [u8] {
        if column.accounts {
            self.accounts.get(id)
        } else {
            column.dictionary.get(id)
        }
    }
}
