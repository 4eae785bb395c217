//! Which revision of the protocol a project is written for, and what it uses that this revision has left behind.

use std::collections::HashSet;

use super::{Facts, strength::older, tools::written};
use crate::{
    finding::Place,
    project::{
        Role,
        program::{At, Program},
        syntax::{Expression, Kind},
    },
};

/// The revision that left these features behind.
const NEW: &str = "2026-07-28";

/// What belongs to earlier revisions.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Leftover {
    /// The server asks the client's model.
    Sampling,
    /// The server asks for the client's folders.
    Roots,
    /// Log messages through the protocol.
    Logging,
    /// A session is looked up by `Mcp-Session-Id`.
    SessionId,
}

impl Leftover {
    /// As a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sampling => "sampling",
            Self::Roots => "roots",
            Self::Logging => "logging through the protocol",
            Self::SessionId => "`Mcp-Session-Id`",
        }
    }
}

/// Adds what is left over, where the project is written for the new revision.
pub(super) fn of(program: &Program<'_>, facts: &Facts) -> Vec<(Leftover, Place)> {
    let by_sdk = facts.servers.iter().any(|server| {
        let version = server.sdk_version.as_deref();
        match server.sdk.as_str() {
            "@modelcontextprotocol/server" => true,
            "mcp" => older(version, [2, 0, 0]) == Some(false),
            _ => false,
        }
    });
    let mut named = false;
    let mut found = Vec::new();
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.role != Role::Test) {
        // The SDK's sessions, and files that say so, serve earlier revisions beside the newest one.
        let earlier = unit.path.to_lowercase().contains("legacy") || unit.text.contains("sessionIdGenerator");
        let mut written_to = HashSet::new();
        unit.expressions(&mut |function, expression| {
            if let Kind::Assign(target, _) = &expression.kind {
                written_to.insert(target.span);
            }
            let at = At { file, function };
            named |= match &expression.kind {
                Kind::Text(text) => text == NEW,
                Kind::Name(name) => name == "V_2026_07_28",
                Kind::Member(_, name) => name.value == "V_2026_07_28",
                _ => false,
            };
            let counts = !earlier && !unit.module.functions[function].is_test && !written_to.contains(&expression.span);
            if let Some(leftover) = used(program, at, expression).filter(|_| counts) {
                found.push((leftover, program.place(file, expression.span)));
            }
        });
    }
    if by_sdk || named && !facts.servers.is_empty() { found } else { Vec::new() }
}

fn used<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<Leftover> {
    match &expression.kind {
        Kind::Call(call) => {
            let Kind::Member(object, _) = &call.function.kind else { return None };
            let receiver = program.source(at.file, object.span).to_lowercase();
            let asks = ["server", "ctx", "context", "session", "peer", "mcp", "extra"];
            if !asks.iter().any(|word| receiver.contains(word)) {
                return session_header(expression);
            }
            match written(call) {
                "createMessage" | "create_message" | "CreateMessage" | "RequestSampling" | "sample" => {
                    Some(Leftover::Sampling)
                }
                "listRoots" | "list_roots" | "ListRoots" | "RequestRoots" => Some(Leftover::Roots),
                "sendLoggingMessage" | "send_log_message" | "notify_logging_message" => Some(Leftover::Logging),
                _ => session_header(expression),
            }
        }
        Kind::Index(..) => session_header(expression),
        _ => None,
    }
}

/// `req.headers["mcp-session-id"]`, `headers.get("Mcp-Session-Id")`
fn session_header(expression: &Expression) -> Option<Leftover> {
    let key = match &expression.kind {
        Kind::Index(object, key) => {
            let named = matches!(&object.kind, Kind::Member(_, name) if name.value.to_lowercase().contains("header"))
                || object.name().is_some_and(|name| name.to_lowercase().contains("header"));
            named.then_some(&**key)?
        }
        Kind::Call(call) if matches!(written(call), "get" | "Get" | "header" | "getHeader") => call.positional(0)?,
        _ => return None,
    };
    key.text().is_some_and(|text| text.eq_ignore_ascii_case("mcp-session-id")).then_some(Leftover::SessionId)
}
