//! Parquet gives the log that the same rows give as CSV, whatever types its columns have.

use std::fmt::Write;
use std::sync::Arc;

use crate::support::{Rows, csv, gzip, read, rows};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt32Array,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use ringsweep::base::chance;
use ringsweep::events::{NONE, Reading, UNKNOWN_TIME};

fn parquet(columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows));
    parquet_by(columns, properties.build())
}

fn parquet_by(columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// Ways in which programs write the same columns.
fn ways() -> Vec<(&'static str, WriterProperties)> {
    let small_pages = || {
        WriterProperties::builder()
            .set_data_page_row_count_limit(100)
            .set_write_batch_size(10)
    };
    let groups = |rows| small_pages().set_max_row_group_row_count(Some(rows));
    let plain = |builder: WriterPropertiesBuilder| builder.set_dictionary_enabled(false);
    let zstd = Compression::ZSTD(ZstdLevel::default());
    vec![
        ("dictionary", small_pages().build()),
        ("dictionary in groups", groups(333).build()),
        (
            "dictionary given up half way",
            small_pages().set_dictionary_page_size_limit(200).build(),
        ),
        ("plain", plain(small_pages()).build()),
        (
            "plain in groups, zstd",
            plain(groups(333)).set_compression(zstd).build(),
        ),
        (
            "second version, snappy",
            small_pages()
                .set_writer_version(WriterVersion::PARQUET_2_0)
                .set_compression(Compression::SNAPPY)
                .build(),
        ),
        (
            "second version without dictionary",
            plain(small_pages())
                .set_writer_version(WriterVersion::PARQUET_2_0)
                .build(),
        ),
    ]
}

#[test]
fn numbers_and_text_in_any_encoding_give_the_log_of_the_csv() {
    // Small and large numbers, short and long text, absent cells, rows that are rejected whose keys nobody else
    // has, and a time that is too large for its unit.
    let count = 2_000u64;
    let pick = |i: u64, stage: u64, among: u64| chance::mix(i * 7 + stage) % among;
    let account = |i: u64| (pick(i, 1, 50) > 0).then(|| pick(i, 2, 300) as u32);
    let device = |i: u64| match pick(i, 3, 9) {
        0 => None,
        1 => Some(-(pick(i, 4, 40) as i64)),
        2 => Some(i64::MAX - pick(i, 4, 40) as i64),
        3 => Some(10_000_000_000 + pick(i, 4, 40) as i64),
        _ => Some(pick(i, 4, 90_000) as i64),
    };
    let ip = |i: u64| match (account(i), pick(i, 5, 6)) {
        (None, _) => Some(format!("only-of-rejected-{i}")),
        (_, 0) => None,
        (_, 1) => Some(String::new()),
        (_, 2) => Some(format!(
            "a rather long text that owns memory {}",
            pick(i, 6, 20)
        )),
        (_, 3) => Some(format!("{:016x}", pick(i, 6, 60))),
        (_, n) => Some(format!("{n}{}", pick(i, 6, 60))),
    };
    let time = |i: u64| match pick(i, 7, 60) {
        0 => None,
        1 => Some(1_700_000_000_000),
        _ => Some(1_700_000_000 + pick(i, 8, 500) as i64),
    };
    let text = |cell: Option<String>| cell.unwrap_or_default();
    let mut csv = "account,device,ip,ts\n".to_owned();
    for i in 0..count {
        let [device, time] = [device(i), time(i)].map(|n| text(n.map(|n| n.to_string())));
        let account = text(account(i).map(|n| n.to_string()));
        writeln!(csv, "{account},{device},{},{time}", text(ip(i))).unwrap();
    }
    let expected = read("a.csv", csv.as_bytes()).unwrap();
    assert!(expected.rows.rejected.len() == 3 && expected.rows.accepted > 1_500);
    let columns: [(&str, ArrayRef); 4] = [
        (
            "account",
            Arc::new((0..count).map(account).collect::<UInt32Array>()),
        ),
        (
            "device",
            Arc::new((0..count).map(device).collect::<Int64Array>()),
        ),
        ("ip", Arc::new((0..count).map(ip).collect::<StringArray>())),
        ("ts", Arc::new((0..count).map(time).collect::<Int64Array>())),
    ];
    for (way, properties) in ways() {
        let got = read("a.parquet", &parquet_by(columns.to_vec(), properties)).unwrap();
        assert_eq!(got.log, expected.log, "{way}");
        assert_eq!(got.rows, expected.rows, "{way}");
        let places = |reading: &Reading| {
            let places = reading.rejects.iter();
            places
                .map(|r| (r.row, r.reason.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(places(&got), places(&expected), "{way}");
    }
    // Without a row that is rejected, batches are taken whole.
    let good: Vec<u64> = (0..count)
        .filter(|&i| account(i).is_some() && time(i) != Some(1_700_000_000_000))
        .filter(|&i| device(i).is_some() || !text(ip(i)).is_empty())
        .collect();
    let good = || good.iter().copied();
    let columns: [(&str, ArrayRef); 4] = [
        (
            "account",
            Arc::new(good().map(account).collect::<UInt32Array>()),
        ),
        (
            "device",
            Arc::new(good().map(device).collect::<Int64Array>()),
        ),
        ("ip", Arc::new(good().map(ip).collect::<StringArray>())),
        ("ts", Arc::new(good().map(time).collect::<Int64Array>())),
    ];
    for (way, properties) in ways() {
        let got = read("a.parquet", &parquet_by(columns.to_vec(), properties)).unwrap();
        assert!(got.rejects.is_empty(), "{way}");
        assert_eq!(got.log, expected.log, "{way}");
    }
}

#[test]
fn times_as_text_in_a_dictionary_are_read_too() {
    let accounts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c", "d"]));
    let text = vec![Some("2026-01-01"), Some("never"), None, Some("2026-01-01")];
    let times: ArrayRef = Arc::new(StringArray::from(text));
    let columns = vec![
        ("account", accounts.clone()),
        ("ip", accounts),
        ("ts", times),
    ];
    for (way, properties) in ways() {
        let reading = read("a.parquet", &parquet_by(columns.clone(), properties)).unwrap();
        let day = 1_767_225_600_000_000;
        let micros = &reading.log.time("ts").unwrap().micros;
        assert_eq!(*micros, [day, UNKNOWN_TIME, day], "{way}");
        assert_eq!(reading.rejects.len(), 1, "{way}");
        assert_eq!(
            (reading.rejects[0].row, &*reading.rejects[0].sample),
            (2, "b,,b")
        );
    }
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
