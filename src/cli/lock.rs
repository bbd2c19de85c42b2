//! One writer at a time: a second run for the same folder ends at once and says so with exit code 75.
//!
//! The lock is the system's, on a hidden file beside the folder, so it ends with the process however
//! that ends. The file is removed while the lock is held; whoever got hold of a removed file notices
//! that the name leads elsewhere by now, and asks again.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::door::{Exit, Failure};

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    /// The lock lives as long as this is open.
    _file: File,
    path: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays behind locks nobody out.
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes the lock on `target`, which need not exist; its folder must.
pub(crate) fn take(target: &Path) -> anyhow::Result<Lock> {
    let name = target
        .file_name()
        .unwrap_or(target.as_os_str())
        .to_string_lossy();
    let path = target.with_file_name(format!(".{name}.lock"));
    loop {
        let at = || format!("cannot lock {}", target.display());
        let mut options = OpenOptions::new();
        let file = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(at)?;
        match file.try_lock() {
            Ok(()) if is_named(&file, &path) => return Ok(Lock { _file: file, path }),
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(at),
            Err(TryLockError::WouldBlock) => {
                let what = format!("another run is writing {}", target.display());
                return Err(Failure::new(Exit::Busy, what)
                    .help("try again when it is done")
                    .into());
            }
        }
    }
}

/// Whether `path` still leads to `file`.
#[cfg(unix)]
fn is_named(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |facts: fs::Metadata| (facts.dev(), facts.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(named)) => identity(ours) == identity(named),
        _ => false,
    }
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_named(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("today");
        let lock = take(&target).unwrap();
        let refused = take(&target).unwrap_err();
        assert!(
            refused.to_string().contains("another run is writing"),
            "{refused}"
        );
        take(&folder.path().join("yesterday")).unwrap();
        drop(lock);
        drop(take(&target).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_left_behind_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".today.lock"), "").unwrap();
        assert!(take(&folder.path().join("today")).is_ok());
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(take(&folder.path().join("no/such/place")).is_err());
    }
}
