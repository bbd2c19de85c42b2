//! Laws of the folder: any row reads back, and a reader never meets half a sweep.

use std::fs;
use std::io::{Seek, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use ringsweep::publish::tables::Row;
use ringsweep::publish::{
    Format, MemberRow, OpenError, RejectRow, SweepTables, UseRow, open_sweep, publish_sweep,
};

use crate::sample;

/// Text that is often empty, blank, quoted, broken over lines, or far from ASCII.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ ,;\"'\\r\\n\\t\\\\#=@-]{0,4}",
        "[a-z0-9]{1,8}",
        any::<String>(),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
        (0u32..100_000).prop_map(|milli| f64::from(milli) / 1e3),
        any::<i32>().prop_map(f64::from),
    ]
}

fn uses() -> impl Strategy<Value = Vec<UseRow>> {
    let row =
        (text(), text(), text(), any::<u32>()).prop_map(|(entity, account, time, events)| UseRow {
            ring_id: "R".into(),
            entity_type: String::new(),
            entity_id: entity,
            account_id: account,
            events,
            first_ts: time.clone(),
            last_ts: time,
        });
    proptest::collection::vec(row, 0..6)
}

fn rejects() -> impl Strategy<Value = Vec<RejectRow>> {
    let row = (text(), any::<u64>(), any::<u64>(), text());
    let row = row.prop_map(|(source, row, byte, sample)| RejectRow {
        source,
        row,
        byte,
        reason: String::new(),
        sample,
    });
    proptest::collection::vec(row, 0..6)
}

fn members() -> impl Strategy<Value = Vec<MemberRow>> {
    let row = (text(), finite()).prop_map(|(account_id, score)| MemberRow {
        account_id,
        ring_id: "R".into(),
        tier: "act".into(),
        score,
        role: "core".into(),
        reasons: String::new(),
    });
    proptest::collection::vec(row, 0..6)
}

fn read_back<R: Row>(format: Format, rows: &[R]) -> Vec<R> {
    let mut bytes = Vec::new();
    format.write(rows, &mut bytes).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    file.rewind().unwrap();
    format.read(file).unwrap()
}

proptest! {
    #[test]
    fn any_row_reads_back_in_every_format(
        uses in uses(),
        rejects in rejects(),
        members in members(),
    ) {
        for &format in Format::ALL {
            prop_assert_eq!(&read_back(format, &uses), &uses, "{}", format);
            prop_assert_eq!(&read_back(format, &rejects), &rejects, "{}", format);
            let read = read_back(format, &members);
            prop_assert_eq!(&read, &members, "{}", format);
            let bits = |rows: &[MemberRow]| -> Vec<u64> {
                rows.iter().map(|row| row.score.to_bits()).collect()
            };
            prop_assert_eq!(bits(&read), bits(&members), "{}", format);
        }
    }
}

/// Replaces a sweep again and again while another thread reads it.
#[test]
fn a_reader_meets_the_old_or_the_new() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("sweep");
    let manifest = sample::manifest();
    let full = sample::tables();
    let empty = SweepTables::default();
    publish_sweep(&dir, &full, &manifest, Format::Csv, false).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut met = 0;
            while !done.load(Ordering::Relaxed) {
                assert!(dir.is_dir(), "there is a sweep at any time");
                // The writer never rests here, so every attempt of a reader may come across a new
                // sweep; then it says so, and never gives parts of both.
                match open_sweep(&dir) {
                    Ok((tables, _)) => assert!(tables == full || tables == empty),
                    Err(error) => assert!(
                        matches!(
                            error,
                            OpenError::Damaged { .. } | OpenError::NotASweep { .. }
                        ),
                        "{error:?}"
                    ),
                }
                met += 1;
            }
            met
        });
        for at in 0..20 {
            let tables = if at % 2 == 0 { &empty } else { &full };
            publish_sweep(&dir, tables, &manifest, Format::Csv, true).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

/// A flipped bit may go unnoticed (in a page without a checksum) but never brings the reader down.
#[cfg(feature = "parquet")]
#[test]
fn parquet_with_a_flipped_bit_does_not_panic() {
    let mut bytes = Vec::new();
    Format::Parquet
        .write(&sample::tables().uses, &mut bytes)
        .unwrap();
    let mut noticed = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&damaged).unwrap();
        file.rewind().unwrap();
        noticed += usize::from(Format::Parquet.read::<UseRow>(file).is_err());
    }
    assert!(noticed > bytes.len() / 10, "{noticed} of {}", bytes.len());
}
