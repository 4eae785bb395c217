//! What is installed of a package, folder by folder: the packages of one repository need not agree.

use std::collections::BTreeMap;

use super::Project;

/// Versions by the package's name and the folder whose manifest asks for it.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    by_name: BTreeMap<String, Vec<(String, String)>>,
}

impl Versions {
    /// What `project` has.
    pub(super) fn of(project: &Project) -> Self {
        let mut versions = Self::default();
        for manifest in &project.manifests {
            let lockfiles = project.around(manifest);
            for dependency in &manifest.dependencies {
                let Some(version) = project.version_for(manifest, &lockfiles, &dependency.name) else { continue };
                let folders = versions.by_name.entry(dependency.name.clone()).or_default();
                folders.push((manifest.folder().to_owned(), version));
            }
        }
        // The nearest first; those above the project last.
        for folders in versions.by_name.values_mut() {
            folders.sort_by_key(|(folder, _)| std::cmp::Reverse(depth(folder)));
        }
        versions
    }

    /// What a file of the project gets of a package: what the nearest manifest around it asks for, or, where none does, any
    /// other.
    pub fn at(&self, path: &str, package: &str) -> Option<&str> {
        let folders = self.by_name.get(package)?;
        let around = folders.iter().find(|(folder, _)| {
            folder.starts_with("..")
                || folder.is_empty()
                || path.strip_prefix(folder.as_str()).is_some_and(|it| it.starts_with('/'))
        });
        around.or(folders.last()).map(|(_, version)| version.as_str())
    }
}

fn depth(folder: &str) -> usize {
    if folder.is_empty() || folder.starts_with("..") { 0 } else { folder.matches('/').count() + 1 }
}
