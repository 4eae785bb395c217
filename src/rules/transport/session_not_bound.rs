//! A session that belongs to whoever has its id.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Keeping},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "session-not-bound",
    group: "transport",
    title: "authenticated callers may go on with the sessions of others",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript],
    since: "0.1.0",
    references: &["CWE-384", "CWE-639", "MCP07", "MCP security best practices: session hijacking"],
    docs: "
A session's id is no credential: it stands in logs, traces and addresses. A server that authenticates a caller, and then takes
whatever session the caller names, lets each of its users go on with the sessions of the others: their state, their
subscriptions, the answers to their calls.

Keep the subject of the token beside the session, and refuse a request whose subject is another one.

Only files that keep transports in a collection, read `mcp-session-id`, are authenticated, and know nothing of a user, a
subject or a client are reported, with medium confidence: the comparison may stand elsewhere. Other languages' SDKs keep
sessions themselves.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // With one key for everybody there is one owner.
    if project.facts.conduct.rights.identities.is_empty() {
        return;
    }
    for session in project.facts.conduct.sessions.iter().filter(|session| session.keeping == Keeping::Unowned) {
        findings.push(context::finding(
            project,
            &RULE,
            session.place.clone(),
            format!("sessions in `{}` have no owner: who names an id goes on with it", session.written),
            "one user of the server reads another's id in a log, and takes over the session",
            "keep the token's subject beside the session, and compare it with each request",
        ));
    }
}
