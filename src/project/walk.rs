//! The one walk over a project's folder: which files are read, and what is listed as skipped instead.
//!
//! Ignore rules are respected for what git does not track; what git tracks is always read, and so are hidden files.
//! Links are not followed: a link within the project leads to a file that is read at its own place anyway.

use std::{
    collections::BTreeSet,
    fs::{self, FileType},
    path::Path,
    sync::mpsc,
};

use gix_object::tree::EntryKind;
use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Reason, Skipped, git::Git, odd, role};

/// What the walk found, relative to the project's folder.
pub(super) struct Found {
    /// Regular files to read, sorted.
    pub(super) files: Vec<String>,
    /// What is not read.
    pub(super) skipped: Vec<Skipped>,
}

enum Item {
    File(String),
    Skipped(Skipped),
}

/// Walks `root`, which is canonical.
pub(super) fn walk(root: &Path, git: &Git, exclude: &[String]) -> Found {
    let (sender, receiver) = mpsc::channel();
    let (excluded, wrong) = globs(exclude);
    let mut builder = WalkBuilder::new(root);
    let top = root.ancestors().nth(git.prefix.split('/').filter(|part| !part.is_empty()).count()).unwrap_or(root);
    // Without its own rules the whole folder is read: more than asked for, and never less.
    let odd = root.ancestors().find_map(|folder| odd::rule_file(folder, top));
    let rules = odd.is_none();
    if let Some(path) = odd {
        let _ = sender.send(Item::Skipped(unopened(root, &path)));
    }
    builder.standard_filters(false).git_ignore(rules).git_exclude(rules);
    builder.require_git(git.present).parents(git.present && rules);
    builder.follow_links(false).threads(std::thread::available_parallelism().map_or(2, |count| count.get().min(8)));
    let (filter_root, filter_top) = (root.to_owned(), top.to_owned());
    let (filter_sender, filter_excluded) = (sender.clone(), excluded.clone());
    builder.filter_entry(move |entry| {
        let found = prune(&filter_root, entry, &filter_excluded);
        let found = found.or_else(|| unopenable(&filter_root, &filter_top, entry, rules));
        let Some(item) = found else { return true };
        let _ = filter_sender.send(item);
        false
    });
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        let root = root.to_owned();
        Box::new(move |entry| {
            if let Some(item) = visit(&root, entry) {
                let _ = sender.send(item);
            }
            WalkState::Continue
        })
    });
    drop((sender, builder));
    collect(root, git, &excluded, receiver, wrong)
}

fn collect(
    root: &Path,
    git: &Git,
    excluded: &GlobSet,
    items: mpsc::Receiver<Item>,
    mut skipped: Vec<Skipped>,
) -> Found {
    let mut files = BTreeSet::new();
    // The filter holds a sender for as long as the builder's clones live: what was sent is what there is.
    for item in items.try_iter() {
        match item {
            Item::File(path) => {
                files.insert(path);
            }
            Item::Skipped(item) => skipped.push(item),
        }
    }
    // Tracked files are part of the project even where an ignore rule covers them.
    for path in git.tracked_here() {
        let pruned = path.split('/').rev().skip(1).any(role::is_pruned);
        if files.contains(path) || pruned || excluded.is_match(path) || below_excluded(path, excluded) {
            continue;
        }
        match fs::symlink_metadata(root.join(path)) {
            Ok(metadata) if metadata.is_file() && !through_link(root, path) => {
                files.insert(path.to_owned());
            }
            _ => {}
        }
    }
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    skipped.dedup();
    Found { files: files.into_iter().collect(), skipped }
}

/// Of a state in git, relative to the project's folder: what is read, and what is listed instead.
pub(super) fn choose(paths: Vec<(String, EntryKind)>, exclude: &[String]) -> Found {
    let (excluded, mut skipped) = globs(exclude);
    let mut files = Vec::new();
    for (path, kind) in paths {
        let pruned =
            path.match_indices('/').find(|(end, _)| role::is_pruned(path[..*end].rsplit('/').next().unwrap_or("")));
        if excluded.is_match(&path) || below_excluded(&path, &excluded) {
            skipped.push(excluded_path(&path));
        } else if let Some((end, _)) = pruned {
            skipped.push(pruned_folder(&path[..end]));
        } else if matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable) {
            files.push(path);
        } else {
            skipped.push(skip(&path, Reason::Link, "a link or a submodule", false));
        }
    }
    files.sort();
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    skipped.dedup();
    Found { files, skipped }
}

fn below_excluded(path: &str, excluded: &GlobSet) -> bool {
    path.match_indices('/').any(|(end, _)| excluded.is_match(&path[..end]))
}

/// Whether a folder on the way to `path` is a link: git would not track that, a hostile index may.
fn through_link(root: &Path, path: &str) -> bool {
    path.split('/').any(|part| part == "..")
        || path.match_indices('/').any(|(end, _)| {
            fs::symlink_metadata(root.join(&path[..end])).is_ok_and(|metadata| metadata.file_type().is_symlink())
        })
}

/// The globs of what is not read, and those that are none.
fn globs(exclude: &[String]) -> (GlobSet, Vec<Skipped>) {
    let mut set = GlobSetBuilder::new();
    let mut wrong = Vec::new();
    for pattern in exclude {
        match Glob::new(pattern.trim_end_matches('/')) {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => {
                let detail = format!("`[doctor] exclude`: `{pattern}` is no glob: {error}");
                wrong.push(skip("mcpsec.toml", Reason::Unreadable, detail, true));
            }
        }
    }
    (set.build().unwrap_or_else(|_| GlobSet::empty()), wrong)
}

fn excluded_path(path: &str) -> Skipped {
    skip(path, Reason::Excluded, "`[doctor] exclude`", false)
}

fn pruned_folder(path: &str) -> Skipped {
    skip(path, Reason::Foreign, "vendored, generated or a tool's own", false)
}

/// Folders and files that are not entered or read, with the reason where they are listed.
fn prune(root: &Path, entry: &DirEntry, excluded: &GlobSet) -> Option<Item> {
    let path = relative(root, entry.path());
    if path.is_empty() {
        return None;
    }
    let name = entry.file_name().to_string_lossy();
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    if excluded.is_match(&path) {
        return Some(Item::Skipped(excluded_path(&path)));
    }
    if !is_folder {
        return None;
    }
    let build = name == "target" && entry.path().with_file_name("Cargo.toml").is_file();
    if role::is_pruned(&name) || build {
        return Some(Item::Skipped(pruned_folder(&path)));
    }
    None
}

/// A folder that cannot be entered, because the walker would open what must not be opened.
fn unopenable(root: &Path, top: &Path, entry: &DirEntry, rules: bool) -> Option<Item> {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    (rules && is_folder).then(|| odd::rule_file(entry.path(), top))?.map(|path| Item::Skipped(unopened(root, &path)))
}

fn unopened(root: &Path, path: &Path) -> Skipped {
    let detail = "not a file of rules, so that it is not known what git ignores";
    skip(&relative(root, path), Reason::Unreadable, detail, true)
}

fn visit(root: &Path, entry: Result<DirEntry, ignore::Error>) -> Option<Item> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return failure(root, &error),
    };
    let path = relative(root, entry.path());
    let kind = entry.file_type()?;
    if path.is_empty() || kind.is_dir() {
        return None;
    }
    if kind.is_symlink() {
        return link(root, entry.path(), &path);
    }
    if !kind.is_file() {
        return Some(Item::Skipped(skip(&path, Reason::Binary, special(kind), false)));
    }
    Some(Item::File(path))
}

/// A link that leaves the project or leads nowhere is listed; one within it is read where it leads.
fn link(root: &Path, path: &Path, shown: &str) -> Option<Item> {
    match path.canonicalize() {
        Ok(target) if target.starts_with(root) => None,
        Ok(_) => Some(Item::Skipped(skip(shown, Reason::Link, "leads out of the project", false))),
        Err(error) => Some(Item::Skipped(skip(shown, Reason::Link, error.to_string(), false))),
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "not a regular file"
}

fn failure(root: &Path, error: &ignore::Error) -> Option<Item> {
    let (path, cause) = locate(error);
    let shown = path.map_or_else(|| ".".to_owned(), |path| relative(root, path));
    // A bad line in an ignore file hides nothing: the file is read like any other.
    if matches!(cause, ignore::Error::Glob { .. } | ignore::Error::InvalidDefinition) {
        return None;
    }
    Some(Item::Skipped(skip(&shown, Reason::Unreadable, cause.to_string(), true)))
}

fn locate(error: &ignore::Error) -> (Option<&Path>, &ignore::Error) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (deeper, cause) = locate(err);
            (Some(deeper.unwrap_or(path)), cause)
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => locate(err),
        other => (None, other),
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { below.into_owned() } else { below.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// A [`Skipped`] in one line.
pub(super) fn skip(path: &str, reason: Reason, detail: impl Into<String>, incomplete: bool) -> Skipped {
    Skipped { path: path.to_owned(), reason, detail: detail.into(), incomplete }
}
