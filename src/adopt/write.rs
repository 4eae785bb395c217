//! A plan becomes files: all of them or none. Nothing is written through a link, or over what was not read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::fix::{Change, write as file};

/// Why a change cannot be made; nothing where it can.
pub fn hindrance(root: &Path, change: &Change) -> Option<String> {
    let mut folder = root.to_path_buf();
    let parents = change.path.rsplit_once('/').map_or("", |(parents, _)| parents);
    for name in parents.split('/').filter(|name| !name.is_empty()) {
        folder.push(name);
        match fs::symlink_metadata(&folder) {
            Ok(known) if known.is_dir() => {}
            Ok(_) => return Some(format!("`{}` is not a folder", folder.display())),
            // It will be made.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(format!("`{}` cannot be read: {error}", folder.display())),
        }
    }
    file::hindrance(root, &change.path, change.before.as_deref())
}

/// Writes every change. `interrupted` is asked before each file and after the last one.
///
/// # Errors
/// In words. Everything is then as it was.
pub fn write(root: &Path, changes: &[Change], interrupted: &dyn Fn() -> bool) -> Result<(), String> {
    if let Some(reason) = changes.iter().find_map(|change| hindrance(root, change)) {
        return Err(reason);
    }
    let mut undo = Undo { root, folders: Vec::new(), changes: Vec::new() };
    let go_on = || if interrupted() { Err("interrupted".to_owned()) } else { Ok(()) };
    for change in changes {
        go_on()?;
        undo.folders(&change.path)?;
        file::write(root, change)?;
        undo.changes.push(change);
    }
    go_on()?;
    undo.changes.clear();
    undo.folders.clear();
    Ok(())
}

/// What is taken back unless everything was written.
struct Undo<'a> {
    root: &'a Path,
    folders: Vec<PathBuf>,
    changes: Vec<&'a Change>,
}

impl Undo<'_> {
    /// Makes the folders that a file needs.
    fn folders(&mut self, path: &str) -> Result<(), String> {
        let mut folder = self.root.to_path_buf();
        let parents = path.rsplit_once('/').map_or("", |(parents, _)| parents);
        for name in parents.split('/').filter(|name| !name.is_empty()) {
            folder.push(name);
            match fs::create_dir(&folder) {
                Ok(()) => self.folders.push(folder.clone()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("`{}` cannot be made: {error}", folder.display())),
            }
        }
        Ok(())
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        for change in self.changes.iter().rev() {
            let path = self.root.join(&change.path);
            // What somebody else has changed by now is theirs.
            if fs::read(&path).is_ok_and(|bytes| bytes == change.after.as_bytes()) {
                let _ = match &change.before {
                    Some(before) => file::put(&path, before.as_bytes()),
                    None => fs::remove_file(&path),
                };
            }
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, before: Option<&str>, after: &str) -> Change {
        Change { path: path.to_owned(), before: before.map(str::to_owned), after: after.to_owned() }
    }

    #[test]
    fn what_fails_in_the_middle_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("old"), "1").expect("written");
        // The last one is hindered by a file that the first one makes.
        let changes = [change("a/b/c", None, "x"), change("old", Some("1"), "2"), change("a/b/c/d", None, "y")];
        assert!(write(folder.path(), &changes, &|| false).is_err());
        let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().map(|it| it.file_name()).collect();
        assert_eq!(names, ["old"]);
        assert_eq!(fs::read(folder.path().join("old")).expect("there"), b"1");
        write(folder.path(), &changes[..2], &|| false).expect("nothing is in the way");
        assert_eq!(fs::read(folder.path().join("a/b/c")).expect("written"), b"x");
    }

    #[test]
    fn whoever_is_interrupted_at_any_file_leaves_everything_as_it_was() {
        let changes = [change("a/b", None, "x"), change("old", Some("1"), "2"), change("c", None, "y")];
        for at in 0..=changes.len() {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join("old"), "1").expect("written");
            let asked = std::cell::Cell::new(0);
            let interrupted = || asked.replace(asked.get() + 1) == at;
            assert_eq!(write(folder.path(), &changes, &interrupted), Err("interrupted".to_owned()));
            let left: Vec<_> =
                fs::read_dir(folder.path()).expect("a folder").flatten().map(|it| it.file_name()).collect();
            assert_eq!(left, ["old"], "at {at}");
            assert_eq!(fs::read(folder.path().join("old")).expect("there"), b"1");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_or_over_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join(".github")).expect("made");
        fs::write(folder.path().join("mine"), "1").expect("written");
        for path in [".github/workflows/a.yml", "mine", "../a"] {
            assert!(write(folder.path(), &[change(path, None, "x")], &|| false).is_err(), "{path}");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
    }
}
