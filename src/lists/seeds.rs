//! Seeds: accounts that somebody has looked at and found bad or good.
//!
//! A weight says how far the label is to be trusted, in hundredths. An account may be on the list more than
//! once: entries that agree are one with the greatest weight; entries that contradict each other are an
//! error, unless one of them has expired, so that an appeal is one more line and an expiry on the old one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::events::EventLog;
use crate::lists::error::ListError;
use crate::lists::sheet::{ListFile, Sheet};
use crate::lists::{has_expired, labels};

/// One row of a seed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedEntry {
    /// The account's key.
    pub account: Vec<u8>,
    /// Known to be bad; known to be good otherwise.
    pub bad: bool,
    /// How far the label is to be trusted, in hundredths, 1 to 100.
    pub hundredths: u8,
    /// When the label stops to hold, microseconds.
    pub expires: Option<i64>,
    /// 1-based, the header not counted.
    pub row: u64,
}

/// A seed list as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeedList {
    /// The file.
    pub file: ListFile,
    /// Its entries in file order.
    pub entries: Vec<SeedEntry>,
}

/// A known account of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// The account.
    pub account: u32,
    /// Known to be bad; known to be good otherwise.
    pub bad: bool,
    /// How far the label is to be trusted, in hundredths, 1 to 100.
    pub hundredths: u8,
}

/// The seeds that are among the accounts of a log: `entries = list + repeated + expired +
/// allowed + unknown`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeds {
    /// Which file they come from.
    pub file: ListFile,
    /// The seeds, ascending by account.
    pub list: Vec<Seed>,
    /// Entries in the file.
    pub entries: u64,
    /// Entries that say again what another says.
    pub repeated: u64,
    /// Entries that have expired.
    pub expired: u64,
    /// Entries whose account is allowed, and so not in the log.
    pub allowed: u64,
    /// Entries whose account is not in the log.
    pub unknown: u64,
}

impl SeedList {
    /// Reads the file at `path`: columns `account_id` (or `account`, or `account_column`) and `label`, and
    /// where they are there `weight` and `expires`; other columns are the keeper's own.
    ///
    /// # Errors
    /// [`ListError`] at the first thing that cannot be understood.
    pub fn read(path: &Path, account_column: &str) -> Result<Self, ListError> {
        let sheet = Sheet::read(path)?;
        let account = Some(sheet.column(&["account_id", "account", account_column])?);
        let label = Some(sheet.column(&["label"])?);
        let weight = sheet.optional(&["weight"]);
        let expires = sheet.optional(&["expires"]);
        let mut entries = Vec::new();
        for row in sheet.rows() {
            if row.cell(account).is_empty() {
                return Err(row.wrong("the account is empty"));
            }
            let word = row.text(label);
            let bad = labels::is_bad(&word).ok_or_else(|| {
                row.wrong(format!(
                    "the label `{word}` is neither bad (1, true, fraud, …) nor good (0, false, legit, …)"
                ))
            })?;
            let text = row.text(weight);
            let hundredths = hundredths(&text).ok_or_else(|| {
                row.wrong(format!(
                    "the weight `{text}` is no number above 0 and at most 1"
                ))
            })?;
            entries.push(SeedEntry {
                account: row.cell(account).to_vec(),
                bad,
                hundredths,
                expires: row.time(expires)?,
                row: row.number,
            });
        }
        Ok(SeedList {
            file: sheet.file,
            entries,
        })
    }

    /// The seeds among the accounts of `log` that hold at `now`; accounts that `is_allowed` names have been
    /// taken out of it.
    ///
    /// # Errors
    /// [`ListError::Row`] where two entries that hold contradict each other.
    pub fn resolve(
        &self,
        log: &EventLog,
        now: Option<i64>,
        is_allowed: impl Fn(&[u8]) -> bool,
    ) -> Result<Seeds, ListError> {
        let mut seeds = Seeds {
            file: self.file.clone(),
            entries: self.entries.len() as u64,
            ..Seeds::default()
        };
        let mut known: BTreeMap<&[u8], (&SeedEntry, u8)> = BTreeMap::new();
        for entry in &self.entries {
            if has_expired(entry.expires, now) {
                seeds.expired += 1;
                continue;
            }
            let (first, hundredths) = known
                .entry(&entry.account)
                .or_insert((entry, entry.hundredths));
            if first.bad != entry.bad {
                let reason = format!(
                    "`{}` has the opposite label in row {}",
                    String::from_utf8_lossy(&entry.account),
                    first.row
                );
                return Err(self.file.wrong(entry.row, reason));
            }
            *hundredths = entry.hundredths.max(*hundredths);
            seeds.repeated += u64::from(first.row != entry.row);
        }
        for (account, (entry, hundredths)) in known {
            match log.accounts.find(account) {
                Some(account) => seeds.list.push(Seed {
                    account,
                    bad: entry.bad,
                    hundredths,
                }),
                None if is_allowed(account) => seeds.allowed += 1,
                None => seeds.unknown += 1,
            }
        }
        Ok(seeds)
    }
}

/// A weight in hundredths, rounded, 1 at least; full where it is not given.
fn hundredths(text: &str) -> Option<u8> {
    if text.is_empty() {
        return Some(100);
    }
    let weight: f64 = text.parse().ok()?;
    (weight > 0.0 && weight <= 1.0).then(|| (weight * 100.0).round().max(1.0) as u8)
}
