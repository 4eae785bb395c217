//! Configurations of MCP clients: which servers they start or reach, exactly as written. Data: nothing in them runs.

use super::{
    File,
    data::{self, DataError, Node},
    yaml,
};

mod entry;
pub mod launch;
pub mod places;
mod problem;
mod settings;

pub use entry::{ServerEntry, Word};
pub use problem::Problem;
pub use settings::{Settings, Switch};

/// A client's configuration file.
#[derive(Clone, Debug, Default)]
pub struct ClientConfig {
    /// Relative to the project's folder.
    pub path: String,
    /// In order of appearance.
    pub servers: Vec<ServerEntry>,
    /// What it says beside them.
    pub settings: Settings,
    /// What the client would not read as it is meant.
    pub problems: Vec<Problem>,
    /// Why it could not be read.
    pub error: Option<DataError>,
}

/// Files that some client reads, by the end of their path.
const JSON_FILES: &[&str] = &[
    ".amazonq/mcp.json",
    ".claude.json",
    ".claude-plugin/plugin.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".copilot/mcp-config.json",
    ".cursor/cli.json",
    ".cursor/mcp.json",
    ".devcontainer.json",
    ".devcontainer/devcontainer.json",
    ".gemini/settings.json",
    ".junie/mcp/mcp.json",
    ".kiro/settings/mcp.json",
    ".mcp.json",
    ".qwen/settings.json",
    ".roo/mcp.json",
    ".vscode/mcp.json",
    ".vscode/settings.json",
    ".zed/settings.json",
    "claude_desktop_config.json",
    "cline_mcp_settings.json",
    "gemini-extension.json",
    "mcp.json",
    "mcp_config.json",
    "mcp_settings.json",
    "opencode.json",
    "opencode.jsonc",
];

/// Files of clients that write YAML, by the end of their path.
const YAML_FILES: &[&str] = &["goose/config.yaml", ".continue/config.yaml", "librechat.yaml"];

/// Keys below which servers stand, in one client or another.
const ROOTS: &[&[&str]] = &[
    &["mcpServers"],
    &["mcp_servers"],
    &["context_servers"],
    &["extensions"],
    &["servers"],
    &["mcp", "servers"],
    &["mcp"],
    &["customizations", "vscode", "mcp", "servers"],
    &["customizations", "vscode", "settings", "mcp", "servers"],
];

/// How a configuration is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// JSON, with comments and trailing commas.
    Json,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

impl Form {
    /// What the ending of a path says.
    pub fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Json,
        }
    }
}

/// Reads a client's configuration, where the file's path says that it is one. None where it names no server and says
/// nothing beside them.
pub fn read(file: &File) -> Vec<ClientConfig> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let ends = |known: &&&str| file.path == **known || file.path.ends_with(&format!("/{known}"));
    if JSON_FILES.iter().any(|known| ends(&known)) {
        read_as(file, Form::Json)
    } else if ends(&&".codex/config.toml") {
        read_as(file, Form::Toml)
    } else if YAML_FILES.iter().any(|known| ends(&known)) || is_part_of_continue(&file.path) {
        read_as(file, Form::Yaml)
    } else if name == "manifest.json" {
        // A desktop extension's; other manifests are none of ours, also where they do not parse.
        extension(file).into_iter().collect()
    } else {
        Vec::new()
    }
}

/// Reads a file that is known to be a client's. What it says of single projects comes as configurations of their own: a
/// name means something else in each.
pub fn read_as(file: &File, form: Form) -> Vec<ClientConfig> {
    let parsed = match form {
        Form::Json => data::json(&file.text),
        Form::Toml => data::toml(&file.text),
        Form::Yaml => {
            yaml::documents(&file.text).map(|documents| documents.into_iter().next().unwrap_or_else(data::empty))
        }
    };
    let path = file.path.as_str();
    let root = match parsed {
        Ok(root) => root,
        Err(error) => {
            return vec![ClientConfig { path: path.to_owned(), error: Some(error), ..ClientConfig::default() }];
        }
    };
    let servers = ROOTS.iter().find_map(|keys| servers(&root, keys, path)).unwrap_or_default();
    let settings = settings::read(&root, path);
    let problems = problem::find(&root, path);
    let whole = ClientConfig { path: path.to_owned(), servers, settings, problems, error: None };
    let says = !whole.servers.is_empty() || !whole.settings.is_empty() || !whole.problems.is_empty();
    says.then_some(whole).into_iter().chain(projects(&root, path)).collect()
}

/// Claude Code keeps the servers of single projects in its own file: `projects: { "/a/b": { mcpServers: { .. } } }`
fn projects(root: &Node, path: &str) -> Vec<ClientConfig> {
    let projects = root.get("projects").map_or(&[][..], Node::entries).iter();
    let configs = projects.filter_map(|project| {
        let servers = servers(&project.node, &["mcpServers"], path)?;
        Some(ClientConfig { path: path.to_owned(), servers, ..ClientConfig::default() })
    });
    configs.collect()
}

/// `.continue/mcpServers/docs.yaml`
fn is_part_of_continue(path: &str) -> bool {
    path.contains(".continue/mcpServers/") && path.ends_with(".yaml")
}

fn servers(root: &Node, keys: &[&str], path: &str) -> Option<Vec<ServerEntry>> {
    let list = root.path(keys)?;
    let named = list.entries().iter().filter_map(|entry| entry::server(&entry.key, entry.key_span, &entry.node, path));
    // Continue writes a list of entries that name themselves.
    let listed = list.items().iter().filter_map(|node| {
        let name = node.get("name")?;
        entry::server(name.text()?, name.span, node, path)
    });
    let found: Vec<_> = named.chain(listed).collect();
    (!found.is_empty()).then_some(found)
}

fn extension(file: &File) -> Option<ClientConfig> {
    let root = data::json(&file.text).ok()?;
    root.get("manifest_version").or_else(|| root.get("dxt_version"))?;
    let entry = root.get("server")?.entry("mcp_config")?;
    let name = root.get("name").and_then(Node::text).unwrap_or("server");
    let server = entry::server(name, entry.key_span, &entry.node, &file.path)?;
    Some(ClientConfig { path: file.path.clone(), servers: vec![server], ..ClientConfig::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[track_caller]
    fn only(path: &str, text: &str) -> ServerEntry {
        let project = Project::from_files([(path.to_owned(), text.to_owned())]);
        let mut servers = project.clients.into_iter().next().expect("a configuration").servers;
        assert_eq!(servers.len(), 1);
        servers.remove(0)
    }

    #[test]
    fn every_client_writes_the_same_in_its_own_way() {
        let usual = r#"{"mcpServers": {"a": {"command": "npx", "args": ["-y", "b"]}}}"#;
        for path in [".mcp.json", ".cursor/mcp.json", "gemini-extension.json", "sub/.kiro/settings/mcp.json"] {
            let server = only(path, usual);
            assert_eq!(server.arguments.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["-y", "b"]);
        }
        for (path, text) in [
            (
                ".vscode/mcp.json",
                "{ // note\n\"servers\": {\"a\": {\"command\": \"npx\", \"args\": [\"-y\", \"b\",],},},}",
            ),
            (".codex/config.toml", "[mcp_servers.a]\ncommand = \"npx\"\nargs = [\"-y\", \"b\"]\n"),
            (".zed/settings.json", r#"{"context_servers": {"a": {"command": {"path": "npx", "args": ["-y", "b"]}}}}"#),
            (
                ".config/goose/config.yaml",
                "extensions:\n  a:\n    type: stdio\n    cmd: npx\n    args: [\"-y\", \"b\"]\n    envs: {}\n",
            ),
            (
                ".continue/mcpServers/a.yaml",
                "mcpServers:\n  - name: a\n    command: npx\n    args:\n      - \"-y\"\n      - \"b\"\n",
            ),
            ("opencode.json", r#"{"mcp": {"a": {"type": "local", "command": ["npx", "-y", "b"]}}}"#),
            (
                "manifest.json",
                r#"{"manifest_version": "0.2", "name": "a", "server": {"mcp_config": {"command": "npx", "args": ["-y", "b"]}}}"#,
            ),
        ] {
            let server = only(path, text);
            assert_eq!(server.command.expect("a program").text, "npx", "{path}");
            assert_eq!(server.arguments.len(), 2, "{path}");
            let place = &server.arguments[1].place;
            assert_eq!(&text[place.start..place.end], "\"b\"", "{path}");
        }
    }

    #[test]
    fn what_is_said_of_single_projects_stands_for_itself() {
        let text = r#"{"mcpServers": {"a": {"command": "x"}}, "projects": {
            "/p": {"mcpServers": {"a": {"command": "y"}}}, "/q": {"mcpServers": {}, "history": []}}}"#;
        let clients = Project::from_files([(".claude.json".to_owned(), text.to_owned())]).clients;
        let programs: Vec<_> = clients.iter().map(|it| it.servers[0].command.as_ref().map(|it| &*it.text)).collect();
        assert_eq!(programs, [Some("x"), Some("y")]);
    }

    #[test]
    fn other_files_of_the_same_name_are_none() {
        for (path, text) in [
            (".vscode/settings.json", r#"{"editor.tabSize": 2}"#),
            ("manifest.json", r#"{"name": "a web application"}"#),
            ("mcp.json", r#"{"mcp": {"enabled": true}}"#),
        ] {
            let project = Project::from_files([(path.to_owned(), text.to_owned())]);
            assert!(project.clients.is_empty(), "{path}");
        }
    }
}
