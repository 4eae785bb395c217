//! `mcpsec new`: from answers to a project, and everything that must not happen on the way.

mod answers;
mod templates;
mod writing;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::command::mcpsec;

/// An empty folder to work in.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn new_project(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        mcpsec().current_dir(self.path()).arg("new").args(arguments).assert()
    }

    fn names(&self) -> Vec<String> {
        names(self.path())
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is a folder");
    let mut names: Vec<_> =
        entries.map(|it| it.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_mcpsec"))
}
