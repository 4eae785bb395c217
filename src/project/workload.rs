//! Containers that are started together: services of compose files, pods of clusters, development containers.
//!
//! What each may do on its host, which ports it publishes, what it is given. Templates that are no YAML before somebody
//! renders them are passed over.

use super::{
    File,
    client::Word,
    data::{self, Entry, Node, Value},
    yaml,
};
use crate::finding::Place;

/// Where a container is described.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Platform {
    /// `docker-compose.yml`, `compose.yaml`
    Compose,
    /// A manifest of Kubernetes.
    Kubernetes,
    /// `devcontainer.json`
    Devcontainer,
}

/// A container with what it is given.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name there.
    pub name: String,
    /// Where it is named.
    pub place: Place,
    /// Which kind of file.
    pub platform: Platform,
    /// The image, where it is not built here.
    pub image: Option<Word>,
    /// It is built from this repository.
    pub is_built: bool,
    /// Rights over the host, each with its reason.
    pub rights: Vec<(Right, Place)>,
    /// Published ports, as written.
    pub ports: Vec<Port>,
    /// Variables, as written.
    pub environment: Vec<(String, Word)>,
    /// Safeguards that are written down, by their name.
    pub safeguards: Vec<&'static str>,
}

/// A right over the host that a container does not need to serve.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Right {
    /// All of them.
    Privileged,
    /// The container engine's socket.
    EngineSocket,
    /// The host's whole file system, or its settings.
    HostFiles(String),
    /// The host's network.
    HostNetwork,
    /// The host's processes.
    HostProcesses,
    /// A capability that is as good as root.
    Capability(String),
}

/// A published port.
#[derive(Clone, Debug)]
pub struct Port {
    /// As written.
    pub text: String,
    /// Where.
    pub place: Place,
    /// The port inside of the container, without its protocol; empty where a variable decides.
    pub target: String,
    /// Only this machine reaches it, or a variable decides.
    pub is_local: bool,
}

/// Capabilities that give the host away.
const STRONG: &[&str] = &["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"];

/// Folders of the host that give it away.
const HOST_FOLDERS: &[&str] =
    &["/", "/etc", "/root", "/home", "/var", "/proc", "/sys", "/dev", "/boot", "/var/run", "/run"];

/// Every container that a file describes.
pub fn read(file: &File) -> Vec<Workload> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let reader = Reader { path: &file.path };
    if matches!(name, "devcontainer.json" | ".devcontainer.json") {
        return data::json(&file.text).ok().map(|root| reader.devcontainer(&root)).into_iter().collect();
    }
    if !(name.ends_with(".yml") || name.ends_with(".yaml")) {
        return Vec::new();
    }
    let compose = name.starts_with("docker-compose") || name.starts_with("compose");
    let cluster = file.text.contains("apiVersion:") && file.text.contains("kind:");
    if !compose && !cluster {
        return Vec::new();
    }
    let documents = yaml::documents(&file.text).unwrap_or_default();
    if compose {
        let services = documents.iter().flat_map(|root| root.get("services").map_or(&[][..], Node::entries));
        return services.map(|entry| reader.service(entry)).collect();
    }
    documents.iter().flat_map(|root| reader.pods(root)).collect()
}

struct Reader<'a> {
    path: &'a str,
}

impl Reader<'_> {
    fn place(&self, node: &Node) -> Place {
        Place::new(self.path, node.span.start, node.span.end)
    }

    fn word(&self, node: &Node) -> Option<Word> {
        Some(Word { text: node.text()?.to_owned(), place: self.place(node) })
    }

    fn workload(&self, name: &str, place: Place, platform: Platform) -> Workload {
        Workload {
            name: name.to_owned(),
            place,
            platform,
            image: None,
            is_built: false,
            rights: Vec::new(),
            ports: Vec::new(),
            environment: Vec::new(),
            safeguards: Vec::new(),
        }
    }

    fn service(&self, entry: &Entry) -> Workload {
        let node = &entry.node;
        let place = Place::new(self.path, entry.key_span.start, entry.key_span.end);
        let mut found = self.workload(&entry.key, place, Platform::Compose);
        found.is_built = node.get("build").is_some();
        found.image = node.get("image").and_then(|image| self.word(image));
        found.rights = self.common_rights(node, "privileged", "cap_add");
        let items = |key: &str| node.get(key).map_or(&[][..], Node::items).iter();
        for volume in items("volumes") {
            let source = volume.get("source").or(Some(volume)).filter(|source| source.text().is_some());
            let Some(source) = source else { continue };
            let host = source.text().unwrap_or_default().split(':').next().unwrap_or_default();
            found.rights.extend(mounted(host).map(|right| (right, self.place(volume))));
        }
        for (key, right) in [("network_mode", Right::HostNetwork), ("pid", Right::HostProcesses)] {
            let host = node.get(key).filter(|value| value.text() == Some("host"));
            found.rights.extend(host.map(|value| (right, self.place(value))));
        }
        found.ports = items("ports").filter_map(|port| self.port(port)).collect();
        found.environment = self.environment(node.get("environment"));
        found.environment.extend(self.environment(node.get("build").and_then(|build| build.get("args"))));
        let option = |word: &str| items("security_opt").any(|it| it.text().is_some_and(|text| text.contains(word)));
        let drops = items("cap_drop").any(|it| it.text().is_some_and(|text| text.eq_ignore_ascii_case("all")));
        let limits = ["mem_limit", "cpus", "pids_limit"].iter().any(|key| node.get(key).is_some())
            || node.path(&["deploy", "resources", "limits"]).is_some();
        found.safeguards = safeguards([
            (node.get("read_only").is_some_and(Node::is_true), "read_only"),
            (option("no-new-privileges"), "no-new-privileges"),
            (drops, "cap_drop"),
            (limits, "limits"),
        ]);
        found
    }

    fn common_rights(&self, node: &Node, privileged: &str, capabilities: &str) -> Vec<(Right, Place)> {
        let mut rights = Vec::new();
        if let Some(flag) = node.get(privileged).filter(|flag| flag.is_true()) {
            rights.push((Right::Privileged, self.place(flag)));
        }
        for item in node.get(capabilities).map_or(&[][..], Node::items) {
            let name = item.text().unwrap_or_default().to_ascii_uppercase();
            let name = name.trim_start_matches("CAP_");
            if STRONG.contains(&name) {
                rights.push((Right::Capability(name.to_owned()), self.place(item)));
            }
        }
        rights
    }

    /// `KEY: value` or `- KEY=value`.
    fn environment(&self, node: Option<&Node>) -> Vec<(String, Word)> {
        let Some(node) = node else { return Vec::new() };
        let pairs = node.entries().iter().filter_map(|entry| Some((entry.key.clone(), self.word(&entry.node)?)));
        let lines = node.items().iter().filter_map(|item| {
            let (key, value) = item.text()?.split_once('=')?;
            Some((key.to_owned(), Word { text: value.to_owned(), place: self.place(item) }))
        });
        pairs.chain(lines).collect()
    }

    fn port(&self, node: &Node) -> Option<Port> {
        let place = self.place(node);
        if let Some(text) = node.text() {
            let whole = text.split('/').next().unwrap_or(text);
            let (host, rest) = address(whole);
            let target = rest.rsplit(':').next().unwrap_or(rest);
            let is_local = host.as_deref().is_some_and(|host| !is_everywhere(host));
            let target = if target.contains('$') { String::new() } else { target.to_owned() };
            return Some(Port { text: text.to_owned(), place, target, is_local });
        }
        let target = node.get("target").and_then(Node::text).unwrap_or_default().to_owned();
        let published = node.get("published")?.text().unwrap_or_default();
        let is_local = node.get("host_ip").and_then(Node::text).is_some_and(|host| !is_everywhere(host));
        Some(Port { text: format!("{published}:{target}"), place, target, is_local })
    }

    fn pods(&self, root: &Node) -> Vec<Workload> {
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        let keys: &[&str] = match kind {
            "Pod" => &["spec"],
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => &["spec", "template", "spec"],
            "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
            _ => return Vec::new(),
        };
        let Some(spec) = root.path(keys) else { return Vec::new() };
        let mut shared = Vec::new();
        for (key, right) in [("hostNetwork", Right::HostNetwork), ("hostPID", Right::HostProcesses)] {
            shared.extend(spec.get(key).filter(|flag| flag.is_true()).map(|flag| (right, self.place(flag))));
        }
        for volume in spec.get("volumes").map_or(&[][..], Node::items) {
            let Some(path) = volume.path(&["hostPath", "path"]) else { continue };
            shared.extend(mounted(path.text().unwrap_or_default()).map(|right| (right, self.place(path))));
        }
        let containers = spec.get("containers").map_or(&[][..], Node::items);
        containers.iter().enumerate().map(|(at, node)| self.pod(node, if at == 0 { &shared } else { &[] })).collect()
    }

    fn pod(&self, node: &Node, shared: &[(Right, Place)]) -> Workload {
        let name = node.get("name");
        let place = name.map_or_else(|| self.place(node), |name| self.place(name));
        let mut found = self.workload(name.and_then(Node::text).unwrap_or_default(), place, Platform::Kubernetes);
        found.image = node.get("image").and_then(|image| self.word(image));
        found.rights = shared.to_vec();
        let context = node.get("securityContext");
        let own = |key: &str| context.and_then(|context| context.get(key));
        if let Some(context) = context {
            found.rights.extend(self.common_rights(context, "privileged", ""));
            let added = context.get("capabilities").map(|it| self.common_rights(it, "", "add"));
            found.rights.extend(added.unwrap_or_default());
        }
        let variables = node.get("env").map_or(&[][..], Node::items).iter();
        found.environment = variables
            .filter_map(|item| Some((item.get("name")?.text()?.to_owned(), self.word(item.get("value")?)?)))
            .collect();
        let dropped = own("capabilities").and_then(|it| it.get("drop")).map_or(&[][..], Node::items);
        let denied = |flag: Option<&Node>| flag.is_some_and(|flag| matches!(flag.value, Value::Flag(false)));
        found.safeguards = safeguards([
            (own("readOnlyRootFilesystem").is_some_and(Node::is_true), "read_only"),
            (denied(own("allowPrivilegeEscalation")), "no-new-privileges"),
            (dropped.iter().any(|it| it.text() == Some("ALL")), "cap_drop"),
            (node.path(&["resources", "limits"]).is_some(), "limits"),
        ]);
        found
    }

    fn devcontainer(&self, root: &Node) -> Workload {
        let place = Place::new(self.path, root.span.start, root.span.start + 1);
        let mut found = self.workload("devcontainer", place, Platform::Devcontainer);
        found.rights = self.common_rights(root, "privileged", "capAdd");
        for mount in root.get("mounts").map_or(&[][..], Node::items) {
            let source = mount.get("source").and_then(Node::text).or_else(|| {
                let mut parts = mount.text()?.split(',');
                parts.find_map(|part| part.trim().strip_prefix("source=").or_else(|| part.trim().strip_prefix("src=")))
            });
            found.rights.extend(source.and_then(mounted).map(|right| (right, self.place(mount))));
        }
        for argument in root.get("runArgs").map_or(&[][..], Node::items) {
            let right = match argument.text().unwrap_or_default() {
                "--privileged" => Right::Privileged,
                "--network=host" | "--net=host" => Right::HostNetwork,
                "--pid=host" => Right::HostProcesses,
                _ => continue,
            };
            found.rights.push((right, self.place(argument)));
        }
        found
    }
}

fn safeguards<const N: usize>(all: [(bool, &'static str); N]) -> Vec<&'static str> {
    all.into_iter().filter(|(present, _)| *present).map(|(_, name)| name).collect()
}

/// What it means to mount this path of the host.
fn mounted(path: &str) -> Option<Right> {
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    if ["docker.sock", "containerd.sock", "podman.sock", "crio.sock"].iter().any(|name| path.ends_with(name)) {
        return Some(Right::EngineSocket);
    }
    HOST_FOLDERS.contains(&path).then(|| Right::HostFiles(path.to_owned()))
}

/// The address of a port, where it has one, and the rest: `127.0.0.1:80:80`, `${A:-127.0.0.1}:80:80`, `[::1]:80:80`.
fn address(text: &str) -> (Option<String>, &str) {
    if let Some((inside, rest)) = text.strip_prefix('[').and_then(|text| text.split_once("]:")) {
        return (Some(inside.to_owned()), rest);
    }
    // A variable may hold a colon of its own.
    let end = text.find("${").and_then(|_| text.find('}')).filter(|_| text.starts_with("${")).unwrap_or(0);
    let Some(colon) = text[end..].find(':').map(|at| at + end) else { return (None, text) };
    if !text[colon + 1..].replace(":-", "").contains(':') {
        return (None, text);
    }
    let host = &text[..colon];
    let default = host.strip_prefix("${").and_then(|inner| inner.trim_end_matches('}').split_once('-'));
    let host = default.map_or(host, |(_, default)| default);
    (Some(host.to_owned()), &text[colon + 1..])
}

fn is_everywhere(host: &str) -> bool {
    matches!(host, "0.0.0.0" | "::" | "*" | "")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_before_the_port_decides_who_reaches_it() {
        for (text, local, target) in [
            ("8080:80", false, "80"),
            ("8080", false, "8080"),
            ("0.0.0.0:8080:80", false, "80"),
            ("127.0.0.1:8080:80/tcp", true, "80"),
            ("[::1]:8080:80", true, "80"),
            ("${HOST:-127.0.0.1}:8080:80", true, "80"),
            ("${HOST:-0.0.0.0}:8080:80", false, "80"),
            ("${HOST}:8080:80", true, "80"),
            ("${PORT:-8080}:80", false, "80"),
            ("8080:${PORT}", false, ""),
            ("10.0.0.5:8080:80", true, "80"),
        ] {
            let text = format!("services:\n  a:\n    ports:\n      - \"{text}\"\n");
            let project = crate::project::Project::from_files([("compose.yaml".to_owned(), text.clone())]);
            let port = &project.workloads[0].ports[0];
            assert_eq!((port.is_local, port.target.as_str()), (local, target), "{text}");
        }
    }

    #[test]
    fn every_platform_gives_rights_in_its_own_way() {
        for (path, text) in [
            ("compose.yml", "services:\n  a:\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']\n"),
            ("docker-compose.dev.yml", "services:\n  a:\n    pid: host\n"),
            ("k8s/a.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n  containers: [{name: a}]\n"),
            (
                "k8s/b.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          securityContext: {capabilities: {add: [SYS_ADMIN]}}\n",
            ),
            (".devcontainer/devcontainer.json", "{\"runArgs\": [\"--privileged\"]}"),
        ] {
            let project = crate::project::Project::from_files([(path.to_owned(), text.to_owned())]);
            assert_eq!(project.workloads.iter().map(|it| it.rights.len()).sum::<usize>(), 1, "{path}");
        }
        let chart = "apiVersion: v1\nkind: Pod\n{{ if .x }}\nspec: {}\n{{ end }}\n";
        let project = crate::project::Project::from_files([("chart/a.yaml".to_owned(), chart.to_owned())]);
        assert!(project.workloads.is_empty() && project.skipped.is_empty());
    }
}
