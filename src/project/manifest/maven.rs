//! `pom.xml`.

use std::collections::BTreeMap;

use roxmltree::Node;

use crate::{finding::Place, project::File};

use super::{Dependency, Ecosystem, Manifest, Purpose, Source, xml};

pub(super) fn manifest(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Maven);
    let document = match xml::parse(&file.text) {
        Ok(document) => document,
        Err(error) => return Manifest { error: Some(error), ..manifest },
    };
    let root = document.root_element();
    if root.tag_name().name() != "project" {
        return manifest;
    }
    let properties = properties(root);
    let value = |node: Node<'_, '_>, name: &str| xml::text(node, name).map(|text| resolved(&text, &properties));
    manifest.name = value(root, "artifactId");
    manifest.is_package = value(root, "packaging").as_deref() != Some("pom");
    manifest.workspace = xml::child(root, "modules").map(|modules| {
        let named = modules.children().filter(|child| child.tag_name().name() == "module");
        named.filter_map(|module| module.text()).map(|text| text.trim().to_owned()).collect()
    });
    let managed = xml::child(root, "dependencyManagement");
    let profiles = xml::child(root, "profiles").into_iter().flat_map(|list| list.children());
    let holders = [Some(root), managed].into_iter().flatten().chain(profiles);
    for list in holders.filter_map(|node| xml::child(node, "dependencies")) {
        let is_managed = list.parent() == managed;
        for dependency in list.children().filter(|child| child.tag_name().name() == "dependency") {
            let (Some(group), Some(artifact)) = (value(dependency, "groupId"), value(dependency, "artifactId")) else {
                continue;
            };
            let test = value(dependency, "scope").as_deref() == Some("test");
            let range = dependency.range();
            manifest.dependencies.push(Dependency {
                name: format!("{group}:{artifact}"),
                source: Source::Registry(value(dependency, "version").unwrap_or_default()),
                purpose: match (is_managed, test) {
                    (true, _) => Purpose::Managed,
                    (false, true) => Purpose::Development,
                    (false, false) => Purpose::Runtime,
                },
                place: Place::new(&file.path, range.start, range.end),
            });
        }
    }
    manifest
}

/// What `${name}` stands for in this file.
fn properties(root: Node<'_, '_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for child in xml::child(root, "properties").into_iter().flat_map(|list| list.children()) {
        if let Some(text) = child.text().filter(|_| child.is_element()) {
            found.insert(child.tag_name().name().to_owned(), text.trim().to_owned());
        }
    }
    for (name, key) in [("project.version", "version"), ("project.groupId", "groupId")] {
        let own = xml::text(root, key);
        let inherited = || xml::text(xml::child(root, "parent")?, key);
        if let Some(text) = own.or_else(inherited) {
            found.insert(name.to_owned(), text);
        }
    }
    found
}

/// A text with a property in it replaced; one that another file defines leaves nothing known.
fn resolved(text: &str, properties: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let Some(start) = text.find("${") else { break };
        let Some(length) = text[start..].find('}') else { break };
        let value = properties.get(&text[start + 2..start + length]).map(String::as_str).unwrap_or_default();
        if value.len() > 200 {
            break;
        }
        text = format!("{}{value}{}", &text[..start], &text[start + length + 1..]);
    }
    text
}
