//! Every way of writing a time, and how a column's format is decided.

use std::fmt::Write;

use crate::support::{options, read, read_with};
use ringsweep::events::{ReadOptions, UNKNOWN_TIME};

/// 2026-11-22T16:05:09Z in microseconds.
const MOMENT: i64 = 1_795_363_509_000_000;
const MINUTE: i64 = MOMENT - 9_000_000;
const MIDNIGHT: i64 = 1_795_305_600_000_000;

fn column(values: &[&str]) -> (Vec<i64>, String, u64) {
    let mut text = String::from("account,device,ts\n");
    for (row, value) in values.iter().enumerate() {
        writeln!(text, "a{row:03},d,\"{value}\"").unwrap();
    }
    let reading = read("a.csv", text.as_bytes()).unwrap();
    let rejected = reading
        .rows
        .rejected
        .get("bad_time:ts")
        .copied()
        .unwrap_or(0);
    let micros = reading.log.time("ts").unwrap().micros.clone();
    (micros, reading.time_formats["ts"].clone(), rejected)
}

#[test]
fn one_moment_in_every_format() {
    for (text, micros, format) in [
        ("1795363509", MOMENT, "epoch seconds"),
        ("1795363509.25", MOMENT + 250_000, "epoch seconds"),
        ("-1.5", -1_500_000, "epoch seconds"),
        ("1795363509000", MOMENT, "epoch milliseconds"),
        ("1795363509000.5", MOMENT + 500, "epoch milliseconds"),
        ("1795363509000001", MOMENT + 1, "epoch microseconds"),
        ("1795363509000001999", MOMENT + 1, "epoch nanoseconds"),
        ("2026-11-22T16:05:09Z", MOMENT, "RFC 3339"),
        ("2026-11-22t16:05:09.000001999z", MOMENT + 1, "RFC 3339"),
        ("2026-11-22T17:35:09+01:30", MOMENT, "RFC 3339"),
        ("2026-11-22 08:05:09-0800", MOMENT, "RFC 3339"),
        ("2026-11-22 16:05:09+00", MOMENT, "RFC 3339"),
        ("2026-11-22 16:05:09", MOMENT, "YYYY-MM-DD HH:MM[:SS] (UTC)"),
        (
            "2026-11-22T16:05:09.5",
            MOMENT + 500_000,
            "YYYY-MM-DD HH:MM[:SS] (UTC)",
        ),
        ("2026-11-22 16:05", MINUTE, "YYYY-MM-DD HH:MM[:SS] (UTC)"),
        ("2026-11-22", MIDNIGHT, "YYYY-MM-DD (UTC)"),
        ("2026/11/22 16:05:09", MOMENT, "YYYY/MM/DD H:MM[:SS] (UTC)"),
        ("2026/11/22", MIDNIGHT, "YYYY/MM/DD H:MM[:SS] (UTC)"),
        (
            "11/22/2026 16:05",
            MINUTE,
            "M/D/YYYY H:MM[:SS] (UTC, month first: 100 % of values decide it)",
        ),
        (
            "22/11/2026 16:05:09",
            MOMENT,
            "D/M/YYYY H:MM[:SS] (UTC, day first: 100 % of values decide it)",
        ),
        ("22.11.2026 16:05", MINUTE, "D.M.YYYY H:MM[:SS] (UTC)"),
        ("1969-12-31T23:59:59.5Z", -500_000, "RFC 3339"),
        ("2016-12-31T23:59:60Z", 1_483_228_799_999_999, "RFC 3339"),
    ] {
        let (got, name, rejected) = column(&[text]);
        assert_eq!(
            (got[0], name.as_str(), rejected),
            (micros, format, 0),
            "{text}"
        );
    }
}

#[test]
fn dates_that_do_not_exist_and_leftovers_are_rejected() {
    for bad in [
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:00Zulu",
        "2026-01-01T00:00:00+99:00",
        "2026-01-01",
        "2026-01-01T00:00:00.Z",
        "1795363509",
        "soon",
        "２026-01-01T00:00:00Z",
    ] {
        let good = "2026-01-01T00:00:00Z";
        let (micros, format, rejected) = column(&[good, good, bad]);
        assert_eq!(
            (micros.len(), format.as_str(), rejected),
            (2, "RFC 3339", 1),
            "{bad}"
        );
    }
    let (micros, _, rejected) = column(&["1795363509", "0", "1795363509000", "1e9", "99999999999"]);
    assert_eq!((micros.len(), rejected), (3, 2));
}

#[test]
fn the_values_decide_which_number_is_the_month() {
    let (micros, format, _) = column(&["5/6/2026 1:02", "6/5/2026 1:02"]);
    assert_eq!(
        format,
        "M/D/YYYY H:MM[:SS] (UTC, month first: assumed, no value decides it)"
    );
    assert!(micros[0] < micros[1]);
    let (micros, format, rejected) = column(&[
        "5/6/2026 1:02",
        "6/5/2026 1:02",
        "13/5/2026 0:00",
        "1/2/2026",
    ]);
    assert_eq!(
        format,
        "D/M/YYYY H:MM[:SS] (UTC, day first: 25 % of values decide it)"
    );
    assert!(micros[0] > micros[1] && rejected == 0);
    let (_, format, rejected) = column(&["13/5/2026", "5/13/2026", "5/14/2026", "1/2/2026"]);
    assert!(format.contains("month first"), "{format}");
    assert_eq!(rejected, 1);
}

#[test]
fn an_empty_time_is_unknown_and_a_column_of_them_has_no_format() {
    let (micros, format, rejected) = column(&["", ""]);
    assert_eq!((micros, rejected), (vec![UNKNOWN_TIME; 2], 0));
    assert_eq!(format, "no usable value in the sample");
}

#[test]
fn the_format_does_not_depend_on_batches() {
    let mut text = String::from("account,device,ts\n");
    for row in 0..2_000 {
        writeln!(text, "a,d,{}/{}/2026 1:00", row % 28 + 1, row % 12 + 1).unwrap();
    }
    let expected = read("a.csv", text.as_bytes()).unwrap();
    assert!(expected.time_formats["ts"].contains("day first"));
    let options = ReadOptions {
        piece_bytes: 10,
        ..options()
    };
    assert_eq!(
        read_with("a.csv", text.as_bytes(), &options).unwrap(),
        expected
    );
}
