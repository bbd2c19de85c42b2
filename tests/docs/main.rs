//! Nothing in the documents that is not so: their console blocks run, their links lead somewhere, and
//! the reference leaves nothing out.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the output of every command into the pages instead of
//! comparing; look at the difference before it is committed.

mod console;
mod links;
mod reference;

use std::fs;
use std::path::{Path, PathBuf};

/// A document of the project.
struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    fn name(&self) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let below = self.path.strip_prefix(root).unwrap_or(&self.path);
        below.display().to_string()
    }
}

/// `README.md`, everything below `docs`, and the READMEs of the fixtures, by path.
fn pages() -> Vec<Page> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md")];
    for folder in ["docs", "fixtures"] {
        gather(&root.join(folder), &mut paths);
    }
    paths.sort();
    assert!(paths.len() > 20, "only {} pages found", paths.len());
    let read = |path: PathBuf| Page {
        text: fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
        path,
    };
    paths.into_iter().map(read).collect()
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is in the repository") {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            gather(&path, paths);
        } else if path.extension().is_some_and(|suffix| suffix == "md") {
            paths.push(path);
        }
    }
}
