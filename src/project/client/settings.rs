//! What a client's configuration says beside its servers: permissions, variables, programs that run by themselves.

use super::entry::{Word, list, pairs, word};
use crate::{
    finding::Place,
    project::data::{Node, Value},
};

/// Settings of a client that concern every server, or the client itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Calls that are allowed without a question, as the client writes them: `Bash(git *)`, `mcp__files__read`.
    pub allowed: Vec<Word>,
    /// Switches that stop the client from asking at all.
    pub switches: Vec<Switch>,
    /// Variables that the client gives itself and every program that it starts.
    pub environment: Vec<(String, Word)>,
    /// Programs that the client starts by itself: what for, and the command line.
    pub programs: Vec<(String, Word)>,
}

/// A switch in its dangerous position.
#[derive(Clone, Debug)]
pub struct Switch {
    /// The setting, with dots.
    pub name: String,
    /// Key and value.
    pub place: Place,
}

/// Settings that let a client act without asking, and the value that does. Data: paths of keys in one client or another.
const SWITCHES: &[(&[&str], &str)] = &[
    (&["enableAllProjectMcpServers"], "true"),
    (&["permissions", "defaultMode"], "bypassPermissions"),
    (&["chat.tools.autoApprove"], "true"),
    (&["chat.tools.global.autoApprove"], "true"),
    (&["customizations", "vscode", "settings", "chat.tools.autoApprove"], "true"),
    (&["customizations", "vscode", "settings", "chat.tools.global.autoApprove"], "true"),
    (&["agent", "always_allow_tool_actions"], "true"),
    (&["sandbox_mode"], "danger-full-access"),
    (&["permission"], "allow"),
    (&["permission", "*"], "allow"),
    (&["permission", "bash"], "allow"),
    (&["permission", "bash", "*"], "allow"),
];

/// Commands of a terminal that VS Code runs without asking: patterns that match every command.
const EVERY_COMMAND: &[&str] = &["/.*/", "/.+/", "/^.*$/", "/^.+$/", "/.*/s", "/^/"];

impl Settings {
    /// Whether nothing of interest is set.
    pub fn is_empty(&self) -> bool {
        let Self { allowed, switches, environment, programs } = self;
        allowed.is_empty() && switches.is_empty() && environment.is_empty() && programs.is_empty()
    }
}

/// Reads the settings beside the servers.
pub(super) fn read(root: &Node, path: &str) -> Settings {
    let mut switches: Vec<Switch> =
        SWITCHES.iter().filter_map(|(keys, value)| switch(root, keys, value, path)).collect();
    switches.extend(every_command(root, path));
    let mut programs = Vec::new();
    if let Some(helper) = root.get("apiKeyHelper").and_then(|node| word(node, path)) {
        programs.push(("apiKeyHelper".to_owned(), helper));
    }
    hooks(root, path, &mut programs);
    Settings {
        allowed: list(root.path(&["permissions", "allow"]), path),
        switches,
        environment: pairs(root.get("env"), path),
        programs,
    }
}

fn switch(root: &Node, keys: &[&str], dangerous: &str, path: &str) -> Option<Switch> {
    let (last, folders) = keys.split_last()?;
    let entry = root.path(folders)?.entry(last)?;
    let matches = match &entry.node.value {
        Value::Flag(flag) => *flag && dangerous == "true",
        Value::Text(text) => text == dangerous,
        _ => false,
    };
    matches.then(|| Switch { name: keys.join("."), place: Place::new(path, entry.key_span.start, entry.node.span.end) })
}

fn every_command(root: &Node, path: &str) -> Option<Switch> {
    let name = "chat.tools.terminal.autoApprove";
    let patterns = root.get(name)?.entries();
    let entry = patterns.iter().find(|entry| {
        let approved = entry.node.is_true() || entry.node.get("approve").is_some_and(Node::is_true);
        approved && EVERY_COMMAND.contains(&entry.key.as_str())
    })?;
    Some(Switch { name: name.to_owned(), place: Place::new(path, entry.key_span.start, entry.node.span.end) })
}

/// `hooks: { SessionStart: [{ hooks: [{ type: "command", command: ".." }] }] }`
fn hooks(root: &Node, path: &str, programs: &mut Vec<(String, Word)>) {
    for event in root.get("hooks").map_or(&[][..], Node::entries) {
        let groups = event.node.items().iter();
        let hooks = groups.flat_map(|group| group.get("hooks").map_or(&[][..], Node::items));
        let commands = hooks.filter_map(|hook| word(hook.get("command")?, path));
        programs.extend(commands.map(|command| (event.key.clone(), command)));
    }
}
