//! `build.gradle`, `build.gradle.kts` and `gradle/libs.versions.toml`, as far as they can be read without running them.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    finding::Place,
    project::{
        File,
        data::{self, Node},
    },
};

use super::{Dependency, Ecosystem, Manifest, Purpose, Source};

/// `implementation("group:artifact:version")`, `testImplementation platform('group:artifact:1')`
static COORDINATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[ \t]*(\w*(?i:implementation|api|compileOnly|runtimeOnly|classpath))\b[^\n"']*["']([\w.-]+):([\w.-]+)(?::([^"'@\n]*))?[^"'\n]*["']"#)
        .expect("a constant pattern")
});

/// `implementation(project(":core:api"))`
static PROJECTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\bproject\(\s*(?:path\s*[:=]\s*)?["']:([\w:.-]+)["']"#).expect("a constant pattern")
});

pub(super) fn build(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Maven);
    manifest.is_package = true;
    for found in PROJECTS.captures_iter(&file.text) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
        manifest.dependencies.push(Dependency {
            name: format!("/{}", name.as_str().replace(':', "/")),
            source: Source::Local,
            purpose: Purpose::Runtime,
            place: Place::new(&file.path, whole.start(), whole.end()),
        });
    }
    for found in COORDINATES.captures_iter(&file.text) {
        let (Some(whole), Some(group), Some(artifact)) = (found.get(0), found.get(2), found.get(3)) else { continue };
        let kind = found.get(1).map_or("", |kind| kind.as_str());
        let version = found.get(4).map_or("", |version| version.as_str());
        let start = group.start();
        manifest.dependencies.push(Dependency {
            name: format!("{}:{}", group.as_str(), artifact.as_str()),
            // `$name` is decided elsewhere.
            source: Source::Registry(if version.contains('$') { String::new() } else { version.to_owned() }),
            purpose: if kind.starts_with("test") { Purpose::Development } else { Purpose::Runtime },
            place: Place::new(&file.path, start, whole.end().saturating_sub(1)),
        });
    }
    manifest
}

pub(super) fn catalog(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Maven);
    let root = match data::toml(&file.text) {
        Ok(root) => root,
        Err(error) => return Manifest { error: Some(error), ..manifest },
    };
    for entry in root.get("libraries").map_or(&[][..], Node::entries) {
        let node = &entry.node;
        let word = |key: &str| node.get(key).and_then(Node::text);
        let short = node.text().and_then(|text| text.rsplit_once(':'));
        let module = word("module").map(str::to_owned);
        let parts = || Some(format!("{}:{}", word("group")?, word("name")?));
        let Some(name) = short.map(|(name, _)| name.to_owned()).or(module).or_else(parts) else { continue };
        let named = node.path(&["version", "ref"]).and_then(Node::text);
        let named = named.and_then(|name| root.path(&["versions", name])).and_then(Node::text);
        let version = short.map(|(_, version)| version).or(word("version")).or(named).unwrap_or_default();
        manifest.dependencies.push(Dependency {
            name,
            source: Source::Registry(version.to_owned()),
            purpose: Purpose::Managed,
            place: Place::new(&file.path, entry.key_span.start, node.span.end.max(entry.key_span.end)),
        });
    }
    manifest
}
