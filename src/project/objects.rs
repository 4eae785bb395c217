//! The object store of a git repository, as data: commits, trees and files of other states than the one on disk. No git
//! process runs, and nothing is written.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use gix_hash::ObjectId;
use gix_object::{FindExt as _, Kind, tree::EntryKind};
use gix_odb::HeaderExt as _;

use super::git::Repository;

/// Trees nested more deeply are not read.
const MAX_DEPTH: usize = 200;

/// A repository with more files is not read: its index would not be read either.
const MAX_ENTRIES: usize = 2_000_000;

/// A file of a state, by its path in the repository.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// With forward slashes.
    pub(super) path: String,
    /// Which object holds its bytes.
    pub(super) id: ObjectId,
    /// What it is.
    pub(super) kind: EntryKind,
}

/// The objects of a repository. Threads share it: each read works on a handle of its own, and leaves it to the next one.
pub(super) struct Objects {
    store: Mutex<gix_odb::HandleArc>,
    idle: Mutex<Vec<gix_odb::HandleArc>>,
    folder: PathBuf,
    common: PathBuf,
}

impl Objects {
    /// Opens the store.
    ///
    /// # Errors
    /// In words, where it cannot be read.
    pub(super) fn open(repository: &Repository) -> Result<Self, String> {
        let (folder, common) = (repository.folder().to_owned(), repository.common().to_owned());
        guarded(|| {
            let store = gix_odb::at(common.join("objects"), gix_hash::Kind::Sha1).map_err(|error| error.to_string())?;
            let store = store.into_arc().map_err(|error| error.to_string())?;
            Ok(Self {
                store: Mutex::new(store),
                idle: Mutex::default(),
                folder: folder.clone(),
                common: common.clone(),
            })
        })
    }

    /// Whether the branch that is checked out has no commit yet.
    pub(super) fn is_unborn(repository: &Repository) -> bool {
        guarded(|| {
            let references = references(repository.folder(), repository.common());
            let head = references.try_find("HEAD").map_err(|error| error.to_string())?.ok_or("no HEAD")?;
            let gix_ref::Target::Symbolic(branch) = head.target else { return Ok(false) };
            let branch = references.try_find(branch.as_ref()).map_err(|error| error.to_string())?;
            Ok(branch.is_none())
        })
        .unwrap_or(false)
    }

    fn reader(&self) -> gix_odb::HandleArc {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| self.store.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn leave(&self, reader: gix_odb::HandleArc) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }

    /// Every file of the commit, tag or tree that `name` names.
    ///
    /// # Errors
    /// In words, where there is no such name or its objects cannot be read.
    pub(super) fn files_of(&self, name: &str) -> Result<Vec<Entry>, String> {
        guarded(|| {
            let history = History { store: self.reader(), references: references(&self.folder, &self.common) };
            let tree = history.tree_of(history.resolve(name)?)?;
            let mut entries = Vec::new();
            history.list(tree, &mut String::new(), 0, &mut entries)?;
            Ok(entries)
        })
    }

    /// The size of a file in bytes.
    pub(super) fn size(&self, id: &ObjectId) -> io::Result<u64> {
        let store = self.reader();
        let header = guarded(|| store.header(id).map_err(|error| error.to_string())).map_err(io::Error::other)?;
        self.leave(store);
        if header.kind() == Kind::Blob { Ok(header.size()) } else { Err(io::Error::other("not a file")) }
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, id: &ObjectId) -> io::Result<Vec<u8>> {
        let store = self.reader();
        let bytes = guarded(|| {
            let mut buffer = Vec::new();
            store.find_blob(id, &mut buffer).map_err(|error| error.to_string())?;
            Ok(buffer)
        });
        // One that failed is left to nobody.
        let bytes = bytes.map_err(io::Error::other)?;
        self.leave(store);
        Ok(bytes)
    }
}

/// Names and what they stand for.
struct History {
    store: gix_odb::HandleArc,
    references: gix_ref::file::Store,
}

impl History {
    /// What a name stands for: a branch, a tag, `HEAD`, the beginning of an id, each with `~3` or `^` behind it.
    fn resolve(&self, name: &str) -> Result<ObjectId, String> {
        let end = name.find(['~', '^']).unwrap_or(name.len());
        let mut id = self.named(&name[..end])?;
        let mut steps = &name[end..];
        while let Some(step) = steps.chars().next() {
            let digits = steps[1..].find(|character: char| !character.is_ascii_digit()).unwrap_or(steps.len() - 1);
            let number = match &steps[1..=digits] {
                "" => 1,
                digits => digits.parse::<usize>().map_err(|_| unknown(name))?,
            };
            id = match step {
                '~' => (0..number.min(1_000_000)).try_fold(id, |id, _| self.parent(id, 1))?,
                '^' if number == 0 => id,
                '^' => self.parent(id, number)?,
                _ => return Err(unknown(name)),
            };
            steps = &steps[1 + digits..];
        }
        Ok(id)
    }

    fn named(&self, name: &str) -> Result<ObjectId, String> {
        let name = if name.is_empty() || name == "@" { "HEAD" } else { name };
        // As git does, a whole id is itself whatever references are called.
        if let Ok(id) = ObjectId::from_hex(name.as_bytes()) {
            return Ok(id);
        }
        if let Ok(Some(mut reference)) = self.references.try_find(name) {
            use gix_ref::file::ReferenceExt as _;
            return reference.peel_to_id(&self.references, &self.store).map_err(|error| error.to_string());
        }
        let prefix = gix_hash::Prefix::from_hex(name).map_err(|_| unknown(name))?;
        match self.store.lookup_prefix(prefix, None).map_err(|error| error.to_string())? {
            Some(Ok(id)) => Ok(id),
            Some(Err(())) => Err(format!("`{name}` is the beginning of more than one id")),
            None => Err(unknown(name)),
        }
    }

    fn parent(&self, id: ObjectId, number: usize) -> Result<ObjectId, String> {
        let mut buffer = Vec::new();
        let commit = self.store.find_commit(&self.commit_of(id)?, &mut buffer).map_err(|error| error.to_string())?;
        commit.parents().nth(number - 1).ok_or_else(|| {
            format!(
                "commit {id} has no parent number {number} here; a shallow clone ends there: fetch more of the history"
            )
        })
    }

    /// What a tag points to.
    fn commit_of(&self, mut id: ObjectId) -> Result<ObjectId, String> {
        let mut buffer = Vec::new();
        for _ in 0..10 {
            let object = self.store.find(&id, &mut buffer).map_err(|error| missing(&error.to_string()))?;
            if object.kind != Kind::Tag {
                break;
            }
            id = object
                .decode()
                .ok()
                .and_then(|object| Some(object.as_tag()?.target()))
                .ok_or("a tag without a target")?;
        }
        Ok(id)
    }

    fn tree_of(&self, id: ObjectId) -> Result<ObjectId, String> {
        let id = self.commit_of(id)?;
        let mut buffer = Vec::new();
        let object = self.store.find(&id, &mut buffer).map_err(|error| missing(&error.to_string()))?;
        match object.kind {
            Kind::Tree => Ok(id),
            Kind::Commit => Ok(self.store.find_commit(&id, &mut Vec::new()).map_err(|error| error.to_string())?.tree()),
            kind => Err(format!("{id} is a {kind}, not a commit")),
        }
    }

    fn list(&self, tree: ObjectId, path: &mut String, depth: usize, found: &mut Vec<Entry>) -> Result<(), String> {
        if depth > MAX_DEPTH || found.len() > MAX_ENTRIES {
            return Err(format!("more than {MAX_ENTRIES} files, or folders nested more than {MAX_DEPTH} deep"));
        }
        let mut buffer = Vec::new();
        let tree = self.store.find_tree_iter(&tree, &mut buffer).map_err(|error| missing(&error.to_string()))?;
        for entry in tree {
            let entry = entry.map_err(|error| error.to_string())?;
            let length = path.len();
            path.push_str(&String::from_utf8_lossy(entry.filename));
            let kind = entry.mode.kind();
            if kind == EntryKind::Tree {
                path.push('/');
                self.list(entry.oid.to_owned(), path, depth + 1, found)?;
            } else {
                found.push(Entry { path: path.clone(), id: entry.oid.to_owned(), kind });
            }
            path.truncate(length);
        }
        Ok(())
    }
}

/// Branches and tags, those of a linked work tree, too.
fn references(folder: &Path, common: &Path) -> gix_ref::file::Store {
    gix_ref::file::Store::for_linked_worktree(folder.to_owned(), common.to_owned(), gix_hash::Kind::Sha1)
}

fn unknown(name: &str) -> String {
    format!("there is no branch, tag or commit `{name}` here")
}

/// A shallow or partial clone lacks objects that its history names.
fn missing(error: &str) -> String {
    format!("{error}; a shallow or partial clone may lack it: fetch it first")
}

/// The decoders are for repositories that one trusts: a panic on hostile objects must not end the run.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the repository is damaged".to_owned()))
}
