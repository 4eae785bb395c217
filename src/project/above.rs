//! The folders above a project, up to its repository's: licence, policy, ignore rules, workspaces and lockfiles there
//! count for the project, too.

use std::{fs, path::Path};

use super::{File, Skipped, git::Git, lockfile, read::read_file, workflow};

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

/// Lists and reads what counts in the folders between `root` (exclusive) and `top` (inclusive).
pub(super) fn read(root: &Path, top: &Path, git: &Git, skipped: &mut Vec<Skipped>) -> Above {
    let mut above = Above::default();
    let mut prefix = String::new();
    for folder in root.ancestors().skip(1).take_while(|folder| folder.starts_with(top)) {
        prefix.push_str("../");
        for place in ["", ".github/", ".github/workflows/", "docs/"] {
            let Ok(entries) = fs::read_dir(folder.join(place)) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    continue;
                }
                let path = format!("{prefix}{place}{name}");
                let known = place.is_empty() && (MANIFESTS.contains(&name.as_str()) || lockfile::is_lockfile(&name));
                if known || workflow::is_workflow(&path) {
                    let (file, note) = read_file(root, &path, git.tracks(&path));
                    above.files.extend(file);
                    // Its size is no gap in the project itself.
                    skipped.extend(note.map(|note| Skipped { incomplete: false, ..note }));
                }
                above.names.push(path);
            }
        }
    }
    above.names.sort();
    above.files.sort_by(|a, b| a.path.cmp(&b.path));
    above
}
