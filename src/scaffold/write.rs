//! A plan becomes a folder: all of it or nothing.
//!
//! The files are written to a hidden folder beside the target, synced, and renamed into place. Whoever is interrupted or
//! fails removes that folder. Whoever is killed cannot; the next run finds the folder unlocked, and removes it then.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{check, plan::Plan};

/// Why a project was not written. Nothing of it exists then.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The target has something in it. The user's to decide.
    #[error("`{}` is not empty", folder.display())]
    NotEmpty {
        /// The target.
        folder: PathBuf,
        /// Files of the project that exist already, sorted.
        conflicts: Vec<String>,
        /// What else is there, sorted.
        others: Vec<String>,
    },
    /// The target is a file or a link.
    #[error("`{}` exists and is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder in which the project should be does not exist.
    #[error("`{}` is not a folder", .0.display())]
    NoParent(PathBuf),
    /// A template tried to leave its project. A bug in the template.
    #[error("`{0}` is not inside the project")]
    Escapes(String),
    /// The user ended it.
    #[error("interrupted; nothing was written")]
    Interrupted,
    /// The operating system refused.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// What could not be written.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
}

/// A name that says whose it is, in case somebody finds one: `.NAME.mcpsec-new-PID`.
const STAGING: &str = ".mcpsec-new-";

/// Looks at the target without touching it: it may not exist, or be an empty folder.
pub fn vacant(plan: &Plan) -> Result<(), WriteError> {
    let folder = &plan.folder;
    let parent = parent(folder);
    if !parent.is_dir() {
        return Err(WriteError::NoParent(parent.to_owned()));
    }
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(WriteError::Io { path: folder.clone(), source }),
        Ok(metadata) if !metadata.is_dir() => return Err(WriteError::NotAFolder(folder.clone())),
        Ok(_) => {}
    }
    let names = fs::read_dir(folder).and_then(|entries| {
        entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned())).collect::<io::Result<Vec<_>>>()
    });
    let mut others = names.map_err(|source| WriteError::Io { path: folder.clone(), source })?;
    if others.is_empty() {
        return Ok(());
    }
    let exists = |path: &str| fs::symlink_metadata(folder.join(path)).is_ok();
    let conflicts: Vec<String> = plan.files.iter().map(|it| it.path.clone()).filter(|it| exists(it)).collect();
    others.retain(|name| !conflicts.iter().any(|it| it.split('/').next() == Some(name)));
    others.sort();
    Err(WriteError::NotEmpty { folder: folder.clone(), conflicts, others })
}

/// Writes the plan. `interrupted` is asked before each file and before the last step.
pub fn write(plan: &Plan, interrupted: &(dyn Fn() -> bool + Sync)) -> Result<(), WriteError> {
    vacant(plan)?;
    if let Some(file) = plan.files.iter().find(|it| !check::is_inside(&it.path)) {
        return Err(WriteError::Escapes(file.path.clone()));
    }
    sweep(&plan.folder);
    let staging = Staging::create(&plan.folder)?;
    folders(plan, &staging.folder)?;
    // Syncing waits for the disk, so the files are written side by side: the disk then syncs many at once.
    plan.files.par_iter().try_for_each(|file| {
        if interrupted() {
            return Err(WriteError::Interrupted);
        }
        let path = staging.folder.join(&file.path);
        put(&path, &file.bytes).map_err(|source| WriteError::Io { path, source })
    })?;
    if interrupted() {
        return Err(WriteError::Interrupted);
    }
    staging.promote(&plan.folder)
}

/// A folder that is removed unless it became the project. Locked as long as this process writes into it.
struct Staging {
    folder: PathBuf,
    _lock: Option<File>,
}

impl Staging {
    fn create(target: &Path) -> Result<Self, WriteError> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!("{STAGING}{}", std::process::id()));
        let folder = parent(target).join(name);
        let failed = |source| WriteError::Io { path: folder.clone(), source };
        // Fails if it exists, as a folder or as a link that somebody laid there.
        fs::create_dir(&folder).map_err(failed)?;
        // Where a folder cannot be locked, the sweep does not take it for abandoned either.
        let lock = File::open(&folder).ok().filter(|lock| lock.try_lock().is_ok());
        Ok(Self { folder, _lock: lock })
    }

    fn promote(mut self, target: &Path) -> Result<(), WriteError> {
        let failed = |path: &Path, source| WriteError::Io { path: path.to_owned(), source };
        sync_folder(&self.folder).map_err(|source| failed(&self.folder, source))?;
        // Renaming replaces an empty folder on Unix and fails on a full one; Windows replaces none.
        if cfg!(windows) && target.is_dir() {
            fs::remove_dir(target).map_err(|source| failed(target, source))?;
        }
        fs::rename(&self.folder, target).map_err(|source| failed(target, source))?;
        self.folder = PathBuf::new();
        let _ = sync_folder(parent(target));
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.folder.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Removes what runs that were killed have left for this target: staging folders whose lock nobody holds.
fn sweep(target: &Path) {
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push(STAGING);
    let Ok(entries) = fs::read_dir(parent(target)) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        if !ours || !entry.file_type().is_ok_and(|it| it.is_dir()) {
            continue;
        }
        let lock = File::open(entry.path());
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn folders(plan: &Plan, staging: &Path) -> Result<(), WriteError> {
    for file in &plan.files {
        let path = staging.join(&file.path);
        let folder = parent(&path);
        fs::create_dir_all(folder).map_err(|source| WriteError::Io { path: folder.to_owned(), source })?;
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The folder that holds `path`; of a bare name it is the current one.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::scaffold::render::Rendered;

    fn plan(folder: PathBuf, paths: &[&str]) -> Plan {
        let files = paths.iter().map(|path| Rendered { path: (*path).to_owned(), bytes: b"x".to_vec() }).collect();
        Plan { folder, files, vendored: 0 }
    }

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("it is a folder");
        entries.map(|it| it.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn whoever_is_interrupted_at_any_file_leaves_nothing() {
        let parent = tempfile::tempdir().expect("a folder");
        let plan = plan(parent.path().join("p"), &["a", "b/c", "b/d"]);
        for stop in 0..=plan.files.len() {
            let asked = AtomicUsize::new(0);
            let result = write(&plan, &|| asked.fetch_add(1, Ordering::Relaxed) >= stop);
            assert!(matches!(result, Err(WriteError::Interrupted)), "{result:?}");
            assert_eq!(entries(parent.path()), [""; 0]);
        }
        write(&plan, &|| false).expect("nothing is in the way");
        assert_eq!(fs::read(parent.path().join("p/b/c")).expect("written"), b"x");
        assert_eq!(entries(parent.path()), ["p"]);
    }

    #[test]
    fn a_path_out_of_the_project_is_refused_before_anything_is_made() {
        let parent = tempfile::tempdir().expect("a folder");
        let result = write(&plan(parent.path().join("p"), &["a", "../evil"]), &|| false);
        assert!(matches!(result, Err(WriteError::Escapes(_))), "{result:?}");
        assert_eq!(entries(parent.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_killed_run_left_is_swept_and_what_a_running_one_writes_is_not() {
        let parent = tempfile::tempdir().expect("a folder");
        for (name, held) in [(".p.mcpsec-new-1", false), (".p.mcpsec-new-2", true), (".p.mcpsec-newer", false)] {
            fs::create_dir(parent.path().join(name)).expect("made");
            let lock = File::open(parent.path().join(name)).expect("made");
            if held {
                lock.lock().expect("nobody holds it");
                // The lock ends with the process, as it would for the run that this stands for.
                std::mem::forget(lock);
            }
        }
        write(&plan(parent.path().join("p"), &["a"]), &|| false).expect("nothing is in the way");
        let mut left = entries(parent.path());
        left.sort();
        assert_eq!(left, [".p.mcpsec-new-2", ".p.mcpsec-newer", "p"]);
    }

    #[test]
    fn an_empty_folder_is_taken_and_a_full_one_refused_with_its_conflicts() {
        let parent = tempfile::tempdir().expect("a folder");
        let target = parent.path().join("p");
        fs::create_dir(&target).expect("made");
        write(&plan(target.clone(), &["a", "b/c"]), &|| false).expect("it is empty");
        fs::write(target.join("mine"), "").expect("written");
        let Err(WriteError::NotEmpty { conflicts, others, .. }) = vacant(&plan(target, &["a", "z"])) else {
            panic!("it is not empty");
        };
        assert_eq!((conflicts, others), (vec!["a".to_owned()], vec!["b".to_owned(), "mine".to_owned()]));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let parent = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let target = parent.path().join("p");
        std::os::unix::fs::symlink(elsewhere.path(), &target).expect("made");
        let result = write(&plan(target, &["a"]), &|| false);
        assert!(matches!(result, Err(WriteError::NotAFolder(_))), "{result:?}");
        assert_eq!(entries(elsewhere.path()), [""; 0]);
    }
}
