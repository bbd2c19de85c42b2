//! The promises of an event log, checked: a checksum proves that a file is what was written, not
//! that what was written is a log.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::events::{EventLog, NONE};

/// What `log` breaks of the promises in its documentation, if anything.
pub(super) fn broken(log: &EventLog) -> Option<String> {
    columns(log)
        .or_else(|| accounts(log))
        .or_else(|| keys(log))
        .or_else(|| order(log))
}

/// Columns have names of their own and one value per row.
fn columns(log: &EventLog) -> Option<String> {
    let mut names = BTreeSet::new();
    let keys = log
        .keys
        .iter()
        .map(|column| (&column.name, column.ids.len()));
    let times = log
        .times
        .iter()
        .map(|column| (&column.name, column.micros.len()));
    for (name, rows) in keys.chain(times) {
        if rows != log.len() {
            return Some(format!(
                "column {name} has {rows} rows instead of {}",
                log.len()
            ));
        }
        if !names.insert(name) {
            return Some(format!("two columns {name}"));
        }
    }
    None
}

/// Every account's rows are where `first_row` says, and there are no others.
fn accounts(log: &EventLog) -> Option<String> {
    let (accounts, first_row) = (log.accounts.len(), &log.first_row);
    let bounds = (first_row.len() == accounts + 1)
        && first_row[0] == 0
        && first_row[accounts] == log.len() as u64
        && first_row.is_sorted();
    if !bounds {
        return Some("the accounts' first rows do not cover the events".into());
    }
    let in_place = (0..accounts as u32).all(|account| {
        log.account[log.rows_of(account)]
            .iter()
            .all(|&a| a == account)
    });
    (!in_place).then(|| "an event is not among its account's".into())
}

/// Keys are ids of their dictionary.
fn keys(log: &EventLog) -> Option<String> {
    log.keys.iter().find_map(|column| {
        let keys = if column.accounts {
            log.accounts.len()
        } else {
            column.dictionary.len()
        };
        let fine = column
            .ids
            .iter()
            .all(|&id| id == NONE || (id as usize) < keys);
        let own = !column.accounts || column.dictionary.is_empty();
        (!fine || !own).then(|| format!("column {} has keys outside its dictionary", column.name))
    })
}

/// Rows of an account ascend by times, then keys.
fn order(log: &EventLog) -> Option<String> {
    let compare = |a: usize, b: usize| {
        let times = log
            .times
            .iter()
            .map(|column| column.micros[a].cmp(&column.micros[b]));
        let keys = log
            .keys
            .iter()
            .map(|column| column.ids[a].cmp(&column.ids[b]));
        times
            .chain(keys)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let row = (1..log.len())
        .find(|&row| log.account[row - 1] == log.account[row] && compare(row - 1, row).is_gt())?;
    Some(format!("event {row} is out of order"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{KeyColumn, TimeColumn};
    use crate::sparse::dictionary::Dictionary;

    fn log() -> EventLog {
        let names: [&[u8]; 3] = [b"ann", b"bob", b"cat"];
        let dictionary = Dictionary::from_sorted(names);
        EventLog {
            accounts: dictionary.clone(),
            account: vec![0, 0, 2],
            first_row: vec![0, 2, 2, 3],
            keys: vec![KeyColumn {
                name: "ip".into(),
                accounts: false,
                dictionary,
                ids: vec![2, NONE, 0],
            }],
            times: vec![TimeColumn {
                name: "ts".into(),
                micros: vec![5, 5, 1],
            }],
        }
    }

    #[test]
    fn each_promise_is_held() {
        assert_eq!(broken(&log()), None);
        let breaks: [fn(&mut EventLog); 9] = [
            |log| log.account[1] = 1,
            |log| log.account[1] = 9,
            |log| log.first_row[1] = 3,
            |log| log.first_row[3] = u64::MAX,
            |log| log.first_row.clear(),
            |log| log.keys[0].ids[0] = 3,
            |log| log.keys[0].ids.swap(0, 1),
            |log| log.times[0].micros[1] = 4,
            |log| log.keys[0].name = "ts".into(),
        ];
        for (at, change) in breaks.iter().enumerate() {
            let mut log = log();
            change(&mut log);
            assert!(broken(&log).is_some(), "break {at}");
        }
    }
}
