//! A repository read once, as data, and what can be known of it: the only reader of a user's files.
//!
//! [`Project::read`] walks and reads; [`Project::from_files`] takes texts that are already in memory. Both end in the
//! same pure step: every source file is lowered by its [`language`] adapter into one [`syntax`], and [`facts`] are
//! computed from that. Nothing here knows a rule; nothing executes.

use std::{collections::BTreeMap, path::PathBuf};

pub mod facts;
pub mod language;
pub mod program;
pub mod syntax;

pub use facts::Facts;
pub use language::Language;

/// What a path says about a file, before anybody reads it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Part of the product.
    Product,
    /// Examples, demonstrations, samples, documentation code.
    Example,
    /// Tests, fixtures, benchmarks, evaluations, mocks.
    Test,
    /// Build scripts and maintenance scripts that do not run with the server.
    Script,
    /// Generated, minified or vendored: listed, not judged.
    Foreign,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the project's folder, with forward slashes.
    pub path: String,
    /// What the path says.
    pub role: Role,
    /// The text; bytes that are not UTF-8 are replaced (and the file is noted in [`Project::skipped`] where that matters).
    pub text: String,
    /// Whether git tracks it; nothing where there is no index.
    pub tracked: Option<bool>,
    /// The language, for source files.
    pub language: Option<Language>,
    /// The lowered source. Present for every file with a language.
    pub module: Option<syntax::Module>,
}

/// Why a file or folder was not (wholly) read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// Larger than the limit for its kind.
    TooLarge,
    /// Not text.
    Binary,
    /// The operating system refused.
    Unreadable,
    /// A link that leaves the project, or a loop.
    Link,
    /// The parser could not make sense of a considerable part.
    Syntax,
    /// Nested too deeply.
    TooDeep,
    /// Generated, minified or vendored.
    Foreign,
    /// Excluded by `[doctor] exclude`.
    Excluded,
}

/// A file or folder that was not (wholly) read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// Relative to the project's folder.
    pub path: String,
    /// Why.
    pub reason: Reason,
    /// What was said: an error's text, the size.
    pub detail: String,
    /// It should have been checked: the result is incomplete.
    pub incomplete: bool,
}

impl Skipped {
    /// Why, in words.
    pub fn explanation(&self) -> String {
        let reason = match self.reason {
            Reason::TooLarge => "too large",
            Reason::Binary => "not text",
            Reason::Unreadable => "cannot be read",
            Reason::Link => "a link that is not followed",
            Reason::Syntax => "cannot be parsed",
            Reason::TooDeep => "nested too deeply",
            Reason::Foreign => "generated or vendored",
            Reason::Excluded => "excluded in mcpsec.toml",
        };
        if self.detail.is_empty() { reason.to_owned() } else { format!("{reason}: {}", self.detail) }
    }
}

/// A repository as data.
#[derive(Debug, Default)]
pub struct Project {
    /// Where it lies; for messages only.
    pub root: PathBuf,
    /// Everything read, sorted by path.
    pub files: Vec<File>,
    /// Everything not read, sorted by path.
    pub skipped: Vec<Skipped>,
    /// What follows from the sources.
    pub facts: Facts,
}

impl Project {
    /// A project from texts in memory: path and content. Nothing is read from disk.
    pub fn from_files(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut project = Self::default();
        for (path, text) in files {
            let language = Language::of(&path);
            project.files.push(File { role: Role::Product, tracked: None, language, module: None, path, text });
        }
        project.files.sort_by(|a, b| a.path.cmp(&b.path));
        project.understand();
        project
    }

    /// Lowers every source file and computes the facts.
    fn understand(&mut self) {
        use rayon::prelude::*;
        self.files.par_iter_mut().for_each(|file| {
            file.module = file.language.map(|language| language.lower(&file.text));
        });
        self.facts = facts::compute(&self.files, &BTreeMap::new());
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &self.files[index])
    }
}
