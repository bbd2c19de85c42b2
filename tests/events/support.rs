//! Small inputs for the tests of the readers.

use std::io::Write;

use ringsweep::base::chance;
use ringsweep::base::run::Run;
use ringsweep::events::{Error, ReadOptions, Reading, Source, Wanted, WantedKey, read_events};

/// One made-up event.
#[derive(Clone)]
pub(crate) struct Row {
    /// Where it stands among all.
    pub(crate) number: u64,
    /// Cells: account, device, ip, time.
    pub(crate) cells: [String; 4],
}

/// Made-up events.
pub(crate) type Rows = Vec<Row>;

impl Row {
    /// Whether the readers must reject it.
    pub(crate) fn broken(&self) -> bool {
        let [account, device, ip, time] = &self.cells;
        account.is_empty() || device.is_empty() && ip.is_empty() || time.contains("never")
    }
}

/// `count` events with a few broken ones, awkward letters and repeated keys.
pub(crate) fn rows(count: u64) -> Rows {
    let pick = |number: u64, stage: u64, among: u64| chance::mix(number * 31 + stage) % among;
    (0..count)
        .map(|number| {
            let name = |stage, among, prefix: &str| {
                let n = pick(number, stage, among);
                match n % 11 {
                    0 => String::new(),
                    1 => format!("{prefix},\"{n}\""),
                    2 => format!("{prefix}\n{n}"),
                    3 => format!("{n}"),
                    4 => format!("0{n}"),
                    _ => format!("{prefix}{n}"),
                }
            };
            let time = match pick(number, 4, 40) {
                0 => String::new(),
                1 => "never".into(),
                _ => (1_700_000_000 + pick(number, 5, 500)).to_string(),
            };
            Row {
                number,
                cells: [name(1, 97, "a"), name(2, 301, "d"), name(3, 55, "i"), time],
            }
        })
        .collect()
}

/// The rows as CSV.
pub(crate) fn csv(rows: &Rows) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["account", "device", "ip", "ts"])
        .unwrap();
    for row in rows {
        writer.write_record(&row.cells).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The rows as NDJSON, absent cells in three ways.
pub(crate) fn ndjson(rows: &Rows) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        let mut object = serde_json::Map::new();
        for (name, cell) in ["account", "device", "ip", "ts"].iter().zip(&row.cells) {
            let value = match (cell.is_empty(), row.number % 3) {
                (true, 0) => continue,
                (true, 1) => serde_json::Value::Null,
                _ => cell.clone().into(),
            };
            object.insert((*name).into(), value);
        }
        serde_json::to_writer(&mut text, &object).unwrap();
        text.push(b'\n');
    }
    text
}

/// Compressed with gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compressed with zstd.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// A folder that is gone after the test.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Account, device, ip, ts.
pub(crate) fn wanted() -> Wanted {
    let key = |name: &str| WantedKey {
        name: name.into(),
        accounts: false,
    };
    Wanted {
        account: "account".into(),
        times: vec!["ts".into()],
        keys: vec![key("device"), key("ip")],
    }
}

/// The defaults.
pub(crate) fn options() -> ReadOptions {
    ReadOptions::default()
}

/// Reads one file with the defaults.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Reading, Error> {
    read_with(name, bytes, &options())
}

/// Reads one file.
pub(crate) fn read_with(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Reading, Error> {
    let folder = folder();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_events(&[Source::file(path)], &wanted(), options, &Run::quiet())
}
