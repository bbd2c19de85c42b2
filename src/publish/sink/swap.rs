//! The renames: onto a free name, and of two names with one another.

use std::io;
use std::path::Path;

/// Renames `from` to `to` unless `to` exists.
pub(super) fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            Err(error) if cannot(error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    std::fs::rename(from, to)
}

/// Exchanges the folders `new` and `old`: in one step where the platform and the file system can do
/// that; else in two, with a moment between them in which the name of `old` is free.
pub(super) fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            Err(error) if cannot(error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    exchange_in_steps(new, old)
}

/// Whether the error says that the file system does not know such renames.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn cannot(error: rustix::io::Errno) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP].contains(&error)
}

/// Three renames; when the second fails the first is undone.
fn exchange_in_steps(new: &Path, old: &Path) -> io::Result<()> {
    let mut aside = new.as_os_str().to_owned();
    aside.push("-old");
    let aside = Path::new(&aside);
    std::fs::rename(old, aside)?;
    if let Err(error) = std::fs::rename(new, old) {
        std::fs::rename(aside, old)?;
        return Err(error);
    }
    std::fs::rename(aside, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_exchanging_exchange() {
        for exchange in [exchange, exchange_in_steps] {
            let dir = tempfile::tempdir().unwrap();
            let (a, b) = (dir.path().join("a"), dir.path().join("b"));
            for (path, text) in [(&a, "of a"), (&b, "of b")] {
                std::fs::create_dir(path).unwrap();
                std::fs::write(path.join("file"), text).unwrap();
            }
            exchange(&a, &b).unwrap();
            assert_eq!(std::fs::read_to_string(a.join("file")).unwrap(), "of b");
            assert_eq!(std::fs::read_to_string(b.join("file")).unwrap(), "of a");
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn a_name_that_is_taken_is_not_free() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::create_dir(&a).unwrap();
        std::fs::create_dir(&b).unwrap();
        std::fs::write(b.join("file"), "kept").unwrap();
        assert!(rename_to_free_name(&a, &b).is_err());
        assert!(b.join("file").exists() && a.exists());
    }
}
