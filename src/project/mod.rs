//! A repository read once, as data, and what can be known of it: the only reader of a user's files.
//!
//! [`Project::read`] walks and reads; [`Project::from_files`] takes texts that are already in memory. Both end in the
//! same pure step: every source file is lowered by its [`language`] adapter into one [`syntax`], and [`facts`] are
//! computed from that. Nothing here knows a rule; nothing executes.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use gix_hash::ObjectId;

use rayon::prelude::*;

use structure::Structure;

pub mod above;
pub mod address;
pub mod advisories;
mod asides;
pub mod build_context;
mod changed;
pub mod client;
pub mod command;
pub mod container;
pub mod credential_file;
pub mod data;
pub mod default_branch;
pub mod exposure;
pub mod expression;
pub mod facts;
pub mod git;
pub mod hidden_text;
pub mod home;
pub mod ignored;
pub mod installed;
pub mod language;
pub mod listing;
pub mod lockfile;
pub mod manifest;
mod objects;
mod odd;
pub mod options;
pub mod packaging;
pub mod pipeline;
pub mod policy;
pub mod program;
pub mod publish;
pub mod read;
pub mod readme;
pub mod registry;
mod relevant;
pub(crate) mod role;
pub mod runner;
mod runtime_copy;
mod snapshot;
mod structure;
pub mod syntax;
pub mod tool_lock;
pub mod tsconfig;
pub mod versions;
mod walk;
pub mod weight;
pub(crate) mod workers;
pub mod workflow;
pub mod workflow_gate;
pub mod workload;
pub mod yaml;

pub use above::Above;
pub use facts::Facts;
pub use git::Git;
pub use language::Language;
pub use read::{Options, ReadError};
pub use runtime_copy::RuntimeCopy;
pub use snapshot::{Revision, RevisionError, has_commits};

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
    /// Who may read and write it, as Unix has it; nothing where that is not known.
    pub mode: Option<u32>,
    /// The language, for source files.
    pub language: Option<Language>,
    /// The lowered source. Present for every file with a language that matters to a server. Two revisions of a project
    /// share what is the same in both.
    pub module: Option<Arc<syntax::Module>>,
    /// The text of a source without what it says to this command, as long byte for byte: a suppression that speaks of a
    /// limit is no limit. Nothing where it says nothing.
    pub plain: Option<String>,
}

impl File {
    /// What the code itself says.
    pub fn code(&self) -> &str {
        self.plain.as_deref().unwrap_or(&self.text)
    }

    /// Whether it is a source that no server needs: read as text, and not parsed.
    pub fn is_apart(&self) -> bool {
        self.language.is_some() && self.module.is_none()
    }
}

/// Why a file or folder was not (wholly) read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// Larger than the limit for its kind.
    TooLarge,
    /// Not text.
    Binary,
    /// Read, with bytes replaced that are not UTF-8.
    Encoding,
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
            Reason::Encoding => "not wholly text",
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
    /// What git knows.
    pub git: Git,
    /// What lies above the project's folder, up to the repository's.
    pub above: Above,
    /// Packages and their dependencies, by path; those above the project come last.
    pub manifests: Vec<manifest::Manifest>,
    /// Lockfiles, nearest first.
    pub lockfiles: Vec<lockfile::Lockfile>,
    /// Container files, by path.
    pub containers: Vec<container::Container>,
    /// Configurations of MCP clients, by path.
    pub clients: Vec<client::ClientConfig>,
    /// Services and pods, by file.
    pub workloads: Vec<workload::Workload>,
    /// Workflows and actions of GitHub, by path; those above the project come last.
    pub workflows: Vec<workflow::Workflow>,
    /// Registries of servers, by path.
    pub registries: Vec<registry::Registry>,
    /// Policy files, by path.
    pub policies: Vec<policy::PolicyFile>,
    /// What models may read of this server, where somebody wrote that down.
    pub tool_lock: Option<tool_lock::LockFile>,
    /// The copy of the runtime in `vendor/`, where there is one.
    pub runtime_copy: Option<RuntimeCopy>,
    /// What follows from the sources.
    pub facts: Facts,
    /// Of a state in git: the object of each file in the project's folder and above it.
    objects: HashMap<String, ObjectId>,
    /// Read when somebody asks: [`pipeline::of`].
    pipeline: std::sync::OnceLock<Option<pipeline::Pipeline>>,
}

impl Project {
    /// A project from texts in memory: path and content. Nothing is read from disk.
    ///
    /// They stand for a commit: what their ignore files do not cover is tracked. Paths that begin with `../` lie above
    /// the project, in the same repository.
    pub fn from_files(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut project = Self::default();
        let mut files: Vec<(String, String)> = files.into_iter().collect();
        files.sort();
        let depth = files.iter().map(|(path, _)| path.matches("../").count()).max().unwrap_or(0);
        let names = ["a", "b", "c", "d", "e", "f"];
        project.git = Git { present: true, indexed: true, prefix: names[..depth.min(6)].join("/"), ..Git::default() };
        for (path, text) in files {
            let mut role = role::of(&path);
            let mut language = Language::of(&path);
            if role == Role::Foreign || language.is_some() && role::is_generated_text(&text) {
                (role, language) = (Role::Foreign, None);
            }
            let file = File { role, tracked: None, mode: None, language, module: None, plain: None, path, text };
            if file.path.starts_with("../") {
                project.above.names.push(file.path.clone());
                project.above.files.push(file);
            } else {
                project.files.push(file);
            }
        }
        project.git.rules = ignored::IgnoreRules::new(project.ignore_files(), None);
        for file in project.files.iter_mut().chain(&mut project.above.files) {
            let ignored = project.git.ignored(&file.path);
            file.tracked = Some(!ignored);
            if let (false, Some(path)) = (ignored, project.git.repository_path(&file.path)) {
                project.git.tracked.insert(path);
            }
        }
        project.runtime_copy = runtime_copy::among(&project.files);
        workers::install(|| {
            project.lower(None);
            project.conclude();
        });
        project
    }

    /// Reads what the texts say: manifests, containers, sources. What is the same in another revision is not lowered again.
    fn lower(&mut self, other: Option<&Self>) {
        let files = &self.files;
        let (structure, lowered) = rayon::join(|| Structure::of(files), || lowered(files, other));
        for (file, (module, plain)) in self.files.iter_mut().zip(lowered) {
            (file.module, file.plain) = (module, plain);
        }
        self.build(structure);
        let unparsed: Vec<Skipped> = self.files.iter().filter_map(unparsed).collect();
        self.skipped.extend(unparsed);
        self.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Finds the facts that follow.
    pub(crate) fn conclude(&mut self) {
        self.facts = workers::install(|| facts::compute(&self.files, &versions::Versions::of(self)));
    }

    /// The project's ignore files: folder below the repository's, and text.
    fn ignore_files(&self) -> Vec<(String, String)> {
        let files = self.files.iter().chain(&self.above.files);
        let files = files.filter(|file| file.path.rsplit('/').next() == Some(".gitignore"));
        let folder = |path: &str| self.git.repository_path(path.rsplit_once('/').map_or("", |(folder, _)| folder));
        files.filter_map(|file| Some((folder(&file.path)?, file.text.clone()))).collect()
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &self.files[index])
    }
}

/// Of a file the lowered source, and its text without what it says to this command.
type Lowered = (Option<Arc<syntax::Module>>, Option<String>);

/// What each file that matters to a server says.
fn lowered(files: &[File], other: Option<&Project>) -> Vec<Lowered> {
    let lower = |file: &File| {
        if file.module.is_some() {
            return (file.module.clone(), file.plain.clone());
        }
        let same = other.and_then(|other| other.file(&file.path));
        let same = same.filter(|it| it.module.is_some() && it.language == file.language && it.text == file.text);
        if let Some(same) = same {
            return (same.module.clone(), same.plain.clone());
        }
        let module = file.language.map(|language| Arc::new(language.lower(&file.text)));
        let plain = module.as_ref().and_then(|module| asides::blanked(&file.text, &module.comments));
        (module, plain)
    };
    let matters = relevant::mark(files);
    let each = files.par_iter().with_max_len(1).zip(matters.par_iter().with_max_len(1));
    each.map(|(file, matters)| if *matters { lower(file) } else { (None, None) }).collect()
}

/// Why a source file could not be understood wholly. In tests and examples that is no gap in the check.
fn unparsed(file: &File) -> Option<Skipped> {
    let module = file.module.as_ref()?;
    let matters = matches!(file.role, Role::Product | Role::Script);
    if module.too_deep {
        return Some(walk::skip(&file.path, Reason::TooDeep, "", matters));
    }
    let lost: usize = module.errors.iter().map(|span| span.end - span.start).sum();
    // A parser that is behind its language stumbles over a few tokens; the rest of the file is understood.
    if lost * 5 < file.text.len() || lost == 0 {
        return None;
    }
    Some(walk::skip(&file.path, Reason::Syntax, format!("{lost} of {} bytes", file.text.len()), matters))
}
