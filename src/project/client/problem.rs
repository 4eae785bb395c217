//! What a client would not read as its author meant it.

use super::{ROOTS, entry::word};
use crate::{
    finding::Place,
    project::data::{Entry, Node},
};

/// A mistake in the structure of a configuration.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong, one clause.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Every version of every client reads it so.
    pub certain: bool,
}

/// Clients that know one key for their servers: the end of the path, and the key.
const KEYS: &[(&str, &str)] = &[
    (".vscode/mcp.json", "servers"),
    ("Code/User/mcp.json", "servers"),
    (".cursor/mcp.json", "mcpServers"),
    (".kiro/settings/mcp.json", "mcpServers"),
    (".roo/mcp.json", "mcpServers"),
    (".gemini/settings.json", "mcpServers"),
    (".amazonq/mcp.json", "mcpServers"),
    ("claude_desktop_config.json", "mcpServers"),
    ("cline_mcp_settings.json", "mcpServers"),
    (".zed/settings.json", "context_servers"),
    (".codex/config.toml", "mcp_servers"),
    ("opencode.json", "mcp"),
    ("opencode.jsonc", "mcp"),
];

/// Keys that other clients use.
const OTHER_KEYS: &[&str] = &["mcpServers", "servers", "mcp_servers", "context_servers"];

/// Transports that some client knows, in lowercase and without separators.
const KINDS: &[&str] =
    &["stdio", "http", "sse", "streamablehttp", "httpstream", "ws", "websocket", "local", "remote", "builtin", "sdk"];

/// Every problem of a configuration.
pub(super) fn find(root: &Node, path: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let place = |entry: &Entry| Place::new(path, entry.key_span.start, entry.key_span.end);
    if let Some((_, expected)) = KEYS.iter().find(|(end, _)| path == *end || path.ends_with(&format!("/{end}")))
        && root.get(expected).is_none()
        && let Some(entry) = root.entries().iter().find(|entry| {
            OTHER_KEYS.contains(&entry.key.as_str()) && entry.node.entries().iter().any(|one| is_server(&one.node))
        })
    {
        problems.push(Problem {
            message: format!("this client reads `{expected}` and ignores `{}`", entry.key),
            place: place(entry),
            certain: true,
        });
    }
    let tables = ROOTS.iter().filter_map(|keys| root.path(keys));
    for servers in tables.filter(|table| table.entries().iter().any(|one| is_server(&one.node))) {
        duplicates(servers, path, &mut problems);
        for server in servers.entries().iter().filter(|server| is_server(&server.node)) {
            duplicates(&server.node, path, &mut problems);
            if let Some(kind) = server.node.get("type").and_then(|node| word(node, path))
                && !kind.text.contains('$')
                && !KINDS.contains(&kind.text.to_ascii_lowercase().replace(['-', '_', ' '], "").as_str())
            {
                let message = format!("no client knows a transport `{}`", kind.text);
                problems.push(Problem { message, place: kind.place, certain: false });
            }
        }
    }
    problems
}

fn is_server(node: &Node) -> bool {
    ["command", "url", "httpUrl", "serverUrl"].iter().any(|key| node.get(key).is_some())
}

/// Of two entries with one key clients keep one, silently.
fn duplicates(table: &Node, path: &str, problems: &mut Vec<Problem>) {
    let entries = table.entries();
    for (index, entry) in entries.iter().enumerate() {
        if entries[..index].iter().any(|before| before.key == entry.key) {
            problems.push(Problem {
                message: format!("`{}` is written twice, and only one of them counts", entry.key),
                place: Place::new(path, entry.key_span.start, entry.key_span.end),
                certain: true,
            });
        }
    }
}
