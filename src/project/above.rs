//! The folders above a project, up to its repository's: licence, policy, ignore rules, workspaces and lockfiles there
//! count for the project, too.

use std::{fs, path::Path};

use super::{
    File, Skipped,
    git::Git,
    lockfile,
    read::{Store, read_file},
    workflow,
};

/// What lies above the project's folder.
#[derive(Debug, Default)]
pub struct Above {
    /// Names of files, relative to the project's folder: `../LICENSE`, `../../.github/SECURITY.md`.
    pub names: Vec<String>,
    /// Manifests, lockfiles and workflows, read. Their paths begin with `../`.
    pub files: Vec<File>,
}

/// Manifests that may declare a workspace which the project belongs to.
const MANIFESTS: &[&str] = &["Cargo.toml", "go.work", "package.json", "pnpm-workspace.yaml", "pyproject.toml"];

/// The folders of each level in which files count.
const PLACES: &[&str] = &["", ".github/", ".github/workflows/", "docs/"];

/// The files that count in the folders between `root` (exclusive) and `top` (inclusive), by their names.
pub(super) fn on_disk(root: &Path, top: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut prefix = String::new();
    for folder in root.ancestors().skip(1).take_while(|folder| folder.starts_with(top)) {
        prefix.push_str("../");
        for place in PLACES {
            let Ok(entries) = fs::read_dir(folder.join(place)) else { continue };
            let files = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
            names.extend(files.map(|entry| format!("{prefix}{place}{}", entry.file_name().to_string_lossy())));
        }
    }
    names
}

/// The same, of the files of a repository in which the project lies in the folder `prefix`.
pub(super) fn among<'a>(files: impl IntoIterator<Item = &'a str>, prefix: &str) -> Vec<String> {
    let folders: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    let levels = (0..folders.len()).map(|kept| {
        let folder: String = folders[..kept].iter().map(|part| format!("{part}/")).collect();
        (folder, "../".repeat(folders.len() - kept))
    });
    let levels: Vec<(String, String)> = levels.collect();
    let mut names = Vec::new();
    for path in files {
        for (folder, up) in &levels {
            let Some(rest) = path.strip_prefix(folder.as_str()) else { continue };
            let place = rest.rfind('/').map_or("", |end| &rest[..=end]);
            if PLACES.contains(&place) {
                names.push(format!("{up}{rest}"));
            }
        }
    }
    names
}

/// Reads, of files above the project, those that count.
pub(super) fn read(names: Vec<String>, store: &dyn Store, git: &Git, skipped: &mut Vec<Skipped>) -> Above {
    let mut above = Above { names, files: Vec::new() };
    above.names.sort();
    for path in &above.names {
        let name = path.rsplit('/').next().unwrap_or(path);
        let directly = path.trim_start_matches("../") == name;
        let known = directly && (MANIFESTS.contains(&name) || lockfile::is_lockfile(name));
        if known || workflow::is_workflow(path) {
            let (file, note) = read_file(store, path, git.tracks(path));
            above.files.extend(file);
            // Its size is no gap in the project itself.
            skipped.extend(note.map(|note| Skipped { incomplete: false, ..note }));
        }
    }
    above
}
