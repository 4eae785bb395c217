//! Configurations of MCP clients: which servers they start or reach, exactly as written. Data: nothing in them runs.

use crate::finding::Place;

use super::{
    File,
    data::{self, DataError, Entry, Node},
};

/// A client's configuration file.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Relative to the project's folder.
    pub path: String,
    /// In order of appearance.
    pub servers: Vec<ServerEntry>,
    /// Why it could not be read.
    pub error: Option<DataError>,
}

/// A server that a client knows.
#[derive(Clone, Debug)]
pub struct ServerEntry {
    /// Its name there.
    pub name: String,
    /// Where its entry is named.
    pub place: Place,
    /// The program that is started.
    pub command: Option<Word>,
    /// Its arguments, in order.
    pub arguments: Vec<Word>,
    /// Variables it is given.
    pub environment: Vec<(String, Word)>,
    /// Headers sent to it.
    pub headers: Vec<(String, Word)>,
    /// Where it is reached.
    pub url: Option<Word>,
}

/// A string with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    /// Decoded.
    pub text: String,
    /// Quotes included.
    pub place: Place,
}

/// Files that some client reads, by the end of their path.
const JSON_FILES: &[&str] = &[
    ".amazonq/mcp.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".cursor/mcp.json",
    ".devcontainer.json",
    ".devcontainer/devcontainer.json",
    ".gemini/settings.json",
    ".junie/mcp/mcp.json",
    ".kiro/settings/mcp.json",
    ".mcp.json",
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

/// Keys below which servers stand, in one client or another.
const ROOTS: &[&[&str]] = &[
    &["mcpServers"],
    &["mcp_servers"],
    &["context_servers"],
    &["servers"],
    &["mcp", "servers"],
    &["mcp"],
    &["customizations", "vscode", "mcp", "servers"],
    &["customizations", "vscode", "settings", "mcp", "servers"],
];

/// Reads a client's configuration. Nothing where the file is none, or names no server.
pub fn read(file: &File) -> Option<ClientConfig> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let ends = |known: &&&str| file.path == **known || file.path.ends_with(&format!("/{known}"));
    let parsed = if JSON_FILES.iter().any(|known| ends(&known)) {
        data::json(&file.text)
    } else if ends(&&".codex/config.toml") {
        data::toml(&file.text)
    } else if name == "manifest.json" {
        // A desktop extension's; other manifests are none of ours, also where they do not parse.
        return extension(file);
    } else {
        return None;
    };
    match parsed {
        Ok(root) => {
            let servers: Vec<_> = ROOTS.iter().find_map(|keys| servers(&root, keys, &file.path)).unwrap_or_default();
            (!servers.is_empty()).then(|| ClientConfig { path: file.path.clone(), servers, error: None })
        }
        Err(error) => Some(ClientConfig { path: file.path.clone(), servers: Vec::new(), error: Some(error) }),
    }
}

fn servers(root: &Node, keys: &[&str], path: &str) -> Option<Vec<ServerEntry>> {
    let found: Vec<_> =
        root.path(keys)?.entries().iter().filter_map(|entry| server(&entry.key, entry, &entry.node, path)).collect();
    (!found.is_empty()).then_some(found)
}

fn extension(file: &File) -> Option<ClientConfig> {
    let root = data::json(&file.text).ok()?;
    root.get("manifest_version").or_else(|| root.get("dxt_version"))?;
    let entry = root.get("server")?.entry("mcp_config")?;
    let name = root.get("name").and_then(Node::text).unwrap_or("server");
    let server = server(name, entry, &entry.node, &file.path)?;
    Some(ClientConfig { path: file.path.clone(), servers: vec![server], error: None })
}

fn server(name: &str, entry: &Entry, node: &Node, path: &str) -> Option<ServerEntry> {
    let word = |node: &Node| {
        let place = Place::new(path, node.span.start, node.span.end);
        node.text().map(|text| Word { text: text.to_owned(), place })
    };
    let pairs = |keys: &[&str]| -> Vec<(String, Word)> {
        let entries = keys.iter().find_map(|key| node.get(key)).map_or(&[][..], Node::entries);
        entries.iter().filter_map(|entry| Some((entry.key.clone(), word(&entry.node)?))).collect()
    };
    // Zed nests the program; opencode writes program and arguments as one list.
    let command = node.get("command");
    let nested = command.filter(|command| !command.entries().is_empty());
    let mut words: Vec<Word> = command.map_or(&[][..], Node::items).iter().filter_map(word).collect();
    let program = match (command.and_then(word), nested.and_then(|nested| nested.get("path"))) {
        (Some(program), _) => Some(program),
        (None, Some(path)) => word(path),
        (None, None) => (!words.is_empty()).then(|| words.remove(0)),
    };
    let arguments = node.get("args").or_else(|| nested.and_then(|nested| nested.get("args")));
    words.extend(arguments.map_or(&[][..], Node::items).iter().filter_map(word));
    let url = ["url", "httpUrl", "serverUrl"].iter().find_map(|key| node.get(key)).and_then(word);
    if program.is_none() && url.is_none() {
        return None;
    }
    Some(ServerEntry {
        name: name.to_owned(),
        place: Place::new(path, entry.key_span.start, entry.key_span.end),
        command: program,
        arguments: words,
        environment: pairs(&["env", "environment"]),
        headers: pairs(&["headers", "http_headers"]),
        url,
    })
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
