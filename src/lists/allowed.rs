//! Applying an allow list: the log becomes what it would have been without what is allowed.
//!
//! Rows of an allowed account are taken out, and the account with them, also where others name it. Of an
//! allowed entity the *cell* is emptied and the row stays: its account did act, and may still be found
//! for other things. An entity whose key has several columns is matched by all of them and loses
//! the first. So nothing downstream knows of allow lists, every yardstick is that of the rest, and the law is
//! simple: the same input without those rows and cells gives the same tables.
//!
//! What each entry touched is counted in the log as it came, whatever other entries touched as well.

use std::collections::BTreeMap;

use crate::events::{EventLog, NONE, prune};
use crate::lists::allow::{AllowEntry, AllowList, Subject};
use crate::lists::allow_value::AllowValue;
use crate::lists::has_expired;
use crate::recipe::Plan;
use crate::sparse::node_set::NodeSet;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It held, and something was left out.
    Applied,
    /// It held, and nothing in the input is meant by it.
    Unmatched,
    /// It has expired and was not applied.
    Expired,
}

impl Fate {
    /// As in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Applied => "applied",
            Fate::Unmatched => "unmatched",
            Fate::Expired => "expired",
        }
    }
}

/// What one entry touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// What became of it.
    pub fate: Fate,
    /// Rows taken out, or that lost a cell.
    pub rows: u64,
    /// Accounts of those rows.
    pub accounts: u64,
    /// Entities; 0 for an account.
    pub entities: u64,
}

/// An allow list after it was applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// The list.
    pub list: AllowList,
    /// What each entry touched, in the list's order.
    pub effects: Vec<Effect>,
    /// Rows that were taken out in all.
    pub rows_out: u64,
}

impl Allowed {
    /// Whether `account` was taken out.
    pub fn holds(&self, account: &[u8]) -> bool {
        self.list
            .entries
            .iter()
            .zip(&self.effects)
            .any(|(entry, effect)| {
                entry.subject == Subject::Account
                    && effect.fate == Fate::Applied
                    && entry.value == account
            })
    }
}

/// Applies `list` to `log` as it holds at `now`. Cost: a pass over the rows.
pub fn apply(list: AllowList, log: &mut EventLog, plan: &Plan, now: Option<i64>) -> Allowed {
    let mut gone = vec![false; log.accounts.len()];
    let mut wanted = Wanted::default();
    let mut effects: Vec<Effect> = Vec::with_capacity(list.entries.len());
    for (number, entry) in list.entries.iter().enumerate() {
        let mut effect = Effect {
            fate: Fate::Unmatched,
            rows: 0,
            accounts: 0,
            entities: 0,
        };
        if has_expired(entry.expires, now) {
            effect.fate = Fate::Expired;
        } else if entry.subject == Subject::Account {
            if let Some(account) = log.accounts.find(&entry.value) {
                gone[account as usize] = true;
                effect.fate = Fate::Applied;
                effect.rows = log.rows_of(account).len() as u64;
                effect.accounts = 1;
            }
        } else {
            effect.entities = wanted.add(number, entry, log, plan);
        }
        effects.push(effect);
    }
    wanted.empty_cells(log, &mut effects);
    for effect in &mut effects {
        if effect.rows > 0 {
            effect.fate = Fate::Applied;
        }
    }
    let rows_out = prune(log, &gone);
    Allowed {
        list,
        effects,
        rows_out,
    }
}

/// A key of one column, or of several: where the other columns hold these ids, the entry is meant.
struct Match {
    entry: usize,
    others: Vec<(usize, u32)>,
}

/// What is looked for, by first column and the id in it.
#[derive(Default)]
struct Wanted(BTreeMap<(usize, u32), Vec<Match>>);

impl Wanted {
    /// Adds what `entry` means in `log`; returns how many keys that is.
    fn add(&mut self, number: usize, entry: &AllowEntry, log: &EventLog, plan: &Plan) -> u64 {
        let of_type = |index| plan.entities.iter().find(|planned| planned.index == index);
        let planned = match entry.subject {
            Subject::Entity(index) => of_type(index),
            Subject::Account => None,
        };
        // A type that is off has no columns here, and nothing to be left out.
        let Some(planned) = planned else { return 0 };
        let columns: Option<Vec<usize>> = planned
            .columns
            .iter()
            .map(|name| log.keys.iter().position(|column| &column.name == name))
            .collect();
        let Some(columns) = columns else { return 0 };
        let keys = match columns[..] {
            [column] => AllowValue::of(&entry.value)
                .map_or_else(|_| Vec::new(), |value| value.ids(log, &log.keys[column]))
                .into_iter()
                .map(|id| ((column, id), Vec::new()))
                .collect(),
            _ => composite(&entry.value, &columns, planned.required, log),
        };
        let count = keys.len() as u64;
        for (first, others) in keys {
            let matches = self.0.entry(first).or_default();
            matches.push(Match {
                entry: number,
                others,
            });
        }
        count
    }

    /// Empties the cells that are meant and counts what each entry touched.
    fn empty_cells(&self, log: &mut EventLog, effects: &mut [Effect]) {
        // Nearly no cell is meant, so that is asked first and cheaply.
        let mut meant: Vec<NodeSet> = vec![NodeSet::default(); log.keys.len()];
        for &(column, id) in self.0.keys() {
            meant[column].extend([id]);
        }
        let mut last_account = vec![NONE; effects.len()];
        let mut cells: Vec<(usize, usize)> = Vec::new();
        for row in 0..log.len() {
            let account = log.account[row];
            for (column, key) in log.keys.iter().enumerate() {
                if !meant[column].contains(key.ids[row]) {
                    continue;
                }
                let matches = self.0.get(&(column, key.ids[row])).into_iter().flatten();
                for one in matches {
                    let holds = |&(other, id): &(usize, u32)| log.keys[other].ids[row] == id;
                    if !one.others.iter().all(holds) {
                        continue;
                    }
                    let effect = &mut effects[one.entry];
                    effect.rows += 1;
                    // Rows of one account are one range.
                    effect.accounts += u64::from(last_account[one.entry] != account);
                    last_account[one.entry] = account;
                    cells.push((column, row));
                }
            }
        }
        for (column, row) in cells {
            log.keys[column].ids[row] = NONE;
        }
    }
}

/// A key of one part in each column, and what it is looked for by: the first column and its id, and the
/// others.
type Key = ((usize, u32), Vec<(usize, u32)>);

/// The key of several columns that `value` spells, parts joined by `|`; parts of optional columns may be
/// left out, and then mean any.
fn composite(value: &[u8], columns: &[usize], required: usize, log: &EventLog) -> Vec<Key> {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'|').collect();
    if !(required..=columns.len()).contains(&parts.len()) {
        return Vec::new();
    }
    let mut ids = Vec::with_capacity(parts.len());
    for (&column, part) in columns.iter().zip(parts) {
        let key = &log.keys[column];
        let dictionary = if key.accounts {
            &log.accounts
        } else {
            &key.dictionary
        };
        match dictionary.find(part) {
            Some(id) => ids.push((column, id)),
            None if part.is_empty() && ids.len() >= required => ids.push((column, NONE)),
            None => return Vec::new(),
        }
    }
    let mut ids = ids.into_iter();
    ids.next()
        .map(|first| (first, ids.collect()))
        .into_iter()
        .collect()
}
