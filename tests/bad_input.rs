//! Wrong requests and wrong data: the right exit code, words that help, and nothing left behind.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

use flate2::Compression;
use flate2::write::GzEncoder;

mod common {
    pub(crate) mod command;
}
use common::command::ringsweep;

const REQUEST: i32 = 2;
const DATA: i32 = 3;
const RESOURCE: i32 = 4;

const GOOD: &str = "account_id,device_id,ts\na,d,1767225600\nb,d,1767225601\nc,e,1767225602\n";

/// A folder to work in; everything in it is counted before and after.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
        };
        place.file("good.csv", GOOD);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        name.to_owned()
    }

    /// Every path below the folder, hidden ones too.
    fn paths(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                found.push(path.clone());
                if path.is_dir() {
                    walk(&path, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path(), &mut found);
        found.sort();
        found
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        ringsweep(arguments)
            .current_dir(self.folder.path())
            .write_stdin(input)
            .output()
            .unwrap()
    }

    /// Runs `sweep events --graph engagement --out swept` with `more`.
    fn sweep(&self, events: &str, more: &[&str]) -> Output {
        let base = ["sweep", events, "--graph", "engagement", "--out", "swept"];
        self.run(&[&base[..], more].concat(), b"")
    }

    /// Fails with `code`, says each of `words` on stderr and a help below, and changes no file.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let before = self.paths();
        let output = self.run(arguments, b"");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(output.stdout.is_empty(), "results alone go to stdout");
        assert!(said.starts_with("error: "), "{said}");
        for word in words {
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(self.paths(), before, "something was left behind: {said}");
        said
    }

    #[track_caller]
    fn refuses_sweep(&self, events: &str, more: &[&str], code: i32, words: &[&str]) {
        let base = ["sweep", events, "--graph", "engagement", "--out", "swept"];
        let said = self.refuses(&[&base[..], more].concat(), code, words);
        assert!(said.contains("\n  help: "), "no help in: {said}");
    }
}

#[test]
fn a_file_that_is_not_there() {
    let place = Place::new();
    place.refuses_sweep("none.csv", &[], REQUEST, &["none.csv", "no such file"]);
    place.refuses_sweep("none-*.csv", &[], REQUEST, &["none-*.csv"]);
}

#[test]
fn a_folder_without_events() {
    let place = Place::new();
    fs::create_dir(place.path("bare")).unwrap();
    fs::write(place.path("bare/picture.png"), [0x89, b'P', b'N', b'G']).unwrap();
    place.refuses_sweep("bare", &[], REQUEST, &["bare", "no event file", ".parquet"]);
}

#[test]
fn a_column_that_is_not_there() {
    let place = Place::new();
    let found = "account_id, device_id, ts";
    for column in ["account=uid", "account_id=uid", "device_id=uid", "time=uid"] {
        let words = ["\"uid\"", found];
        place.refuses_sweep("good.csv", &["--column", column], REQUEST, &words);
    }
    let words = ["\"nobody\"", "account"];
    place.refuses_sweep("good.csv", &["--column", "nobody=ts"], REQUEST, &words);
}

#[test]
fn data_without_accounts_or_without_anything_to_share() {
    let place = Place::new();
    place.file("anonymous.csv", "uid,device_id\na,d\nb,d\n");
    let words = ["anonymous.csv", "account_id", "uid, device_id"];
    place.refuses_sweep("anonymous.csv", &[], DATA, &words);
    place.file("alone.csv", "account_id,ts\na,1767225600\nb,1767225601\n");
    let words = ["device_id", "target_id", "account_id, ts"];
    place.refuses_sweep("alone.csv", &[], DATA, &words);
    place.file("void.csv", "account_id,device_id\na,\n,d\n");
    let words = ["no_account 1", "no_entity 1"];
    place.refuses_sweep("void.csv", &[], DATA, &words);
}

#[test]
fn empty_files() {
    let place = Place::new();
    place.file("empty.csv", "");
    place.refuses_sweep("empty.csv", &[], DATA, &["empty.csv", "empty"]);
    place.file("header.csv", "account_id,device_id,ts\n");
    place.refuses_sweep("header.csv", &[], DATA, &["header.csv", "no rows"]);
    place.refuses_sweep("-", &[], DATA, &["empty"]);
}

#[test]
fn what_is_no_text() {
    let place = Place::new();
    let noise: Vec<u8> = (0..20_000u64)
        .map(|at| ringsweep::base::chance::draw(1, 0, at) as u8)
        .collect();
    place.file("noise.csv", &noise);
    place.refuses_sweep("noise.csv", &[], DATA, &["noise.csv", "byte"]);
    place.file("noise.parquet", &noise);
    place.refuses_sweep("noise.parquet", &[], DATA, &["noise.parquet"]);
}

#[test]
fn a_packed_file_that_was_cut() {
    let place = Place::new();
    let rows = (0..30_000).map(|n| format!("a{n},d{},{}\n", n / 2, 1_767_225_600 + n * 7));
    let text = "account_id,device_id,ts\n".to_owned() + &rows.collect::<String>();
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    place.file("cut.csv.gz", &packed[..packed.len() * 2 / 3]);
    let words = ["cut.csv.gz", "gzip", "cut short"];
    place.refuses_sweep("cut.csv.gz", &[], DATA, &words);
    place.file("whole.csv.gz", &packed);
    assert!(place.sweep("whole.csv.gz", &[]).status.success());
}

#[test]
fn a_definition_with_a_wrong_key_is_shown_the_place() {
    let place = Place::new();
    let definition = "[columns]\naccount = \"account_id\"\n\n[[entity]]\nname = \"device\"\n\
                      kind = \"infrastructure\"\ncolumns = [\"device_id\"]\nmax_acounts = 3\n";
    place.file("mine.toml", definition);
    let arguments = [
        "sweep",
        "good.csv",
        "--graph",
        "mine.toml",
        "--out",
        "swept",
    ];
    let words = [
        "unknown key `max_acounts`",
        "where: mine.toml:8:1",
        "max_acounts = 3",
        "^^^",
        "help: ",
        "`max_accounts`",
    ];
    place.refuses(&arguments, REQUEST, &words);
}

#[test]
fn overrides_that_lead_nowhere() {
    let place = Place::new();
    for (setting, words) in [
        ("entity.ip.max=4", ["unknown key `max`", "max_accounts"]),
        ("entity.nope.max_accounts=4", ["nope", "device"]),
        ("tiers.act_q=2", ["act_q", "q-value"]),
        ("nonsense", ["nonsense", "key"]),
    ] {
        place.refuses_sweep("good.csv", &["--set", setting], REQUEST, &words);
    }
}

#[test]
fn options_that_do_not_exist_or_are_missing() {
    let place = Place::new();
    let sweep = ["sweep", "good.csv", "--out", "swept"];
    let wrong = [&sweep[..], &["--graph", "engagement", "--nonsense"]].concat();
    place.refuses(&wrong, REQUEST, &["--nonsense"]);
    place.refuses(
        &sweep,
        REQUEST,
        &["graph definition", "engagement, signup, coshare"],
    );
    let arguments = ["sweep", "good.csv", "--graph", "engagement"];
    place.refuses(&arguments, REQUEST, &["--out"]);
    place.refuses_sweep("good.csv", &["--memory", "7"], RESOURCE, &["7 are allowed"]);
}

#[test]
fn a_name_that_is_taken() {
    let place = Place::new();
    assert!(place.sweep("good.csv", &[]).status.success());
    let first = fs::read(place.path("swept/manifest.json")).unwrap();
    place.refuses_sweep("good.csv", &[], REQUEST, &["swept exists", "--force"]);
    assert_eq!(fs::read(place.path("swept/manifest.json")).unwrap(), first);
    let paths = place.paths();
    assert!(place.sweep("good.csv", &["--force"]).status.success());
    assert_eq!(place.paths(), paths);

    // A failing run with --force leaves the old sweep whole.
    place.file("header.csv", "account_id,device_id,ts\n");
    place.refuses_sweep("header.csv", &["--force"], DATA, &["no rows"]);
    assert!(place.path("swept/rings.csv").exists());

    // What is no sweep is never replaced.
    fs::create_dir(place.path("mine")).unwrap();
    place.file("mine/thesis.txt", "years of work");
    for more in [&[][..], &["--force"]] {
        let base = [
            "sweep",
            "good.csv",
            "--graph",
            "engagement",
            "--out",
            "mine",
        ];
        place.refuses(&[&base[..], more].concat(), REQUEST, &["mine"]);
    }
}

#[test]
fn places_that_cannot_be_written_to() {
    let place = Place::new();
    for out in ["good.csv/swept", "no/such/swept", "/"] {
        let arguments = ["sweep", "good.csv", "--graph", "engagement", "--out", out];
        let said = place.refuses(&arguments, REQUEST, &[]);
        assert!(said.contains("\n  help: "), "{said}");
    }
    if cfg!(target_os = "linux") {
        let arguments = [
            "sweep",
            "good.csv",
            "--graph",
            "engagement",
            "--out",
            "/proc/swept",
        ];
        place.refuses(&arguments, REQUEST, &["/proc", "help: "]);
    }
    for out in ["good.csv/links.csv", "no/such/links.csv"] {
        let arguments = ["links", "good.csv", "--graph", "engagement", "--out", out];
        place.refuses(&arguments, REQUEST, &["help: "]);
    }
}

#[test]
fn a_pipe_is_as_good_as_a_file() {
    let place = Place::new();
    assert!(place.sweep("good.csv", &[]).status.success());
    let arguments = ["sweep", "-", "--graph", "engagement", "--out", "piped"];
    let output = place.run(&arguments, GOOD.as_bytes());
    assert!(output.status.success(), "{output:?}");
    for table in [
        "rings.csv",
        "members.csv",
        "evidence.csv",
        "links.csv",
        "uses.csv",
    ] {
        let [file, pipe] =
            ["swept", "piped"].map(|sweep| fs::read(place.path(sweep).join(table)).unwrap());
        assert_eq!(file, pipe, "{table}");
    }
    // On stdout the table alone, so that it can be piped on.
    let arguments = ["links", "-", "--graph", "engagement"];
    let output = place.run(&arguments, GOOD.as_bytes());
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        table.lines().next(),
        Some("account_a,account_b,weight,shared,co_actions")
    );
    assert_eq!(table.lines().count(), 2);
    assert!(table.contains("\na,b,"), "{table}");
}

/// Rows that cannot be used are data and not errors: counted, sampled, and the rest is swept.
#[test]
fn bad_rows_are_counted_and_shown() {
    let place = Place::new();
    let rows = "account_id,device_id,ts\na,d,1767225600\n,d,1767225601\nb,,1767225602\n\
                c,d,1767225603\n\"cut,d";
    place.file("mixed.csv", rows);
    let output = place.sweep("mixed.csv", &["--json"]);
    assert!(output.status.success(), "{output:?}");
    let manifest: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let counts = &manifest["rows"];
    let sum = |part: &str| {
        let counts = counts[part].as_object().unwrap().values();
        counts.map(|count| count.as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(counts["read"], 5);
    assert_eq!(counts["accepted"], 2);
    assert_eq!(sum("rejected") + sum("filtered"), 3);
    let rejects = fs::read_to_string(place.path("swept/rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 1 + 3, "{rejects}");
}
