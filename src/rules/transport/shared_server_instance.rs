//! Answers that go to somebody else.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Keeping},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "shared-server-instance",
    group: "transport",
    title: "clients share one server object or transport",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript],
    since: "0.1.0",
    references: &["CWE-488", "CWE-362", "MCP10", "CVE-2026-25536"],
    docs: "
A server object of the TypeScript SDK speaks over one transport. Connecting it to a second one, while the first client still
waits, sends the first client's answers to the second. The same happens where several requests share one transport that
keeps no sessions.

Make a server object per request or per session, in a function (`const server = buildServer()`), and connect that.

Since version 1.26 the SDK refuses to connect twice, so that the second client gets an error instead of the first one's
answers. Python's, Rust's and Go's server objects are made to be shared.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for session in &project.facts.conduct.sessions {
        let message = match session.keeping {
            Keeping::SharedServer => {
                format!("`{}` is connected anew for each request, and is one for all", session.written)
            }
            Keeping::SharedTransport => format!("`{}` keeps no sessions, and is one for all requests", session.written),
            _ => continue,
        };
        let attack = "a client that calls at the same time receives another client's answers";
        let fix = "make a server object and a transport for each request or session";
        findings.push(context::finding(project, &RULE, session.place.clone(), message, attack, fix));
    }
}
