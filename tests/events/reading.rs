//! From files to the log: the same rows give the same log whatever they are wrapped in, however they
//! are cut and whoever reads them, and every row is accounted for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use crate::support::{
    Rows, csv, folder, gzip, ndjson, options, read, read_with, rows, wanted, zstd,
};
use proptest::prelude::*;
use ringsweep::base::chance;
use ringsweep::base::run::Run;
use ringsweep::events::{Error, NONE, ReadOptions, Reading, Source, UNKNOWN_TIME, WantedKey};
use ringsweep::events::{expand, read_events};

#[test]
fn ids_are_opaque_bytes() {
    let reading = read("a.csv", b"account,device,ip\n7,007,1.0\n007,7,1\n").unwrap();
    let log = &reading.log;
    assert_eq!(
        log.accounts.iter().collect::<Vec<_>>(),
        [b"007".as_slice(), b"7"]
    );
    let device = log.key("device").unwrap();
    assert_eq!(
        log.key_bytes(device, device.ids[log.rows_of(0).start]),
        b"7"
    );
    assert_eq!(
        log.key_bytes(device, device.ids[log.rows_of(1).start]),
        b"007"
    );
    assert_eq!(log.key("ip").unwrap().dictionary.len(), 2);
}

#[test]
fn an_empty_cell_is_absent_and_spaces_are_content() {
    let reading = read("a.csv", b"account,device,ip,ts\nx,, ,\n").unwrap();
    assert_eq!(reading.log.key("device").unwrap().ids, [NONE]);
    assert_eq!(reading.log.key("ip").unwrap().dictionary.get(0), b" ");
    assert_eq!(reading.log.time("ts").unwrap().micros, [UNKNOWN_TIME]);
}

#[test]
fn quotes_marks_and_line_ends_do_not_change_the_log() {
    let plain = read(
        "a.csv",
        b"account,device,ip,ts\nx,d 1,i,1\ny,\"a,\"\"b\"\"\nc\",j,2\n",
    )
    .unwrap();
    assert_eq!(
        plain.log.key("device").unwrap().dictionary.get(0),
        b"a,\"b\"\nc"
    );
    for text in [
        &b"\xef\xbb\xbfaccount,device,ip,ts\nx,d 1,i,1\ny,\"a,\"\"b\"\"\nc\",j,2\n"[..],
        b"account,device,ip,ts\r\nx,d 1,i,1\r\ny,\"a,\"\"b\"\"\nc\",j,2\r\n",
        b"account,device,ip,ts\nx,d 1,i,1\n\n\r\ny,\"a,\"\"b\"\"\nc\",j,2",
        b"\"account\",\"device\",\"ip\",\"ts\"\n\"x\",\"d 1\",\"i\",\"1\"\n\"y\",\"a,\"\"b\"\"\nc\",\"j\",\"2\"",
        b"account;device;ip;ts\nx;d 1;i;1\ny;\"a,\"\"b\"\"\nc\";j;2\n",
        b"ts\taccount\tmore\tip\tdevice\n1\tx\t\ti\td 1\n2\ty\t\"\tj\t\"a,\"\"b\"\"\nc\"\n",
        b"account|device|ip|ts\ny|\"a,\"\"b\"\"\nc\"|j|2\nx|d 1|i|1\n",
    ] {
        let other = read("b", text);
        if text.starts_with(b"ts\t") {
            // The stray quote of this one opens a cell that swallows the rest of its row.
            assert_eq!(other.unwrap().rows.accepted, 1);
        } else {
            assert_eq!(other.unwrap().log, plain.log, "{}", String::from_utf8_lossy(text));
        }
    }
}

#[test]
fn a_stray_quote_costs_one_row() {
    let mut text = String::from("account,device\na,1\nb,\"2\nc,3\n");
    for row in 0..20_000 {
        writeln!(text, "d{row},4").unwrap();
    }
    for piece_bytes in [64, 4_096, 1 << 20] {
        let options = ReadOptions {
            piece_bytes,
            ..options()
        };
        let reading = read_with("a.csv", text.as_bytes(), &options).unwrap();
        assert_eq!(
            reading.rows.rejected,
            BTreeMap::from([("unclosed_quote".into(), 1)])
        );
        assert_eq!(reading.rows.accepted, 20_002);
        assert_eq!((reading.rejects[0].row, reading.rejects[0].byte), (2, 19));
    }
}

#[test]
fn every_rejected_row_has_its_place_and_reason() {
    let text =
        "account,device,ip,ts\na,1,1,10\nb,1\n,1,1,10\nc,,,10\nd,1,1,soon\ne,1,1,10,11\nf,1,1,";
    let reading = read("a.csv", text.as_bytes()).unwrap();
    let seen: Vec<(u64, u64, &str, &str)> = reading
        .rejects
        .iter()
        .map(|r| (r.row, r.byte, r.reason.as_str(), r.sample.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (2, 30, "wrong_field_count", "b,1"),
            (3, 34, "no_account", ",1,1,10"),
            (4, 42, "no_entity", "c,,,10"),
            (5, 49, "bad_time:ts", "d,1,1,soon"),
            (6, 60, "wrong_field_count", "e,1,1,10,11"),
        ]
    );
    assert_eq!((reading.rows.read, reading.rows.accepted), (7, 2));

    let text = "{\"account\":\"a\",\"device\":1}\n[1]\n{\"account\":\n{\"account\":{}}\n\n{\"account\":null,\"ip\":1}\n";
    let reading = read("a.ndjson", text.as_bytes()).unwrap();
    let seen: Vec<(u64, u64, &str)> = reading
        .rejects
        .iter()
        .map(|r| (r.row, r.byte, r.reason.as_str()))
        .collect();
    let expected = [
        (2, 27, "not_an_object"),
        (3, 31, "invalid_json"),
        (4, 43, "nested_value"),
        (5, 59, "no_account"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn samples_are_short_printable_and_few_but_counts_are_whole() {
    let mut text = b"account,device\na,1\n".to_vec();
    for _ in 0..50 {
        text.extend_from_slice(b",\xff\\\t");
        text.extend_from_slice(&[b'x'; 300]);
        text.push(b'\n');
        text.extend_from_slice(b"ragged\n");
    }
    let options = ReadOptions {
        max_reject_samples: 6,
        piece_bytes: 700,
        ..options()
    };
    let reading = read_with("a.csv", &text, &options).unwrap();
    assert_eq!(
        reading.rows.rejected["no_account"] + reading.rows.rejected["wrong_field_count"],
        100
    );
    let rows: Vec<u64> = reading.rejects.iter().map(|reject| reject.row).collect();
    assert_eq!(rows, [2, 3, 4, 5, 6, 7]);
    assert!(reading.rejects[0].sample.starts_with(r",\xff\x5c\x09xxx"));
    assert!(reading.rejects[0].sample.len() < 260);
}

#[test]
fn a_field_of_more_than_64_kib_is_rejected() {
    let long = "x".repeat(65_537);
    let text = format!("account,device\na,{long}\nb,{}\n", &long[1..]);
    let reading = read("a.csv", text.as_bytes()).unwrap();
    assert_eq!(
        reading.rows.rejected,
        BTreeMap::from([("field_too_long".into(), 1)])
    );
    assert_eq!(reading.log.accounts.get(0), b"b");
}

#[test]
fn json_values_are_keys_as_they_are_written() {
    let text = concat!(
        "{\"account\": 7, \"device\": \"7\", \"ip\": 7.0, \"ts\": 1700000000}\r\n",
        "{\"account\": \"7\", \"device\": true, \"ip\": \"\\u00fcn\\n\", \"other\": [{}], \"ts\": \"1700000000\"}\n",
    );
    let log = read("a.jsonl", text.as_bytes()).unwrap().log;
    assert_eq!(log.accounts.iter().collect::<Vec<_>>(), [b"7"]);
    let keys = |name: &str| -> Vec<Vec<u8>> {
        log.key(name)
            .unwrap()
            .dictionary
            .iter()
            .map(<[u8]>::to_vec)
            .collect()
    };
    assert_eq!(keys("device"), [b"7".to_vec(), b"true".to_vec()]);
    assert_eq!(keys("ip"), [b"7.0".to_vec(), "ün\n".as_bytes().to_vec()]);
    assert_eq!(log.time("ts").unwrap().micros, [1_700_000_000_000_000; 2]);
}

#[test]
fn threads_batches_and_row_order_do_not_show() {
    let original = rows(3_000);
    let expected = read("a.csv", &csv(&original)).unwrap();
    assert!(expected.rows.rejected.len() > 2);
    for turn in 1..5 {
        let mut shuffled = original.clone();
        shuffled.sort_by_key(|row| chance::mix(turn ^ chance::mix(row.number)));
        let text = csv(&shuffled);
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            for piece_bytes in [1, 50, 1_000, 1 << 22] {
                let options = ReadOptions {
                    piece_bytes,
                    ..options()
                };
                let got = pool
                    .install(|| read_with("a.csv", &text, &options))
                    .unwrap();
                assert_eq!(got.log, expected.log);
                assert_eq!(got.rows, expected.rows);
            }
        }
    }
}

#[test]
fn batches_do_not_show_in_rejects() {
    let text = csv(&rows(2_000));
    let expected = read("a.csv", &text).unwrap().rejects;
    assert!(expected.len() > 20);
    for piece_bytes in [1, 77, 5_000] {
        let options = ReadOptions {
            piece_bytes,
            ..options()
        };
        assert_eq!(
            read_with("a.csv", &text, &options).unwrap().rejects,
            expected
        );
    }
}

#[test]
fn the_shape_of_the_input_does_not_show() {
    let rows: Rows = rows(2_000)
        .into_iter()
        .filter(|row| !row.broken())
        .collect();
    let expected = read("a.csv", &csv(&rows)).unwrap();
    let text = csv(&rows);
    let (first, second) = text.split_at(text.len() / 2);
    let members = [gzip(first), gzip(second)].concat();
    for (name, bytes) in [
        ("a.csv.gz", gzip(&text)),
        ("members.csv.gz", members),
        ("a.csv.zst", zstd(&text)),
        ("no_suffix", text.clone()),
        ("wrapped", gzip(&ndjson(&rows))),
        ("a.ndjson", ndjson(&rows)),
        ("a.json.zst", zstd(&ndjson(&rows))),
    ] {
        let got = read(name, &bytes).unwrap();
        assert_eq!(got.log, expected.log, "{name}");
        assert_eq!(got.rows, expected.rows, "{name}");
        assert_eq!(got.time_formats, expected.time_formats, "{name}");
    }
}

#[test]
fn several_files_are_one_log() {
    let rows = rows(600);
    let expected = read("all.csv", &csv(&rows)).unwrap();
    let folder = folder();
    let deep = folder.path().join("2026/11");
    fs::create_dir_all(&deep).unwrap();
    fs::write(folder.path().join("b.csv"), csv(&rows[..200].to_vec())).unwrap();
    fs::write(deep.join("a.csv.gz"), gzip(&csv(&rows[200..400].to_vec()))).unwrap();
    fs::write(deep.join("c.csv"), csv(&rows[400..].to_vec())).unwrap();
    fs::write(deep.join("_SUCCESS"), "").unwrap();
    fs::write(deep.join(".hidden.csv"), "nonsense").unwrap();
    fs::write(deep.join("notes.md"), "nonsense").unwrap();
    let sources = expand(&[folder.path()]).unwrap();
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["2026/11/a.csv.gz", "2026/11/c.csv", "b.csv"]);
    let got = read_events(&sources, &wanted(), &options(), &Run::quiet()).unwrap();
    assert_eq!((&got.log, &got.rows), (&expected.log, &expected.rows));
    assert_eq!(
        got.inputs
            .iter()
            .map(|input| input.rows)
            .collect::<Vec<_>>(),
        [200, 200, 200]
    );

    let pattern = folder.path().join("*/*/*.csv*");
    let twice = [pattern, deep.join("c.csv")];
    assert_eq!(expand(&twice).unwrap().len(), 2);
}

#[test]
fn columns_that_only_some_inputs_have_are_empty_in_the_others() {
    let folder = folder();
    fs::write(folder.path().join("a.csv"), "account,device\nx,1\n").unwrap();
    fs::write(folder.path().join("b.csv"), "ts,ip,account\n5,9,x\n").unwrap();
    let sources = expand(&[folder.path()]).unwrap();
    let reading = read_events(&sources, &wanted(), &options(), &Run::quiet()).unwrap();
    assert_eq!(reading.log.key("device").unwrap().ids, [0, NONE]);
    assert_eq!(reading.log.key("ip").unwrap().ids, [NONE, 0]);
    assert_eq!(
        reading.log.time("ts").unwrap().micros,
        [UNKNOWN_TIME, 5_000_000]
    );
    assert!(reading.log.key("invited").is_none());
    let found: Vec<&str> = reading.found.iter().map(String::as_str).collect();
    assert_eq!(found, ["account", "device", "ip", "ts"]);
}

#[test]
fn relations_hold_account_ids() {
    let mut wanted = wanted();
    wanted.keys.push(WantedKey {
        name: "invited".into(),
        accounts: true,
    });
    let folder = folder();
    let path = folder.path().join("a.csv");
    fs::write(&path, "account,device,invited\nm,1,z\nz,1,m\nz,2,a\n").unwrap();
    let reading = read_events(&[Source::file(path)], &wanted, &options(), &Run::quiet()).unwrap();
    let log = &reading.log;
    assert_eq!(log.accounts.iter().collect::<Vec<_>>(), [b"a", b"m", b"z"]);
    assert!(log.rows_of(0).is_empty());
    let invited = log.keys.iter().find(|key| key.accounts).unwrap();
    assert_eq!(invited.ids, [2, 1, 0]);
    assert!(invited.dictionary.is_empty());
}

#[test]
fn accounts_with_too_few_rows_leave_no_trace() {
    let text = b"account,device,ip\na,1,i\nb,2,j\na,3,i\nc,,\n";
    let options = ReadOptions {
        min_participation: 2,
        ..options()
    };
    let reading = read_with("a.csv", text, &options).unwrap();
    assert_eq!(
        reading.rows.filtered,
        BTreeMap::from([("below_min_participation".into(), 1)])
    );
    assert_eq!(reading.log.accounts.iter().collect::<Vec<_>>(), [b"a"]);
    let devices = &reading.log.key("device").unwrap().dictionary;
    assert_eq!(devices.iter().collect::<Vec<_>>(), [b"1", b"3"]);
    assert_eq!(reading.rows.read, 4);
    assert_eq!(reading.rows.accepted, 2);
}

#[test]
fn keys_of_all_lengths_are_told_apart() {
    let keys: Vec<String> = (0..40).map(|length| "k".repeat(length)).collect();
    let mut text = String::from("account,device\n");
    for key in keys.iter().chain(keys.iter().rev()) {
        writeln!(text, "a{key},d{key}").unwrap();
    }
    let log = read("a.csv", text.as_bytes()).unwrap().log;
    let device = log.key("device").unwrap();
    assert_eq!((log.accounts.len(), device.dictionary.len()), (40, 40));
    for row in 0..log.len() {
        let (account, key) = (
            log.accounts.get(log.account[row]),
            log.key_bytes(device, device.ids[row]),
        );
        assert_eq!(&account[1..], &key[1..]);
        assert_eq!(account, format!("a{}", keys[row / 2]).as_bytes());
    }
}

#[test]
fn a_header_that_does_not_end_is_named_as_such() {
    for length in [65_534, 65_535, 200_000, 5 << 20] {
        let text = format!("account,device,{}", "x".repeat(length - 15));
        let result = read("a.csv", format!("{text}\na,1,2\n").as_bytes());
        if length == 65_534 {
            assert_eq!(result.unwrap().rows.accepted, 1);
        } else {
            let error = result.unwrap_err().to_string();
            assert!(
                error.contains("a header line of 65536 bytes or more"),
                "{error:.300}"
            );
        }
    }
}

fn renamed(pairs: &[(&str, &str)]) -> ReadOptions {
    let renames = pairs
        .iter()
        .map(|(from, to)| ((*from).into(), (*to).into()))
        .collect();
    ReadOptions {
        renames,
        ..options()
    }
}

#[test]
fn columns_are_renamed_by_role_and_by_name() {
    let text = b"uid,geraet,ip,wann\nx,1,2,3\n";
    let renames = renamed(&[("account", "uid"), ("time", "wann"), ("device", "geraet")]);
    let reading = read_with("a.csv", text, &renames).unwrap();
    assert_eq!(reading.log.time("ts").unwrap().micros, [3_000_000]);
    assert_eq!(reading.log.key("device").unwrap().dictionary.get(0), b"1");

    let missing = renamed(&[("account", "uid"), ("device", "phone")]);
    let error = read_with("a.csv", text, &missing).unwrap_err();
    assert!(error.is_request(), "{error}");
    assert!(
        error.to_string().contains("geraet, ip, uid, wann"),
        "{error}"
    );
    let unknown = read_with("a.csv", text, &renamed(&[("acount", "uid")])).unwrap_err();
    assert!(
        unknown.is_request() && unknown.to_string().contains("acount"),
        "{unknown}"
    );
    let lines = b"{\"uid\":1,\"device\":2}\n";
    assert!(
        read_with("a.ndjson", lines, &missing)
            .unwrap_err()
            .is_request()
    );
}

#[test]
fn wrong_requests_are_told_from_wrong_data() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for path in [at("missing.csv"), at("*.csv"), folder.path().to_path_buf()] {
        let error = expand(&[&path]).unwrap_err();
        assert!(error.is_request(), "{error}");
        assert!(
            error.to_string().contains(&*path.to_string_lossy()),
            "{error}"
        );
    }
    assert!(matches!(expand::<&str>(&[]), Err(Error::NoSource)));

    let cut = &gzip(&csv(&rows(500)))[..3_000];
    for (name, bytes, says) in [
        ("a.csv", &b""[..], "empty"),
        ("a.csv", b"\xef\xbb\xbf", "empty"),
        ("a.csv", b"account,device\n", "no rows"),
        ("a.csv", b"user,device\nx,1\n", "user, device"),
        ("a.csv", b"account,target\nx,1\n", "account, target"),
        ("a.csv", b"account,device,device\nx,1,2\n", "\"device\""),
        ("a.csv", b"account,device\n,1\n", "no_account 1"),
        ("a.csv", b"\x7fELF\x02\x01\x00\x00", "NUL"),
        ("a.csv", b"\xff\xfea\x00,\x00b\x00", "UTF-16"),
        ("a.csv", b"\x89\xab\xcd,\xef\n\x88", "header"),
        ("a.csv.gz", cut, "gzip"),
        ("a.csv.gz", b"account,device\nx,1\n", "gzip"),
        ("a.csv.zst", &zstd(&csv(&rows(500)))[..3_000], "zstd"),
        ("a.json", b" [{\"account\":1}]", "one object per line"),
        ("a.ndjson", b"{\"user\":1}\n", "user"),
        ("a.parquet", b"account,device\nx,1\n", "parquet"),
        ("a.parquet", b"PAR1 and nothing else", "parquet"),
    ] {
        let error = read(name, bytes).unwrap_err();
        assert!(!error.is_request(), "{name}: {error}");
        let text = error.to_string();
        assert!(
            text.contains(says) && text.contains(name)
                || says.contains("no_account")
                || says.contains("target"),
            "{name}: {text}"
        );
    }
}

#[test]
fn times_that_are_mostly_in_another_format_are_an_error_that_names_both() {
    let mut text = b"account,device,ts\n".to_vec();
    // The sample ends after 4 MiB; beyond it the format changes.
    while text.len() < 5 << 20 {
        text.extend_from_slice(b"account_with_a_long_name,device_with_a_long_name,1700000000\n");
    }
    while text.len() < 12 << 20 {
        text.extend_from_slice(
            b"account_with_a_long_name,device_with_a_long_name,2026-11-22T00:00:00Z\n",
        );
    }
    let error = read("a.csv", &text).unwrap_err();
    assert!(!error.is_request());
    let text = error.to_string();
    assert!(
        text.contains("epoch seconds") && text.contains("RFC 3339"),
        "{text}"
    );
}

fn adds_up(reading: &Reading) -> bool {
    let rows = &reading.rows;
    let out: u64 = rows.rejected.values().chain(rows.filtered.values()).sum();
    let by_input: u64 = reading.inputs.iter().map(|input| input.rows).sum();
    rows.read == rows.accepted + out
        && rows.accepted == reading.log.len() as u64
        && by_input == rows.read
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic_and_counts_add_up(
        body in prop::collection::vec(prop::sample::select(&b"a7,;\"\"\n\n\r\\{}:[] \xff-/T"[..]), 0..400),
        header in prop::sample::select(&["account,device,ts\n", "account;ip\r\n", "{\"account\":1,\"ip\":2}\n", ""][..]),
        piece_bytes in 1usize..200,
        suffix in prop::sample::select(&["a.csv", "a.ndjson", "a"][..]),
    ) {
        let text = [header.as_bytes(), &body].concat();
        let whole = read(suffix, &text);
        let options = ReadOptions { piece_bytes, ..options() };
        let cut = read_with(suffix, &text, &options);
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => {
                prop_assert!(adds_up(&whole));
                prop_assert_eq!(whole, cut);
            }
            (Err(whole), Err(cut)) => prop_assert_eq!(whole.to_string(), cut.to_string()),
            (whole, cut) => prop_assert!(false, "{:?} against {:?}", whole.err(), cut.err()),
        }
    }

    #[test]
    fn well_formed_tables_read_as_another_reader_reads_them(
        cells in prop::collection::vec(prop::collection::vec("[a-c,;\"\n\r ]{0,4}", 2), 1..40),
        piece_bytes in 1usize..100,
    ) {
        let mut writer = csv::Writer::from_writer(b"account,device\n".to_vec());
        for row in &cells {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let mut expected: Vec<(Vec<u8>, Vec<u8>)> = cells
            .iter()
            .filter(|row| row.iter().all(|cell| !cell.is_empty()))
            .map(|row| (row[0].clone().into_bytes(), row[1].clone().into_bytes()))
            .collect();
        expected.sort();
        let options = ReadOptions { piece_bytes, ..options() };
        match read_with("a.csv", &text, &options) {
            Ok(reading) => {
                let log = &reading.log;
                let device = log.key("device").unwrap();
                let mut got: Vec<(Vec<u8>, Vec<u8>)> = (0..log.len())
                    .map(|row| {
                        let account = log.accounts.get(log.account[row]).to_vec();
                        (account, log.key_bytes(device, device.ids[row]).to_vec())
                    })
                    .collect();
                got.sort();
                prop_assert_eq!(got, expected);
            }
            Err(error) => prop_assert!(expected.is_empty(), "{}", error),
        }
    }
}
