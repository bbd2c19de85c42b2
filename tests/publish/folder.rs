//! The folder: what is written is read back, whole or not at all, the same bytes each time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::sample;
use ringsweep::publish::{
    Format, OpenError, PublishError, SweepTables, open_sweep, publish_sweep, write_beside,
};

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

fn published(parent: &Path, format: Format) -> PathBuf {
    let dir = parent.join("sweep");
    let (tables, manifest) = (sample::tables(), sample::manifest());
    publish_sweep(&dir, &tables, &manifest, format, false).unwrap();
    dir
}

#[test]
fn every_format_reads_back_what_was_written() {
    for &format in Format::ALL {
        let parent = tempfile::tempdir().unwrap();
        let dir = published(parent.path(), format);
        let (tables, manifest) = open_sweep(&dir).unwrap();
        assert_eq!(tables, sample::tables(), "{format}");
        let mut expected = sample::manifest();
        expected.format = format.name().into();
        expected.tables = manifest.tables.clone();
        assert_eq!(manifest, expected);
        assert_eq!(manifest.tables["members"], tables.members.len() as u64);
        assert_eq!(files(&dir).len(), 8);
        assert_eq!(
            fs::read_dir(parent.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }
}

#[test]
fn an_empty_sweep_has_all_tables() {
    for &format in Format::ALL {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("empty");
        let nothing = SweepTables::default();
        publish_sweep(&dir, &nothing, &sample::manifest(), format, false).unwrap();
        assert_eq!(open_sweep(&dir).unwrap().0, nothing);
    }
}

#[test]
fn the_same_sweep_gives_the_same_bytes() {
    for &format in Format::ALL {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(files(&published(a.path(), format)) == files(&published(b.path(), format)));
    }
}

#[test]
fn the_manifest_is_sorted_with_the_timings_last() {
    let text = sample::manifest().to_json();
    let keys: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("  \""))
        .map(|line| line.trim_start().split('"').nth(1).unwrap())
        .collect();
    let (last, sorted) = keys.split_last().unwrap();
    assert_eq!(*last, "timings");
    assert!(sorted.is_sorted() && sorted.len() > 10, "{sorted:?}");
}

#[test]
fn a_whole_float_has_a_fraction_in_every_text_format() {
    let parent = tempfile::tempdir().unwrap();
    let csv =
        fs::read_to_string(published(parent.path(), Format::Csv).join("members.csv")).unwrap();
    assert!(csv.contains(",act,40.0,core,"), "{csv}");
    let parent = tempfile::tempdir().unwrap();
    let dir = published(parent.path(), Format::Jsonl);
    let jsonl = fs::read_to_string(dir.join("members.jsonl")).unwrap();
    assert!(jsonl.contains("\"score\":40.0,"), "{jsonl}");
}

#[test]
fn a_sweep_is_replaced_only_when_told_and_only_by_a_sweep() {
    let parent = tempfile::tempdir().unwrap();
    let dir = published(parent.path(), Format::Csv);
    let before = files(&dir);
    let (nothing, manifest) = (SweepTables::default(), sample::manifest());

    let refused = publish_sweep(&dir, &nothing, &manifest, Format::Jsonl, false);
    assert!(matches!(refused, Err(PublishError::Exists { .. })));
    assert!(files(&dir) == before);

    publish_sweep(&dir, &nothing, &manifest, Format::Jsonl, true).unwrap();
    assert_eq!(open_sweep(&dir).unwrap().0, nothing);
    assert!(!dir.join("members.csv").exists());
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);

    let other = parent.path().join("photos");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("manifest.json"), "{\"tool\":\"camera\"}").unwrap();
    let refused = publish_sweep(&other, &nothing, &manifest, Format::Csv, true);
    assert!(matches!(refused, Err(PublishError::NotASweep { .. })));
    assert_eq!(files(&other).len(), 1);
}

#[test]
fn names_that_cannot_be_are_told_from_one_another() {
    let parent = tempfile::tempdir().unwrap();
    let (nothing, manifest) = (SweepTables::default(), sample::manifest());
    let publish = |path: &Path| publish_sweep(path, &nothing, &manifest, Format::Csv, false);
    let missing = publish(&parent.path().join("no/such/sweep"));
    assert!(
        matches!(missing, Err(PublishError::ParentMissing { .. })),
        "{missing:?}"
    );
    let unnamed = publish(Path::new("/"));
    assert!(
        matches!(unnamed, Err(PublishError::NoName { .. })),
        "{unnamed:?}"
    );

    let mut infinite = sample::tables();
    infinite.rings[1].bits = f64::INFINITY;
    let dir = parent.path().join("sweep");
    let refused = publish_sweep(&dir, &infinite, &manifest, Format::Csv, false);
    assert!(
        matches!(
            refused,
            Err(PublishError::NotFinite {
                table: "rings",
                column: "bits",
                row: 2,
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(
        fs::read_dir(parent.path()).unwrap().count(),
        0,
        "a failed run leaves nothing"
    );
}

#[cfg(unix)]
#[test]
fn what_is_published_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    // What an ordinary folder and file get under the umask of this process.
    let (folder, file) = (parent.path().join("folder"), parent.path().join("file"));
    fs::create_dir(&folder).unwrap();
    fs::write(&file, "").unwrap();
    let dir = published(parent.path(), Format::Csv);
    let beside = parent.path().join("beside");
    write_beside(&beside, |out| out.write_all(b"x")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&dir), mode(&folder));
    assert_eq!(mode(&dir.join("rings.csv")), mode(&file));
    assert_eq!(mode(&beside), mode(&file));
}

#[test]
fn a_file_appears_whole_or_stays_as_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("links.csv");
    assert_eq!(
        write_beside(&path, |out| out.write_all(b"old").map(|()| 3)).unwrap(),
        3
    );
    let failed = write_beside(&path, |out| {
        out.write_all(b"half of the n")?;
        Err::<(), _>(std::io::Error::from(std::io::ErrorKind::StorageFull))
    });
    assert!(
        matches!(failed, Err(PublishError::NoSpace { .. })),
        "{failed:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    let refused = write_beside(parent.path(), |_| Ok(()));
    assert!(
        matches!(refused, Err(PublishError::IsAFolder { .. })),
        "{refused:?}"
    );
}

#[test]
fn what_is_not_a_sweep_is_told_so() {
    let parent = tempfile::tempdir().unwrap();
    let missing = open_sweep(&parent.path().join("nothing"));
    assert!(
        matches!(missing, Err(OpenError::Missing { .. })),
        "{missing:?}"
    );
    let empty = open_sweep(parent.path());
    assert!(
        matches!(empty, Err(OpenError::NotASweep { .. })),
        "{empty:?}"
    );
    let file = parent.path().join("file");
    fs::write(&file, "x").unwrap();
    let file = open_sweep(&file);
    assert!(matches!(file, Err(OpenError::NotASweep { .. })), "{file:?}");
}

#[test]
fn damage_is_reported_with_its_row() {
    let damaged = |format: Format, table: &str, change: &dyn Fn(String) -> String| {
        let parent = tempfile::tempdir().unwrap();
        let dir = published(parent.path(), format);
        let path = dir.join(format!("{table}.{format}"));
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
        open_sweep(&dir).unwrap_err().to_string()
    };
    let text = damaged(Format::Csv, "members", &|text| {
        text.replace(",21.25,", ",many,")
    });
    assert!(
        text.contains("members.csv is damaged: row 3: ") && text.contains("float"),
        "{text}"
    );
    let text = damaged(Format::Csv, "rings", &|text| text.replacen(",act,", ",", 1));
    assert!(
        text.contains("row 1: 15 cells expected, 14 found"),
        "{text}"
    );
    let text = damaged(Format::Csv, "links", &|text| {
        text.replace("shared", "common")
    });
    assert!(
        text.contains("expected the columns ring_id, account_a"),
        "{text}"
    );
    let text = damaged(Format::Csv, "uses", &|text| {
        text[..text.len() / 2].to_owned()
    });
    assert!(text.contains("uses.csv is damaged"), "{text}");
    let text = damaged(Format::Jsonl, "members", &|text| {
        text.replace("21.25", "null")
    });
    assert!(text.contains("members.jsonl is damaged: row 3: "), "{text}");
}

#[cfg(feature = "parquet")]
#[test]
fn damaged_parquet_is_an_error_and_no_panic() {
    let parent = tempfile::tempdir().unwrap();
    let dir = published(parent.path(), Format::Parquet);
    let path = dir.join("uses.parquet");
    let whole = fs::read(&path).unwrap();
    for length in [0, 3, 8, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = open_sweep(&dir).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    }
    fs::copy(dir.join("links.parquet"), &path).unwrap();
    let error = open_sweep(&dir).unwrap_err().to_string();
    assert!(
        error.contains("expected the columns ring_id, entity_type"),
        "{error}"
    );
}
