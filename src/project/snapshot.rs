//! A project in another state than the one on disk: what is staged, or what a commit holds. Read from git's objects, as
//! data.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use gix_hash::ObjectId;
use rayon::prelude::*;

use super::{
    Project, above, git,
    git::Git,
    ignored::IgnoreRules,
    objects::{Entry, Objects},
    read::{Content, Options, Store, excludes_of},
    runtime_copy, walk, workers,
};

/// Which state of a project is meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Revision {
    /// What the next commit would hold.
    Staged,
    /// What a commit holds: a branch, a tag, an id or the beginning of one, with `~3` or `^` behind it where wanted.
    Commit(String),
}

/// Why a state cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// There is no git repository.
    #[error("`{}` is in no git repository", .0.display())]
    NoRepository(PathBuf),
    /// In words.
    #[error("{0}")]
    Unreadable(String),
}

/// Whether the repository around `root` has a commit: a new one has none. What cannot be read is no reason to compare less.
pub fn has_commits(root: &Path) -> bool {
    let repository = fs::canonicalize(root).ok().and_then(|root| git::discover(&root));
    repository.is_none_or(|repository| !Objects::is_unborn(&repository))
}

/// The files of a state, by their paths relative to the project's folder.
struct Tree<'a> {
    objects: &'a Objects,
    ids: HashMap<String, ObjectId>,
    /// Another state, whose files need not be taken out of their objects again.
    other: Option<&'a Project>,
}

impl Store for Tree<'_> {
    fn bytes(&self, path: &str, limit: u64) -> io::Result<Result<Content, u64>> {
        let id = self.ids.get(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if let Some(same) = self.other.and_then(|other| other.whole_text(path, id)) {
            return Ok(Ok((same.as_bytes().to_vec(), None)));
        }
        let size = self.objects.size(id)?;
        if size > limit {
            return Ok(Err(size));
        }
        // Who may read a file is not kept in git.
        Ok(Ok((self.objects.bytes(id)?, None)))
    }

    fn head(&self, path: &str) -> io::Result<Vec<u8>> {
        const MAX_LOOKED_INTO: u64 = 64 * 1024 * 1024;
        let id = self.ids.get(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if self.objects.size(id)? > MAX_LOOKED_INTO {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = self.objects.bytes(id)?;
        bytes.truncate(4 * 1024);
        Ok(bytes)
    }
}

impl Project {
    /// Reads the project in the folder `root` as `revision` has it. What git does not track is not there.
    ///
    /// # Errors
    /// Where there is no repository, no such revision, or its list of files cannot be read. A single file that cannot be
    /// read is listed in [`Project::skipped`].
    pub fn read_revision(root: &Path, revision: &Revision, options: &Options) -> Result<Self, RevisionError> {
        workers::install(|| {
            let mut project = Self::read_beside(root, revision, options, None)?;
            project.conclude();
            Ok(project)
        })
    }

    /// The same, without the facts, which [`Project::conclude`] finds. What is the same in `other` is taken from there.
    pub(crate) fn read_sources(
        root: &Path,
        revision: &Revision,
        options: &Options,
        other: &Self,
    ) -> Result<Self, RevisionError> {
        workers::install(|| Self::read_beside(root, revision, options, Some(other)))
    }

    fn read_beside(
        root: &Path,
        revision: &Revision,
        options: &Options,
        other: Option<&Self>,
    ) -> Result<Self, RevisionError> {
        let shown = root.to_owned();
        let root = fs::canonicalize(root).map_err(|error| RevisionError::Unreadable(error.to_string()))?;
        let repository = git::discover(&root).ok_or_else(|| RevisionError::NoRepository(shown.clone()))?;
        let objects = Objects::open(&repository).map_err(RevisionError::Unreadable)?;
        let entries = match revision {
            Revision::Staged => repository
                .staged(options.index.as_deref())
                .map_err(|error| format!("the git index cannot be read: {error}")),
            Revision::Commit(name) => objects.files_of(name),
        };
        let entries = entries.map_err(RevisionError::Unreadable)?;

        let prefix = repository.prefix_of(&root);
        let tracked = entries.iter().map(|entry| entry.path.clone()).collect();
        let git = Git { present: true, indexed: true, prefix, tracked, ..Git::default() };
        let mut project = Self { root: shown, git, ..Self::default() };
        let upper = above::among(entries.iter().map(|entry| entry.path.as_str()), &project.git.prefix);
        let tree = Tree { objects: &objects, ids: project.ids(&entries, &upper), other };
        project.take(&tree, &entries, options);
        project.above = above::read(upper, &tree, &project.git, &mut project.skipped);
        let exclude = repository.exclude();
        let above = project.upper_ignore_files(&tree);
        project.git.rules = IgnoreRules::new(above.into_iter().chain(project.ignore_files()), exclude.as_deref());
        project.objects = tree.ids;
        project.lower(other);
        project.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(project)
    }

    /// The text of the object `id`, where that is what was read at `path`, all of it and as it is.
    fn whole_text(&self, path: &str, id: &ObjectId) -> Option<&str> {
        let file = self.file(path).filter(|_| self.objects.get(path) == Some(id))?;
        let as_it_is = self.skipped.binary_search_by(|skipped| skipped.path.as_str().cmp(path)).is_err();
        as_it_is.then_some(&file.text)
    }

    /// The objects of files in the project's folder and above it, by path relative to the folder.
    fn ids(&self, entries: &[Entry], upper: &[String]) -> HashMap<String, ObjectId> {
        let within = self.git.folder();
        let by_path: HashMap<&str, ObjectId> = entries.iter().map(|entry| (entry.path.as_str(), entry.id)).collect();
        let upper = upper.iter().filter_map(|name| {
            let id = *by_path.get(self.git.repository_path(name)?.as_str())?;
            Some((name.clone(), id))
        });
        let own = entries.iter().filter_map(|entry| Some((entry.path.strip_prefix(&within)?.to_owned(), entry.id)));
        own.chain(upper).collect()
    }

    /// Reads the files of a state that are read of a folder, too.
    fn take(&mut self, tree: &Tree<'_>, entries: &[Entry], options: &Options) {
        let within = self.git.folder();
        let own = entries.iter().filter_map(|entry| Some((entry.path.strip_prefix(&within)?.to_owned(), entry.kind)));
        let mut exclude = options.exclude.clone();
        exclude.extend(tree.text("mcpsec.toml").iter().flat_map(|text| excludes_of(text)));
        let found = walk::choose(own.collect(), &exclude);
        self.skipped.extend(found.skipped);
        self.read_files(tree, &found.files);
        let parts = tree.ids.par_iter().filter(|(path, _)| runtime_copy::is_part(path));
        let parts: Vec<(String, Vec<u8>)> =
            parts.filter_map(|(path, id)| Some((path.clone(), tree.objects.bytes(id).ok()?))).collect();
        self.runtime_copy = runtime_copy::of(&parts, &tree.text(".mcpsec/project.toml").unwrap_or_default());
    }

    /// Folder and text of each ignore file between the repository's folder and the project's.
    fn upper_ignore_files(&self, tree: &Tree<'_>) -> Vec<(String, String)> {
        let depth = self.git.prefix.split('/').filter(|part| !part.is_empty()).count();
        let levels = (1..=depth).map(|level| "../".repeat(level));
        let files = levels.filter_map(|up| {
            let text = tree.text(&format!("{up}.gitignore"))?;
            Some((self.git.repository_path(&up)?, text))
        });
        files.collect()
    }
}

impl Tree<'_> {
    fn text(&self, path: &str) -> Option<String> {
        let (bytes, _) = self.bytes(path, git::MAX_TEXT_BYTES).ok()?.ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}
