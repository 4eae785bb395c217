//! `Cargo.toml`.

use crate::{
    finding::Place,
    project::{
        File,
        data::{self, Entry, Node, Value},
    },
};

use super::{Dependency, Ecosystem, Manifest, Purpose, Source};

pub(super) fn manifest(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Cargo);
    let root = match data::toml(&file.text) {
        Ok(root) => root,
        Err(error) => return Manifest { error: Some(error), ..manifest },
    };
    let package = root.get("package");
    manifest.is_package = package.is_some();
    manifest.name = package.and_then(|package| package.get("name")).and_then(Node::text).map(str::to_owned);
    manifest.private = package
        .and_then(|package| package.get("publish"))
        .is_some_and(|publish| matches!(publish.value, Value::Flag(false)));
    manifest.is_application = root.get("bin").is_some() || manifest.private && root.get("example").is_some();
    manifest.workspace = root.get("workspace").map(|workspace| {
        let members = workspace.get("members").map_or(&[][..], Node::items).iter().filter_map(Node::text);
        let excluded = workspace.get("exclude").map_or(&[][..], Node::items).iter().filter_map(Node::text);
        members.map(str::to_owned).chain(excluded.map(|glob| format!("!{glob}"))).collect()
    });
    tables(&root, &file.path, &mut manifest.dependencies);
    if let Some(workspace) = root.get("workspace") {
        tables(workspace, &file.path, &mut manifest.dependencies);
    }
    for target in root.get("target").map_or(&[][..], Node::entries) {
        tables(&target.node, &file.path, &mut manifest.dependencies);
    }
    manifest
}

fn tables(node: &Node, path: &str, dependencies: &mut Vec<Dependency>) {
    for (section, purpose) in [
        ("dependencies", Purpose::Runtime),
        ("build-dependencies", Purpose::Development),
        ("dev-dependencies", Purpose::Development),
    ] {
        for entry in node.get(section).map_or(&[][..], Node::entries) {
            dependencies.push(dependency(entry, purpose, path));
        }
    }
}

fn dependency(entry: &Entry, purpose: Purpose, path: &str) -> Dependency {
    let node = &entry.node;
    let word = |key: &str| node.get(key).and_then(Node::text);
    let version = word("version").or_else(|| node.text()).unwrap_or_default();
    let source = if node.get("path").is_some() || node.get("workspace").is_some() {
        Source::Local
    } else if let Some(address) = word("git") {
        Source::Remote { address: address.to_owned(), fixed: word("rev").or_else(|| word("tag")).is_some() }
    } else {
        Source::Registry(version.to_owned())
    };
    let name = word("package").unwrap_or(&entry.key).to_owned();
    let end = node.span.end.max(entry.key_span.end);
    Dependency { name, source, purpose, place: Place::new(path, entry.key_span.start, end) }
}
