//! `package.json` and `pnpm-workspace.yaml`.

use crate::{
    finding::Place,
    project::{
        File,
        data::{self, Entry, Node},
    },
};

use super::{Dependency, Ecosystem, Manifest, Purpose, Script, Source};

pub(super) fn package(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Npm);
    let root = match data::json(&file.text) {
        Ok(root) => root,
        Err(error) => return Manifest { error: Some(error), ..manifest },
    };
    let place = |node: &Node| Place::new(&file.path, node.span.start, node.span.end);
    manifest.name = root.get("name").and_then(Node::text).map(str::to_owned);
    manifest.private = root.get("private").is_some_and(Node::is_true);
    for entry in root.get("scripts").map_or(&[][..], Node::entries) {
        if let Some(command) = entry.node.text() {
            let script = Script { name: entry.key.clone(), command: command.to_owned(), place: place(&entry.node) };
            manifest.scripts.push(script);
        }
    }
    for (section, purpose) in [
        ("dependencies", Purpose::Runtime),
        ("optionalDependencies", Purpose::Runtime),
        ("devDependencies", Purpose::Development),
    ] {
        let entries = root.get(section).map_or(&[][..], Node::entries);
        manifest.dependencies.extend(entries.iter().filter_map(|entry| dependency(entry, purpose, &file.path)));
    }
    let workspaces = root.get("workspaces");
    let globs = workspaces.and_then(|node| node.get("packages")).or(workspaces);
    manifest.workspace = globs.map(|node| node.items().iter().filter_map(Node::text).map(str::to_owned).collect());
    let starts = ["start", "serve", "dev"].iter().any(|name| manifest.script(name).is_some());
    manifest.is_application = root.get("bin").is_some() || starts;
    // A binary for one platform, which another package brings: nothing is built or started from there.
    let platform = root.get("os").is_some() && root.get("cpu").is_some() && manifest.scripts.is_empty();
    manifest.is_package =
        !platform && (manifest.workspace.is_none() || root.get("bin").is_some() || root.get("main").is_some());
    manifest
}

fn dependency(entry: &Entry, purpose: Purpose, path: &str) -> Option<Dependency> {
    let range = entry.node.text()?;
    let place = Place::new(path, entry.key_span.start, entry.node.span.end);
    Some(Dependency { name: entry.key.clone(), source: source(range), purpose, place })
}

fn source(range: &str) -> Source {
    let range = range.trim();
    if ["workspace:", "catalog:", "file:", "link:", "portal:", "./", "../"].iter().any(|mark| range.starts_with(mark)) {
        return Source::Local;
    }
    let remote = range.contains("://") || range.starts_with("git@") || range.starts_with("github:");
    let short = !range.starts_with("npm:") && !range.starts_with('@') && range.matches('/').count() == 1;
    if remote || range.starts_with("gitlab:") || range.starts_with("bitbucket:") || short {
        return Source::Remote { address: range.to_owned(), fixed: is_fixed(range) };
    }
    Source::Registry(range.to_owned())
}

/// Whether an address names a commit, a range of tags, or a file whose name carries a version.
fn is_fixed(address: &str) -> bool {
    if let Some((_, revision)) = address.rsplit_once('#') {
        return revision.starts_with("semver:") || super::python::is_commit(revision) || is_version(revision);
    }
    let name = address.rsplit('/').next().unwrap_or(address);
    [".tgz", ".tar.gz", ".zip"].iter().any(|ending| name.ends_with(ending)) && has_version(name)
}

/// Whether a revision is a version's tag, such as `v1.2.0`.
fn is_version(revision: &str) -> bool {
    let digits = revision.trim_start_matches('v');
    digits.contains('.') && digits.split('.').take(2).all(|part| part.starts_with(|first: char| first.is_ascii_digit()))
}

fn has_version(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.windows(3).any(|three| three[0].is_ascii_digit() && three[1] == b'.' && three[2].is_ascii_digit())
}

/// Only the list of packages is read, line by line: that file has no other shape.
pub(super) fn pnpm_workspace(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Npm);
    let mut globs = Vec::new();
    let mut inside = false;
    for line in file.text.lines() {
        let trimmed = line.trim();
        if !line.starts_with([' ', '-', '#']) && !trimmed.is_empty() {
            inside = trimmed.starts_with("packages:");
        } else if let (true, Some(item)) = (inside, trimmed.strip_prefix('-')) {
            let item = item.split(" #").next().unwrap_or(item);
            globs.push(item.trim().trim_matches(['\'', '"']).to_owned());
        }
    }
    manifest.workspace = Some(globs);
    manifest
}
