//! Parquet gives the log that the same rows give as CSV, whatever types its columns have.

use std::sync::Arc;

use crate::support::{Rows, csv, gzip, read, rows};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt32Array,
};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use ringsweep::events::{NONE, UNKNOWN_TIME};

fn parquet(columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn text_column(rows: &Rows, column: usize) -> ArrayRef {
    let cell =
        |row: &crate::support::Row| Some(row.cells[column].clone()).filter(|c| !c.is_empty());
    Arc::new(rows.iter().map(cell).collect::<StringArray>())
}

#[test]
fn the_same_rows_give_the_same_log() {
    let rows = rows(2_000);
    let expected = read("a.csv", &csv(&rows)).unwrap();
    for group_rows in [37, 1_000_000] {
        let names = ["account", "device", "ip", "ts"];
        let columns = names
            .iter()
            .enumerate()
            .map(|(i, name)| (*name, text_column(&rows, i)));
        let bytes = parquet(columns.rev().collect(), group_rows);
        for (name, bytes) in [
            ("a.parquet", bytes.clone()),
            ("a", bytes.clone()),
            ("a.parquet.gz", gzip(&bytes)),
        ] {
            let got = read(name, &bytes).unwrap();
            assert_eq!(
                (&got.log, &got.rows),
                (&expected.log, &expected.rows),
                "{name}"
            );
            let places: Vec<u64> = got.rejects.iter().map(|reject| reject.row).collect();
            let expected: Vec<u64> = expected.rejects.iter().map(|reject| reject.row).collect();
            assert_eq!(places, expected);
        }
    }
}

#[test]
fn a_large_row_group_is_read_in_ranges_without_losing_a_row() {
    let rows = 300_000u32;
    let accounts: ArrayRef = Arc::new((0..rows).map(|i| i % 5_003).collect::<UInt32Array>());
    let devices: ArrayRef = Arc::new((0..rows).map(|i| i % 7_919).collect::<UInt32Array>());
    let mut readings = [1 << 20, 1 << 16].map(|group_rows| {
        let columns = vec![("account", accounts.clone()), ("device", devices.clone())];
        read("a.parquet", &parquet(columns, group_rows)).unwrap()
    });
    assert_eq!(readings[0].rows.accepted, u64::from(rows));
    assert_eq!(readings[0].log.keys[0].dictionary.len(), 7_919);
    for reading in &mut readings {
        reading.inputs.clear();
    }
    assert_eq!(readings[0], readings[1]);
}

#[test]
fn typed_columns_are_keys_and_times() {
    let keys = |array: ArrayRef| {
        let accounts: ArrayRef = Arc::new(UInt32Array::from(vec![7, 10, 9]));
        let times: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![
            Some(5),
            None,
            Some(-1),
        ]));
        let bytes = parquet(
            vec![("account", accounts), ("device", array), ("ts", times)],
            100,
        );
        let log = read("a.parquet", &bytes).unwrap().log;
        assert_eq!(
            log.accounts.iter().collect::<Vec<_>>(),
            [b"10".as_slice(), b"7", b"9"]
        );
        assert_eq!(
            log.time("ts").unwrap().micros,
            [UNKNOWN_TIME, 5_000, -1_000]
        );
        let device = log.key("device").unwrap();
        let text = |id: u32| String::from_utf8(log.key_bytes(device, id).to_vec()).unwrap();
        device.ids.iter().map(|&id| text(id)).collect::<Vec<_>>()
    };
    // In the order of the accounts: the second, the first, the third.
    assert_eq!(
        keys(Arc::new(Int64Array::from(vec![-1, i64::MIN, 0]))),
        ["-9223372036854775808", "-1", "0"]
    );
    assert_eq!(
        keys(Arc::new(Float64Array::from(vec![7.0, 732_758_368.8, 0.1]))),
        ["732758368.8", "7", "0.1"]
    );
    assert_eq!(
        keys(Arc::new(BooleanArray::from(vec![true, false, true]))),
        ["false", "true", "true"]
    );
    assert_eq!(
        keys(Arc::new(BinaryArray::from(vec![&b"a"[..], b"b", b"c"]))),
        ["b", "a", "c"]
    );
    assert_eq!(
        keys(Arc::new(Date32Array::from(vec![0, 1, -1]))),
        ["1970-01-02", "1970-01-01", "1969-12-31"]
    );
    let dictionary: arrow_array::DictionaryArray<arrow_array::types::Int32Type> =
        vec!["x", "y", "x"].into_iter().collect();
    assert_eq!(keys(Arc::new(dictionary)), ["y", "x", "x"]);
}

#[test]
fn whole_numbers_are_epochs_and_missing_ones_are_absent() {
    let accounts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let devices: ArrayRef = Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(1.0)]));
    let ips: ArrayRef = Arc::new(StringArray::from(vec!["i", ""]));
    let times: ArrayRef = Arc::new(Int64Array::from(vec![1_700_000_000_000, 0]));
    let bytes = parquet(
        vec![
            ("account", accounts.clone()),
            ("device", devices),
            ("ip", ips),
            ("ts", times),
        ],
        10,
    );
    let reading = read("a.parquet", &bytes).unwrap();
    assert_eq!(reading.time_formats["ts"], "epoch milliseconds");
    assert_eq!(
        reading.log.time("ts").unwrap().micros,
        [1_700_000_000_000_000, 0]
    );
    assert_eq!(reading.log.key("device").unwrap().ids, [NONE, 0]);
    assert_eq!(reading.log.key("ip").unwrap().ids, [0, NONE]);

    let times: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1_999, -1]));
    let bytes = parquet(
        vec![
            ("account", accounts.clone()),
            ("ip", accounts),
            ("ts", times),
        ],
        10,
    );
    let reading = read("a.parquet", &bytes).unwrap();
    assert_eq!(reading.time_formats["ts"], "timestamp");
    assert_eq!(reading.log.time("ts").unwrap().micros, [1, -1]);
}

#[test]
fn damaged_files_are_errors_wherever_they_are_damaged() {
    let rows = rows(300);
    let names = ["account", "device", "ip", "ts"];
    let columns = names
        .iter()
        .enumerate()
        .map(|(i, name)| (*name, text_column(&rows, i)));
    let bytes = parquet(columns.collect(), 100);
    for length in (0..bytes.len()).step_by(97) {
        let error = read("a.parquet", &bytes[..length]).unwrap_err();
        assert!(!error.is_request(), "{length}: {error}");
    }
    for place in (0..bytes.len()).step_by(211) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x55;
        // Some damage cannot be noticed; none may bring the reader down.
        let _ = read("a.parquet", &damaged);
    }
}
