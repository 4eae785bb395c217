//! Changed files take the place of the old ones: each is the old or the new one, at any moment.
//!
//! A new text is written to a hidden file beside the old one, with its mode and owner, synced, and renamed. Nothing is
//! written through a link, outside of the project, into a file that is read-only, or over what somebody else has changed
//! since it was read. Whoever is killed leaves the hidden file; the next run that changes its neighbour removes it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::Change;
use crate::scaffold::{
    check::is_inside,
    write::{parent, sync_folder},
};

/// A name that says whose it is, in case somebody finds one: `.NAME.mcpsec-fix-PID`.
const STAGING: &str = ".mcpsec-fix-";

/// Why a file cannot be written over what was read of it; nothing where it can. `root` is the project's folder.
pub fn hindrance(root: &Path, path: &str, before: Option<&str>) -> Option<String> {
    let said = |reason: &str| Some(format!("`{path}` {reason}"));
    if !is_inside(path) {
        return said("is not a path inside the project");
    }
    let target = root.join(path);
    if !within(root, path) {
        return said("lies behind a link");
    }
    let metadata = match fs::symlink_metadata(&target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound && before.is_none() => return None,
        Err(error) => return Some(format!("`{path}` cannot be read: {error}")),
    };
    let Some(before) = before else { return said("was not read") };
    if metadata.file_type().is_symlink() {
        return said("is a link");
    }
    if !metadata.is_file() {
        return said("is not a regular file");
    }
    if metadata.permissions().readonly() {
        return said("is read-only");
    }
    match fs::read(&target) {
        Ok(bytes) if bytes == before.as_bytes() => None,
        Ok(bytes) if str::from_utf8(&bytes).is_err() => said("is not written in UTF-8"),
        Ok(_) => said("has changed since it was read"),
        Err(error) => Some(format!("`{path}` cannot be read: {error}")),
    }
}

/// Whether the folder of `path` is where its name says, with no link on the way below `root`.
fn within(root: &Path, path: &str) -> bool {
    let Ok(root) = root.canonicalize() else { return false };
    let folder = root.join(path.rsplit_once('/').map_or("", |(folder, _)| folder));
    // What is joined with an empty name ends with a slash, which makes no difference here.
    folder.canonicalize().is_ok_and(|real| real == folder)
}

/// Writes one change.
///
/// # Errors
/// In words: why the file is still the old one.
pub fn write(root: &Path, change: &Change) -> Result<(), String> {
    if let Some(reason) = hindrance(root, &change.path, change.before.as_deref()) {
        return Err(reason);
    }
    let target = root.join(&change.path);
    replace(&target, change.after.as_bytes(), &|| hindrance(root, &change.path, change.before.as_deref()))
        .map_err(|error| format!("`{}` cannot be written: {error}", change.path))
}

/// Puts `bytes` in the place of a file, all or nothing.
///
/// # Errors
/// What the operating system says; the file is still the old one.
pub fn put(target: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(target, bytes, &|| None)
}

/// Puts `bytes` in the place of `target`, all or nothing. `last` is asked when all is ready, and may still object.
fn replace(target: &Path, bytes: &[u8], last: &dyn Fn() -> Option<String>) -> io::Result<()> {
    sweep(target);
    let mut staged = Staged::create(target)?;
    staged.file.write_all(bytes)?;
    if let Ok(old) = fs::symlink_metadata(target) {
        take_after(&staged.file, &old)?;
    }
    staged.file.sync_all()?;
    if let Some(reason) = last() {
        return Err(io::Error::other(reason));
    }
    fs::rename(&staged.path, target)?;
    staged.path = PathBuf::new();
    sync_folder(parent(target))
}

/// A file that is removed unless it became another. Locked as long as this process writes to it.
struct Staged {
    path: PathBuf,
    file: File,
}

impl Staged {
    fn create(target: &Path) -> io::Result<Self> {
        let path = target.with_file_name(format!("{}{}", prefix(target), std::process::id()));
        // Fails if it exists, as a file or as a link that somebody laid there.
        let file = File::create_new(&path)?;
        // Where a file cannot be locked, the sweep does not take it for abandoned either.
        let _ = file.try_lock();
        Ok(Self { path, file })
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn prefix(target: &Path) -> String {
    format!(".{}{STAGING}", target.file_name().unwrap_or_default().to_string_lossy())
}

/// Removes what runs that were killed have left beside this file: those whose lock nobody holds.
fn sweep(target: &Path) {
    let prefix = prefix(target);
    let Ok(entries) = fs::read_dir(parent(target)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        let ours = rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Gives a file the mode and the owner of another.
#[cfg(unix)]
fn take_after(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    // After the owner: changing that takes special bits away.
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn take_after(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn change(path: &str, before: Option<&str>, after: &str) -> Change {
        Change { path: path.to_owned(), before: before.map(str::to_owned), after: after.to_owned() }
    }

    #[test]
    fn a_file_keeps_its_mode_and_what_a_killed_run_left_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.sh");
        fs::write(&target, "old").expect("written");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o750)).expect("set");
        fs::write(folder.path().join(".a.sh.mcpsec-fix-1"), "half").expect("written");
        fs::write(folder.path().join(".a.sh.mcpsec-fix-mine"), "other").expect("written");
        write(folder.path(), &change("a.sh", Some("old"), "new")).expect("nothing is in the way");
        assert_eq!(fs::read(&target).expect("there"), b"new");
        assert_eq!(fs::metadata(&target).expect("there").permissions().mode() & 0o7777, 0o750);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn nothing_is_written_through_a_link_or_over_what_somebody_else_did() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join("a"), "old").expect("written");
        symlink(elsewhere.path().join("a"), folder.path().join("a")).expect("made");
        symlink(elsewhere.path(), folder.path().join("b")).expect("made");
        fs::create_dir(folder.path().join("real")).expect("made");
        fs::write(folder.path().join("real/a"), "old").expect("written");
        symlink(folder.path().join("real"), folder.path().join("inner")).expect("made");
        fs::write(folder.path().join("c"), "newer").expect("written");
        fs::write(folder.path().join("d"), "old").expect("written");
        fs::set_permissions(folder.path().join("d"), fs::Permissions::from_mode(0o444)).expect("set");
        for path in ["a", "b/a", "inner/a", "c", "d", "../a", "missing"] {
            assert!(write(folder.path(), &change(path, Some("old"), "new")).is_err(), "{path}");
        }
        for path in ["c", "b/new"] {
            assert!(write(folder.path(), &change(path, None, "new")).is_err(), "{path} is there or elsewhere");
        }
        assert_eq!(fs::read(elsewhere.path().join("a")).expect("there"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 6);
        write(folder.path(), &change("new", None, "new")).expect("nothing is in the way");
    }
}
