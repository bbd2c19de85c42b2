//! What the allow list has to do with an explanation: who said that something is no evidence, and until when.

use std::fmt::{self, Write};

use crate::publish::ids::id_text;
use crate::publish::manifest::{AllowedRecord, Manifest};
use crate::publish::text::{counted, printable, time};

/// Entries named below a ring.
const NAMED_ENTRIES: usize = 5;

/// The entries that were applied, in the list's order.
pub(super) fn applied(manifest: &Manifest) -> impl Iterator<Item = &AllowedRecord> {
    let entries = manifest.allow.iter().flat_map(|allow| &allow.entries);
    entries.filter(|entry| entry.status == "applied")
}

/// The entry by which the account `id`, as published or as it stood in the events, was left out.
pub(super) fn account<'a>(manifest: &'a Manifest, id: &str) -> Option<&'a AllowedRecord> {
    let text = id_text(id.as_bytes());
    applied(manifest)
        .find(|entry| entry.kind == "account" && (entry.value == id || entry.value == text))
}

/// Why an account was left out.
pub(super) fn write_account(entry: &AllowedRecord, f: &mut impl Write) -> fmt::Result {
    writeln!(
        f,
        "Account {}\nIt is on the allow list (row {}): {}.\nIts {} were left out of the sweep, so it can be \
         in no ring.",
        printable(&entry.value),
        entry.row,
        terms(entry),
        counted(entry.rows, "row"),
    )
}

/// What was left out before a ring was looked for; nothing where nothing was.
pub(super) fn write_below_ring(entries: &[AllowedRecord], f: &mut impl Write) -> fmt::Result {
    if entries.is_empty() {
        return Ok(());
    }
    f.write_str("\nAllowed, and so no part of any ring\n")?;
    for entry in entries.iter().take(NAMED_ENTRIES) {
        writeln!(
            f,
            "  {} {}: {}",
            printable(&entry.kind),
            printable(&entry.value),
            terms(entry)
        )?;
    }
    match entries.len().checked_sub(NAMED_ENTRIES) {
        Some(more @ 1..) => writeln!(f, "  and {} more", counted(more as u64, "entry")),
        _ => Ok(()),
    }
}

/// Reason, owner and expiry, as far as they are given.
fn terms(entry: &AllowedRecord) -> String {
    let mut terms = match &*entry.reason {
        "" => "no reason given".to_owned(),
        reason => printable(reason),
    };
    if !entry.owner.is_empty() {
        terms.push_str(", says ");
        terms.push_str(&printable(&entry.owner));
    }
    if !entry.expires.is_empty() {
        terms.push_str(", until ");
        terms.push_str(&time(&entry.expires));
        terms.push_str(" UTC");
    }
    terms
}
