//! The git repository around a project, as data: its folder, its index, its ignore rules. No git process runs.

use std::{
    collections::HashSet,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use gix_object::tree::EntryKind;

use super::{ignored::IgnoreRules, objects::Entry};

/// Indexes larger than this are not read: a million files take about 100 MiB.
const MAX_INDEX_BYTES: u64 = 256 * 1024 * 1024;

/// Ignore and pointer files of git are small.
pub(super) const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// What git knows of the project.
#[derive(Debug, Default)]
pub struct Git {
    /// The project lies in a repository.
    pub present: bool,
    /// The project's folder below the repository's, with forward slashes; empty where they are the same.
    pub prefix: String,
    /// The index was read: [`Git::tracks`] knows.
    pub indexed: bool,
    pub(super) tracked: HashSet<String>,
    pub(super) rules: IgnoreRules,
}

impl Git {
    /// Whether git would ignore an untracked file at `path`, which is relative to the project's folder. Without a
    /// repository the project's own ignore files answer, as they would after `git init`.
    pub fn ignored(&self, path: &str) -> bool {
        self.repository_path(path).is_some_and(|path| self.rules.ignored(&path))
    }

    /// Whether the index holds `path`, which is relative to the project's folder; nothing where there is no index.
    pub fn tracks(&self, path: &str) -> Option<bool> {
        if !self.indexed {
            return None;
        }
        Some(self.repository_path(path).is_some_and(|path| self.tracked.contains(&path)))
    }

    /// What the path of every file in the project's folder begins with, in the repository.
    pub(super) fn folder(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// Everything tracked below the project's folder, relative to it.
    pub(super) fn tracked_here(&self) -> impl Iterator<Item = &str> {
        let prefix = self.folder();
        self.tracked.iter().filter_map(move |path| path.strip_prefix(prefix.as_str()))
    }

    /// `path` relative to the repository's folder; nothing where it leaves that.
    pub(super) fn repository_path(&self, path: &str) -> Option<String> {
        let mut parts: Vec<&str> = self.prefix.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }
}

/// Where a repository lies on disk.
#[derive(Debug)]
pub(super) struct Repository {
    /// The work tree.
    pub(super) top: PathBuf,
    /// The folder with the index: `.git`, or what a `.git` file points to.
    folder: PathBuf,
    /// The folder with `info/exclude`, which work trees share.
    common: PathBuf,
}

/// The repository that `root` (absolute) lies in.
pub(super) fn discover(root: &Path) -> Option<Repository> {
    root.ancestors().find_map(|top| {
        let dot = top.join(".git");
        let kind = fs::symlink_metadata(&dot).ok()?.file_type();
        let folder = if kind.is_dir() {
            dot
        } else if kind.is_file() {
            let text = read_text(&dot).ok()?;
            top.join(text.strip_prefix("gitdir:")?.trim())
        } else {
            return None;
        };
        if !folder.join("HEAD").is_file() {
            return None;
        }
        let common =
            read_text(&folder.join("commondir")).map_or_else(|_| folder.clone(), |text| folder.join(text.trim()));
        Some(Repository { top: top.to_owned(), folder, common })
    })
}

impl Repository {
    /// The paths in the index, relative to the work tree. An absent index is an empty one.
    ///
    /// # Errors
    /// In words, where the index cannot be read or is damaged.
    pub(super) fn index(&self) -> Result<HashSet<String>, String> {
        let path = self.folder.join("index");
        decoded(&path, |index| index.entries().iter().map(|entry| entry.path(index).to_string()).collect())
    }

    /// What the next commit would hold, by the usual index or by `other`, which is relative to the work tree. A file in
    /// conflict is there as our side has it.
    ///
    /// # Errors
    /// In words, where the index cannot be read, is damaged, or is none of this repository's.
    pub(super) fn staged(&self, other: Option<&Path>) -> Result<Vec<Entry>, String> {
        use gix_index::entry::{Flags, Mode, Stage};
        let path = other.map_or_else(|| Ok(self.folder.join("index")), |other| self.own(other))?;
        decoded(&path, |index| {
            let entries = index.entries().iter().filter(|entry| {
                matches!(entry.stage(), Stage::Unconflicted | Stage::Ours)
                    && !entry.flags.contains(Flags::INTENT_TO_ADD)
            });
            let entries = entries.map(|entry| Entry {
                path: entry.path(index).to_string(),
                id: entry.id,
                kind: match entry.mode {
                    Mode::FILE => EntryKind::Blob,
                    Mode::FILE_EXECUTABLE => EntryKind::BlobExecutable,
                    Mode::SYMLINK => EntryKind::Link,
                    Mode::COMMIT => EntryKind::Commit,
                    _ => EntryKind::Tree,
                },
            });
            entries.collect()
        })
    }

    /// Another index, where it lies with this repository's: one of another repository says nothing of this one.
    fn own(&self, index: &Path) -> Result<PathBuf, String> {
        let path = self.top.join(index);
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let ours = self.folder.canonicalize().ok();
        let within = folder.zip(ours).is_some_and(|(folder, ours)| folder.starts_with(ours));
        if within { Ok(path) } else { Err(format!("`{}` is none of this repository's", index.display())) }
    }

    /// Where `root` lies below the work tree, with forward slashes.
    pub(super) fn prefix_of(&self, root: &Path) -> String {
        root.strip_prefix(&self.top).unwrap_or(Path::new("")).to_string_lossy().replace('\\', "/")
    }

    /// The folder with the index and the work tree's own references.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder with objects and shared references.
    pub(super) fn common(&self) -> &Path {
        &self.common
    }

    /// The text of `info/exclude`.
    pub(super) fn exclude(&self) -> Option<String> {
        read_text(&self.common.join("info").join("exclude")).ok()
    }
}

/// What an index says. An absent one is an empty one.
fn decoded<T: Default>(path: &Path, read: impl FnOnce(&gix_index::File) -> T) -> Result<T, String> {
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Err("it is not a regular file".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(error.to_string()),
    };
    if length > MAX_INDEX_BYTES {
        return Err(format!("{length} bytes are more than the limit of {MAX_INDEX_BYTES}"));
    }
    // The decoder is for repositories that one trusts: a panic on a hostile index must not end the run.
    catch_unwind(AssertUnwindSafe(|| decode(path).map(|index| read(&index))))
        .unwrap_or_else(|_| Err("the index is damaged".to_owned()))
}

fn decode(path: &Path) -> Result<gix_index::File, String> {
    let options = gix_index::decode::Options {
        thread_limit: Some(1),
        alloc_limit_bytes: Some(1024 * 1024 * 1024),
        ..Default::default()
    };
    gix_index::File::at(path, gix_index::hash::Kind::Sha1, false, options).map_err(|error| error.to_string())
}

/// A small text file, however it is encoded.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    use io::Read;
    // Asked before opening: to open a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_TEXT_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_the_repository_and_never_leave_it() {
        let git = Git { prefix: "a/b".into(), ..Git::default() };
        assert_eq!(git.repository_path("c.ts").as_deref(), Some("a/b/c.ts"));
        assert_eq!(git.repository_path("../LICENSE").as_deref(), Some("a/LICENSE"));
        assert_eq!(git.repository_path("../../LICENSE").as_deref(), Some("LICENSE"));
        assert_eq!(git.repository_path("../../../etc"), None);
    }
}
