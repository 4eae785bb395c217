//! What a server tells a registry or a desktop client about itself: `server.json`, and the `manifest.json` of a bundle.

use super::{
    File, Project, Role,
    client::Word,
    data::{self, Node, Value},
    manifest::Ecosystem,
};
use crate::finding::Place;

/// Such a file.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Packages that it names, with their version and transport.
    pub packages: Vec<Package>,
    /// Its own name; for `server.json` alone.
    pub name: Option<Word>,
    /// Its own version.
    pub version: Option<Word>,
    /// Settings that hold a secret by their name, and are not marked as one.
    pub open_secrets: Vec<Word>,
    /// Tools that it promises; nothing where it does not list any, or says that there are more.
    pub tools: Option<Vec<Word>>,
}

/// A package of a `server.json`.
#[derive(Clone, Debug)]
pub struct Package {
    /// Where it is published.
    pub ecosystem: Option<Ecosystem>,
    /// Its name there.
    pub identifier: Word,
    /// Its version.
    pub version: Option<Word>,
    /// `stdio`, `streamable-http`, `sse`.
    pub transport: Option<Word>,
}

/// Reads a listing; nothing where the file is none.
pub fn read(file: &File) -> Option<Listing> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    if !matches!(name, "server.json" | "manifest.json") || !matches!(file.role, Role::Product | Role::Script) {
        return None;
    }
    let root = data::json(&file.text).ok()?;
    let reader = Reader { path: &file.path };
    if name == "server.json" {
        let schema = root.get("$schema").and_then(Node::text).unwrap_or_default();
        let known =
            schema.contains("modelcontextprotocol") || root.get("packages").is_some() && root.get("name").is_some();
        return known.then(|| reader.server(&root));
    }
    let known =
        root.get("manifest_version").or_else(|| root.get("dxt_version")).is_some() && root.get("server").is_some();
    known.then(|| reader.bundle(&root))
}

struct Reader<'a> {
    path: &'a str,
}

impl Reader<'_> {
    fn word(&self, node: Option<&Node>) -> Option<Word> {
        let node = node?;
        let place = Place::new(self.path, node.span.start, node.span.end);
        Some(Word { text: node.text()?.to_owned(), place })
    }

    fn server(&self, root: &Node) -> Listing {
        let mut listing = Listing {
            name: self.word(root.get("name")),
            version: self.word(root.get("version")),
            ..Listing::default()
        };
        for package in root.get("packages").map_or(&[][..], Node::items) {
            let either = |a: &str, b: &str| package.get(a).or_else(|| package.get(b));
            let kind = either("registryType", "registry_type").or_else(|| package.get("registry_name"));
            let ecosystem = match kind.and_then(Node::text).unwrap_or_default() {
                "npm" => Some(Ecosystem::Npm),
                "pypi" => Some(Ecosystem::Python),
                _ => None,
            };
            if let Some(identifier) = self.word(either("identifier", "name")) {
                let transport = package.get("transport").and_then(|transport| transport.get("type"));
                let (version, transport) = (self.word(package.get("version")), self.word(transport));
                listing.packages.push(Package { ecosystem, identifier, version, transport });
            }
            let variables = either("environmentVariables", "environment_variables").map_or(&[][..], Node::items);
            for variable in variables {
                let secret = variable.get("isSecret").or_else(|| variable.get("is_secret")).is_some_and(Node::is_true);
                listing
                    .open_secrets
                    .extend(self.word(variable.get("name")).filter(|name| !secret && is_secret(&name.text)));
            }
        }
        listing
    }

    fn bundle(&self, root: &Node) -> Listing {
        let mut listing = Listing { version: self.word(root.get("version")), ..Listing::default() };
        for setting in root.get("user_config").map_or(&[][..], Node::entries) {
            let text = setting.node.get("type").and_then(Node::text) == Some("string");
            let sensitive = setting.node.get("sensitive").is_some_and(Node::is_true);
            if text && !sensitive && is_secret(&setting.key) {
                let place = Place::new(self.path, setting.key_span.start, setting.key_span.end);
                listing.open_secrets.push(Word { text: setting.key.clone(), place });
            }
        }
        let more = root.get("tools_generated").is_some_and(Node::is_true);
        let tools = root.get("tools").filter(|tools| matches!(tools.value, Value::List(_)) && !more);
        listing.tools =
            tools.map(|tools| tools.items().iter().filter_map(|tool| self.word(tool.get("name"))).collect());
        listing
    }
}

fn is_secret(name: &str) -> bool {
    mcpsec_screen::secrets::credential_name(name)
}

/// The version that a package of this project has in its manifest.
pub fn version(project: &Project, ecosystem: Option<Ecosystem>, name: Option<&str>) -> Option<String> {
    let files = project.files.iter().chain(&project.above.files);
    let mut versions = files.filter_map(|file| {
        let root = match (file.path.rsplit('/').next()?, ecosystem) {
            ("package.json", None | Some(Ecosystem::Npm)) => data::json(&file.text).ok()?,
            ("pyproject.toml", None | Some(Ecosystem::Python)) => data::toml(&file.text).ok()?.get("project")?.clone(),
            _ => return None,
        };
        let same = name.is_none_or(|name| root.get("name").and_then(Node::text) == Some(name));
        let at_top = !file.path.contains('/');
        (same && (name.is_some() || at_top)).then(|| root.get("version")?.text().map(str::to_owned)).flatten()
    });
    versions.next()
}
