//! One server of a client's configuration.

use crate::{
    finding::Place,
    project::{data::Node, syntax::Span},
};

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
    /// The transport, where it is said.
    pub kind: Option<Word>,
    /// Tools that run without a question.
    pub approved: Vec<Word>,
    /// Where all of its tools are trusted in so many words.
    pub trusted: Option<Place>,
    /// The client is told how to sign in: a variable with a token, a registered application.
    pub signs_in: bool,
}

/// A string with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    /// Decoded.
    pub text: String,
    /// Quotes included.
    pub place: Place,
}

impl ServerEntry {
    /// Program, arguments, address and the values of variables and headers.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        let values = self.environment.iter().chain(&self.headers).map(|(_, word)| word);
        self.command.iter().chain(&self.arguments).chain(&self.url).chain(values)
    }
}

/// The string at a node.
pub(super) fn word(node: &Node, path: &str) -> Option<Word> {
    let place = Place::new(path, node.span.start, node.span.end);
    node.text().map(|text| Word { text: text.to_owned(), place })
}

/// The strings of a list.
pub(super) fn list(node: Option<&Node>, path: &str) -> Vec<Word> {
    node.map_or(&[][..], Node::items).iter().filter_map(|item| word(item, path)).collect()
}

/// The strings of a table, with their keys.
pub(super) fn pairs(node: Option<&Node>, path: &str) -> Vec<(String, Word)> {
    let entries = node.map_or(&[][..], Node::entries);
    entries.iter().filter_map(|entry| Some((entry.key.clone(), word(&entry.node, path)?))).collect()
}

/// The server that an entry describes; nothing where it names neither a program nor an address.
pub(super) fn server(name: &str, named: Span, node: &Node, path: &str) -> Option<ServerEntry> {
    let one_of = |keys: &[&str]| keys.iter().find_map(|key| node.get(key));
    // Zed nests the program; opencode writes program and arguments as one list.
    let command = one_of(&["command", "cmd"]);
    let nested = command.filter(|command| !command.entries().is_empty());
    let mut words = list(command, path);
    let program = match (command.and_then(|node| word(node, path)), nested.and_then(|nested| nested.get("path"))) {
        (Some(program), _) => Some(program),
        (None, Some(program)) => word(program, path),
        (None, None) => (!words.is_empty()).then(|| words.remove(0)),
    };
    words.extend(list(node.get("args").or_else(|| nested.and_then(|nested| nested.get("args"))), path));
    let url = one_of(&["url", "httpUrl", "serverUrl", "uri"]).and_then(|node| word(node, path));
    if program.is_none() && url.is_none() {
        return None;
    }
    let trusted = node.entry("trust").filter(|entry| entry.node.is_true());
    Some(ServerEntry {
        name: name.to_owned(),
        place: Place::new(path, named.start, named.end),
        command: program,
        arguments: words,
        environment: pairs(one_of(&["env", "environment", "envs"]), path),
        headers: pairs(one_of(&["headers", "http_headers", "requestInit"]), path),
        url,
        kind: one_of(&["type", "transport", "transportType"]).and_then(|node| word(node, path)),
        approved: list(one_of(&["autoApprove", "alwaysAllow"]), path),
        trusted: trusted.map(|entry| Place::new(path, entry.key_span.start, entry.node.span.end)),
        signs_in: one_of(&[
            "oauth",
            "auth",
            "authorization",
            "bearer_token_env_var",
            "env_http_headers",
            "headersHelper",
        ])
        .is_some(),
    })
}
