//! Snapshots: what is saved is what is opened, and nothing else is ever opened.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use ringsweep::events::{EventLog, KeyColumn, NONE, TimeColumn, UNKNOWN_TIME};
use ringsweep::publish::RejectRow;
use ringsweep::publish::manifest::{InputRecord, RowCounts};
use ringsweep::recipe::Definition;
use ringsweep::sparse::dictionary::Dictionary;
use ringsweep::store::{Fault, Origin, ReadingFacts, is_snapshot, open, save};

/// One event of a small world: account, time, address, friend (an account).
type Row = (u32, i64, u32, u32);

const ACCOUNTS: u32 = 6;
const ADDRESSES: u32 = 4;

fn dictionary(keys: u32, prefix: &str) -> Dictionary {
    let keys: Vec<Vec<u8>> = (0..keys)
        .map(|key| format!("{prefix}{key}").into_bytes())
        .collect();
    Dictionary::from_sorted(keys.iter().map(Vec::as_slice))
}

fn log(mut rows: Vec<Row>) -> EventLog {
    rows.sort_unstable();
    let first_row = (0..=ACCOUNTS)
        .map(|a| rows.partition_point(|row| row.0 < a) as u64)
        .collect();
    EventLog {
        accounts: dictionary(ACCOUNTS, "account-"),
        account: rows.iter().map(|row| row.0).collect(),
        first_row,
        keys: vec![
            KeyColumn {
                name: "ip".into(),
                accounts: false,
                dictionary: dictionary(ADDRESSES, "10.0.0."),
                ids: rows.iter().map(|row| row.2).collect(),
            },
            KeyColumn {
                name: "friend".into(),
                accounts: true,
                dictionary: Dictionary::default(),
                ids: rows.iter().map(|row| row.3).collect(),
            },
        ],
        times: vec![TimeColumn {
            name: "ts".into(),
            micros: rows.iter().map(|row| row.1).collect(),
        }],
    }
}

fn origin() -> Origin {
    let input = InputRecord {
        name: "events.csv".into(),
        format: "csv+gzip".into(),
        bytes: 4711,
        xxh3: "00".repeat(16),
        rows: 9,
    };
    let reject = RejectRow {
        source: "events.csv".into(),
        row: 3,
        byte: 80,
        reason: "bad time".into(),
        sample: "a,\\xff,\u{1f600}".into(),
    };
    let counts = |reason: &str| BTreeMap::from([(reason.to_owned(), 1)]);
    let rows = RowCounts {
        read: 9,
        accepted: 7,
        rejected: counts("bad time"),
        filtered: counts("seldom"),
    };
    let reading = ReadingFacts {
        found: BTreeSet::from(["ip".into(), "ts".into()]),
        inputs: vec![input],
        rows,
        time_formats: BTreeMap::from([("ts".into(), "epoch seconds".into())]),
        rejects: vec![reject],
    };
    let definition = Definition::load("engagement").unwrap().to_toml();
    Origin {
        graph: "engagement".into(),
        definition,
        reading,
    }
}

fn example() -> EventLog {
    log(vec![
        (0, 5, 1, NONE),
        (0, UNKNOWN_TIME, NONE, 4),
        (2, 7, 0, 5),
        (2, 7, 0, 5),
        (4, -3, 3, 0),
    ])
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let time = prop_oneof![Just(UNKNOWN_TIME), -5i64..5, any::<i64>()];
    let address = prop_oneof![Just(NONE), 0..ADDRESSES];
    let friend = prop_oneof![Just(NONE), 0..ACCOUNTS];
    prop::collection::vec((0..ACCOUNTS, time, address, friend), 0..40)
}

fn saved(folder: &Path, log: &EventLog) -> Vec<u8> {
    let path = folder.join("saved");
    save(&path, log, &origin()).unwrap();
    std::fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_is_saved_is_what_is_opened(rows in rows()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.snapshot");
        let log = log(rows);
        save(&path, &log, &origin()).unwrap();
        prop_assert!(is_snapshot(&path));
        prop_assert_eq!(open(&path).unwrap(), (log, origin()));
    }

    #[test]
    fn equal_logs_are_equal_files(rows in rows()) {
        let folder = tempfile::tempdir().unwrap();
        let mut reversed = rows.clone();
        reversed.reverse();
        prop_assert_eq!(saved(folder.path(), &log(rows)), saved(folder.path(), &log(reversed)));
    }

    #[test]
    fn arbitrary_bytes_are_an_error(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        magic in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        if magic {
            bytes.splice(0..0, *b"RINGSWEP\x01\0\0\0\x40\0\0\0");
        }
        let path = folder.path().join("noise");
        std::fs::write(&path, bytes).unwrap();
        prop_assert!(open(&path).is_err());
    }
}

#[test]
fn faults_have_types() {
    let folder = tempfile::tempdir().unwrap();
    let fault = |name: &str| open(&folder.path().join(name)).unwrap_err().fault;
    let bytes = saved(folder.path(), &example());
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();

    assert!(matches!(fault("missing"), Fault::Io(_)));
    write("empty", b"");
    assert!(matches!(fault("empty"), Fault::NotASnapshot));
    write("text", b"account_id,ts\n");
    assert!(matches!(fault("text"), Fault::NotASnapshot));
    let mut later = bytes.clone();
    later[8] = 2;
    write("later", &later);
    assert!(matches!(
        fault("later"),
        Fault::Version {
            found: 2,
            expected: 1
        }
    ));
    write("cut", &bytes[..bytes.len() / 2]);
    assert!(matches!(fault("cut"), Fault::Damaged(_)));
    assert!(!is_snapshot(&folder.path().join("text")));
    assert!(!is_snapshot(&folder.path().join("empty")));
    assert!(!is_snapshot(folder.path()));
}

#[test]
fn a_log_that_breaks_its_promises_is_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken");
    let mut log = example();
    log.keys[0].ids[0] = ADDRESSES;
    assert!(matches!(
        save(&path, &log, &origin()).unwrap_err().fault,
        Fault::Damaged(_)
    ));
    assert!(!path.exists());
}

#[test]
fn saving_replaces_whole_files_and_leaves_nothing_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.snapshot");
    std::fs::write(&path, "something older").unwrap();
    save(&path, &example(), &origin()).unwrap();
    assert_eq!(open(&path).unwrap().0, example());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("no/such/folder");
    assert!(matches!(
        save(&nowhere, &example(), &origin()).unwrap_err().fault,
        Fault::Io(_)
    ));
}
