//! Registries of servers: files from which a proxy or manager takes what it starts. Data: nothing in them runs.

use super::{
    File,
    client::{
        Word,
        launch::{ContainerRun, Reach, mount_source, reach},
    },
    container::{self, Pin},
    data::{self, Node, Value},
};
use crate::finding::Place;

/// A registry.
#[derive(Clone, Debug)]
pub struct Registry {
    /// Relative to the project's folder.
    pub path: String,
    /// Its entries, in order.
    pub entries: Vec<RegistryEntry>,
}

/// A server in a registry.
#[derive(Clone, Debug)]
pub struct RegistryEntry {
    /// Its name there.
    pub name: String,
    /// What it does that it should not.
    pub dangers: Vec<Danger>,
}

/// What an entry asks for.
#[derive(Clone, Debug)]
pub struct Danger {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: DangerKind,
}

/// Kinds of [`Danger`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DangerKind {
    /// An image or version that moves.
    Moving,
    /// A privileged container.
    Privileged,
    /// A mount of more than a folder of its own.
    Mount(Reach),
    /// The network, processes or users of the machine.
    Namespace,
    /// A capability that leads out of the container.
    Capability,
}

/// Keys below which servers stand.
const ROOTS: &[&str] = &["servers", "mcpServers", "registry", "packages"];

/// Deepest level of an entry that is looked at.
const MAX_DEPTH: usize = 6;

/// Whether a file is a registry, by its name: `mcp-docker-registry.json`, `server-registry.json`, `server.json`.
pub fn is_registry(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let named = name.contains("registry") && (name.contains("mcp") || name.contains("server"));
    name.ends_with(".json") && (named || name == "server.json")
}

/// Reads a registry. Nothing where the file is none, or cannot be parsed.
pub fn read(file: &File) -> Option<Registry> {
    if !is_registry(&file.path) {
        return None;
    }
    let root = data::json(&file.text).ok()?;
    // Many a `server.json` configures something else.
    let publishes = root.get("packages").is_some_and(|packages| packages.items().iter().any(is_package));
    if file.path.ends_with("server.json") && !file.path.contains("registry") && !publishes {
        return None;
    }
    let list = ROOTS.iter().find_map(|key| root.get(key)).unwrap_or(&root);
    let named = list.entries().iter().map(|entry| (entry.key.clone(), &entry.node));
    let listed = list.items().iter().map(|node| (name_of(node), node));
    let entries = named.chain(listed).filter(|(_, node)| !node.entries().is_empty());
    let entries = entries.map(|(name, node)| {
        let mut dangers = Vec::new();
        Look { path: &file.path, dangers: &mut dangers }.entry(node, MAX_DEPTH);
        RegistryEntry { name, dangers }
    });
    Some(Registry { path: file.path.clone(), entries: entries.collect() })
}

fn is_package(node: &Node) -> bool {
    ["registryType", "registry_type", "registry_name"].iter().any(|key| node.get(key).is_some())
}

fn name_of(node: &Node) -> String {
    let keys = ["name", "id", "identifier", "friendly_name"];
    keys.iter().find_map(|key| node.get(key)?.text()).unwrap_or("an entry").to_owned()
}

/// Collects dangers of one entry.
struct Look<'a> {
    path: &'a str,
    dangers: &'a mut Vec<Danger>,
}

impl Look<'_> {
    fn entry(&mut self, node: &Node, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for entry in node.entries() {
            self.field(&entry.key, &entry.node);
            self.entry(&entry.node, depth);
        }
        for item in node.items() {
            self.entry(item, depth);
        }
    }

    fn field(&mut self, key: &str, node: &Node) {
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        match key.as_str() {
            "image" | "dockerimage" | "containerimage" => {
                let moving = node.text().is_some_and(|name| matches!(container::pin(name), Pin::Latest | Pin::None));
                self.note(moving, node, DangerKind::Moving);
            }
            "version" | "tag" => self.note(node.text() == Some("latest"), node, DangerKind::Moving),
            "identifier" => {
                let moving = node.text().is_some_and(|name| name.ends_with(":latest") || name.ends_with("@latest"));
                self.note(moving, node, DangerKind::Moving);
            }
            "privileged" => self.note(node.is_true(), node, DangerKind::Privileged),
            "networkmode" | "network" | "pid" | "pidmode" | "ipc" | "usernsmode" => {
                self.note(node.text() == Some("host"), node, DangerKind::Namespace);
            }
            "capadd" => node.items().iter().for_each(|item| {
                self.note(item.text().is_some_and(is_strong), item, DangerKind::Capability);
            }),
            "volumes" | "mounts" | "binds" | "volume" => self.mounts(node),
            _ => self.options(&key, node),
        }
    }

    fn mounts(&mut self, node: &Node) {
        for item in node.items() {
            let source = item.text().map(mount_source).or_else(|| {
                ["source", "src", "host", "hostPath", "host_path"].iter().find_map(|key| item.get(key)?.text())
            });
            self.mount(source, item);
        }
        // `"/host": "/container"`, as the Python client of the engine has it.
        for entry in node.entries() {
            let to = matches!(entry.node.value, Value::Text(_)) || entry.node.get("bind").is_some();
            self.mount(Some(entry.key.as_str()).filter(|_| to), &entry.node);
        }
    }

    fn mount(&mut self, source: Option<&str>, node: &Node) {
        if let Some(reach @ (Reach::Root | Reach::Engine)) = source.and_then(reach) {
            self.note(true, node, DangerKind::Mount(reach));
        }
    }

    /// Arguments of `docker run` in a list.
    fn options(&mut self, key: &str, node: &Node) {
        let words: Vec<Word> = node
            .items()
            .iter()
            .filter_map(|item| {
                let place = Place::new(self.path, item.span.start, item.span.end);
                Some(Word { text: item.text()?.to_owned(), place })
            })
            .collect();
        let run = words.iter().position(|word| word.text == "run");
        let start = run.map_or(0, |at| at + 1);
        if run.is_none() && !["docker", "container", "runtime"].iter().any(|word| key.contains(word)) {
            return;
        }
        if !words.get(start).is_some_and(|word| word.text.starts_with('-')) {
            return;
        }
        let run = ContainerRun::of(&words[start..]);
        for (name, word) in &run.options {
            let kind = match (name.as_str(), word.text.as_str()) {
                ("privileged", value) if value != "false" => DangerKind::Privileged,
                ("network" | "pid" | "ipc" | "userns", "host") => DangerKind::Namespace,
                ("cap-add", capability) if is_strong(capability) => DangerKind::Capability,
                _ => continue,
            };
            self.dangers.push(Danger { place: word.place.clone(), kind });
        }
        for (source, word) in run.mounts() {
            if let Some(reach @ (Reach::Root | Reach::Engine)) = reach(&source) {
                self.dangers.push(Danger { place: word.place.clone(), kind: DangerKind::Mount(reach) });
            }
        }
        if start > 0
            && let Some(image) =
                run.image.filter(|image| matches!(container::pin(&image.text), Pin::Latest | Pin::None))
        {
            self.dangers.push(Danger { place: image.place, kind: DangerKind::Moving });
        }
    }

    fn note(&mut self, holds: bool, node: &Node, kind: DangerKind) {
        if holds {
            let place = Place::new(self.path, node.span.start, node.span.end);
            self.dangers.push(Danger { place, kind });
        }
    }
}

/// Whether a capability leads out of a container.
pub fn is_strong(capability: &str) -> bool {
    const STRONG: &[&str] =
        &["ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF", "SYS_BOOT"];
    let name = capability.to_ascii_uppercase();
    STRONG.contains(&name.strip_prefix("CAP_").unwrap_or(&name))
}
