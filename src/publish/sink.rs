//! The sink: a sweep or a file appears under its name whole, or not at all.
//!
//! Everything is written beside its final name (same parent, hence same file system) under a hidden
//! temporary one, flushed to the device, and then renamed. A run that is killed leaves at worst a
//! hidden `.NAME.partial-…` beside the last whole sweep. Replacing a sweep exchanges the two names in
//! one step where the platform can, so that a reader who opens the name finds the old or the new;
//! the old one is removed after that.

mod error;
mod swap;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use error::PublishError;

use super::manifest::Manifest;
use super::open::{MANIFEST_FILE, manifest_of};
use super::rows::SweepTables;
use super::tables::{Cell, CellType, Column, Format, Row};

/// Publishes a sweep as the folder `dir` and returns the manifest as it was written: `format` and
/// `tables` are set from what is published.
///
/// With `force` an existing sweep is replaced; anything else under that name is left alone.
///
/// # Errors
/// [`PublishError`]; then nothing has changed under the name `dir`.
pub fn publish_sweep(
    dir: &Path,
    tables: &SweepTables,
    manifest: &Manifest,
    format: Format,
    force: bool,
) -> Result<Manifest, PublishError> {
    let target = Target::of(dir)?;
    target.check_free(force)?;
    let mut manifest = manifest.clone();
    format.name().clone_into(&mut manifest.format);

    let folder = target.temporary_folder()?;
    let to = TableWriter {
        folder: folder.path(),
        format,
    };
    // Most of the rows are in two tables: while one waits for the device the other is put into words.
    let (small, (links, uses)) = rayon::join(
        || -> Result<Vec<Written>, PublishError> {
            let mut written = vec![
                to.write(&tables.members)?,
                to.write(&tables.rings)?,
                to.write(&tables.evidence)?,
                to.write(&tables.rejects)?,
            ];
            if manifest.seeds.is_some() {
                written.push(to.write(&tables.seeds)?);
            }
            Ok(written)
        },
        || rayon::join(|| to.write(&tables.links), || to.write(&tables.uses)),
    );
    let written = small?.into_iter().chain([links?, uses?]);
    let sizes = written.map(|(table, rows)| (table.to_owned(), rows));
    manifest.tables = sizes.collect();
    let path = folder.path().join(MANIFEST_FILE);
    write_file(&path, |out| out.write_all(manifest.to_json().as_bytes()))?;
    sync_folder(folder.path())?;
    target.take(folder, force)?;
    Ok(manifest)
}

/// Whether a sweep could be published as `dir`: asked before long work, so that a wrong name costs no time.
///
/// # Errors
/// [`PublishError`], as [`publish_sweep`] would say.
pub fn check_target(dir: &Path, force: bool) -> Result<(), PublishError> {
    let target = Target::of(dir)?;
    target.check_free(force)?;
    drop(target.temporary_folder()?);
    Ok(())
}

/// Writes one file that appears under its name only when `write` is done; an existing file is
/// replaced. What is no plain file (a pipe, `/dev/stdout`) is written to directly.
///
/// # Errors
/// [`PublishError`]; then an existing file is as it was.
pub fn write_beside<T>(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<T>,
) -> Result<T, PublishError> {
    let io_error = |path: &Path| {
        let path = path.to_owned();
        move |error| PublishError::from_io(&path, error)
    };
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(PublishError::IsAFolder { path: path.into() }),
        Ok(found) if !found.is_file() => {
            let file = File::options()
                .write(true)
                .open(path)
                .map_err(io_error(path))?;
            let mut out = BufWriter::new(file);
            let value = write(&mut out).map_err(io_error(path))?;
            out.flush().map_err(io_error(path))?;
            return Ok(value);
        }
        _ => {}
    }
    let target = Target::of(path)?;
    let mut builder = tempfile::Builder::new();
    let prefix = target.temporary_prefix();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(usual_permissions(0o666));
    let file = builder
        .tempfile_in(&target.parent)
        .map_err(io_error(&target.path))?;
    let mut out = BufWriter::new(file);
    let value = write(&mut out).map_err(io_error(&target.path))?;
    let file = out
        .into_inner()
        .map_err(|error| io_error(&target.path)(error.into_error()))?;
    file.as_file().sync_all().map_err(io_error(&target.path))?;
    file.persist(&target.path)
        .map_err(|error| io_error(&target.path)(error.error))?;
    sync_folder(&target.parent)?;
    Ok(value)
}

/// Writes the tables of one sweep.
struct TableWriter<'a> {
    folder: &'a Path,
    format: Format,
}

/// A table and its number of rows.
type Written = (&'static str, u64);

impl TableWriter<'_> {
    fn write<R: Row>(&self, rows: &[R]) -> Result<Written, PublishError> {
        check_finite(rows)?;
        let path = self.folder.join(format!("{}.{}", R::TABLE, self.format));
        write_file(&path, |out| self.format.write(rows, out))?;
        Ok((R::TABLE, rows.len() as u64))
    }
}

/// JSON has no infinity, and a reader of any format would stumble over one.
fn check_finite<R: Row>(rows: &[R]) -> Result<(), PublishError> {
    let is_float = |column: &Column| column.cell_type == CellType::Float;
    if !R::COLUMNS.iter().any(is_float) {
        return Ok(());
    }
    for (at, row) in rows.iter().enumerate() {
        for (cell, column) in row.cells().into_iter().zip(R::COLUMNS) {
            if let Cell::Float(value) = cell
                && !value.is_finite()
            {
                return Err(PublishError::NotFinite {
                    table: R::TABLE,
                    column: column.name,
                    row: at as u64 + 1,
                    value,
                });
            }
        }
    }
    Ok(())
}

fn write_file(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), PublishError> {
    let write_and_sync = || {
        let mut out = BufWriter::new(File::create(path)?);
        write(&mut out)?;
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    };
    write_and_sync().map_err(|error| PublishError::from_io(path, error))
}

/// Makes the names in a folder durable, where folders can be opened.
fn sync_folder(folder: &Path) -> Result<(), PublishError> {
    if !cfg!(unix) {
        return Ok(());
    }
    let sync = || match File::open(folder)?.sync_all() {
        // Some file systems cannot sync a folder; the rename is as safe there as it gets.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    };
    sync().map_err(|error| PublishError::from_io(folder, error))
}

/// `mode` less the user's umask: temporary files are private unless told otherwise.
#[cfg(unix)]
fn usual_permissions(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

/// A final name, taken apart.
struct Target {
    path: PathBuf,
    parent: PathBuf,
}

impl Target {
    /// Follows symbolic links, so that what they point to is replaced and not the link.
    fn of(path: &Path) -> Result<Self, PublishError> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Some(name) = path.file_name() else {
            return Err(PublishError::NoName { path });
        };
        let parent = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        match fs::metadata(&parent) {
            Ok(found) if found.is_dir() => Ok(Target {
                path: parent.join(name),
                parent,
            }),
            Ok(_) => Err(PublishError::ParentMissing { path, parent }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(PublishError::ParentMissing { path, parent })
            }
            Err(error) => Err(PublishError::from_io(&parent, error)),
        }
    }

    fn temporary_prefix(&self) -> std::ffi::OsString {
        let name = self.path.file_name().unwrap_or(OsStr::new("sweep"));
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(name);
        prefix.push(".partial-");
        prefix
    }

    fn temporary_folder(&self) -> Result<tempfile::TempDir, PublishError> {
        let mut builder = tempfile::Builder::new();
        let prefix = self.temporary_prefix();
        builder.prefix(&prefix);
        #[cfg(unix)]
        builder.permissions(usual_permissions(0o777));
        builder
            .tempdir_in(&self.parent)
            .map_err(|error| PublishError::from_io(&self.parent, error))
    }

    /// Checked before the work so that a wrong name costs no time, and again when it is taken.
    fn check_free(&self, force: bool) -> Result<(), PublishError> {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(PublishError::from_io(&self.path, error)),
            Ok(_) if !force => Err(PublishError::Exists {
                path: self.path.clone(),
            }),
            Ok(_) => match manifest_of(&self.path) {
                Ok(_) => Ok(()),
                Err(_) => Err(PublishError::NotASweep {
                    path: self.path.clone(),
                }),
            },
        }
    }

    /// Gives the finished folder its name.
    fn take(&self, folder: tempfile::TempDir, force: bool) -> Result<(), PublishError> {
        let io_error = |error| match io::Error::kind(&error) {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                PublishError::Exists {
                    path: self.path.clone(),
                }
            }
            _ => PublishError::from_io(&self.path, error),
        };
        self.check_free(force)?;
        if fs::symlink_metadata(&self.path).is_err() {
            swap::rename_to_free_name(folder.path(), &self.path).map_err(io_error)?;
            // The name is gone from under the guard; there is nothing left for it to remove.
            let _ = folder.keep();
            return sync_folder(&self.parent);
        }
        swap::exchange(folder.path(), &self.path).map_err(io_error)?;
        sync_folder(&self.parent)?;
        // What the temporary name holds now is the old sweep.
        let old = folder.path().to_owned();
        folder
            .close()
            .map_err(|error| PublishError::from_io(&old, error))
    }
}
