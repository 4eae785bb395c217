//! The token of a caller is sent on to another server.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Misuse},
    rules::{Rule, context, flows},
};

pub(super) static RULE: Rule = Rule {
    id: "token-passthrough",
    group: "auth",
    title: "the token that a caller showed is sent on to another server",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &[
        "CWE-441",
        "MCP07",
        "RFC 8693",
        "MCP specification: servers MUST NOT pass through the token that they received from the client",
    ],
    docs: "
A token is made for one server. One that sends it on, as it is, turns itself into a proxy: the other server takes its requests for
those of the caller, limits and logs of this server are passed by, and a token that was stolen from either opens both.

Ask the authorization server for a token of your own: exchange the caller's (RFC 8693, on-behalf-of), or use credentials of the
server itself, with the rights that the caller has checked here.

Reported is a request to another server whose `Authorization` is the caller's, out of `authInfo`, `get_access_token()` or the
headers of the request under way. Not reported are requests that check or exchange the token, and those to this machine. A server
without authorization of its own that takes the key of the other service in this header has the same flaw: its configuration is a
better place for that key.
",
    applies: context::has_server_or_held_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack =
        "whoever gets hold of a token for this server uses it, through it or directly, as the caller at the other one";
    let fix = "exchange it for a token of the other server, or send credentials of this server";
    flows::report_held(
        project,
        &RULE,
        findings,
        Misuse::TokenPassedOn,
        |flow, _| format!("`{}` sends the token of the caller (`{}`) to another server", flow.call, flow.name),
        (attack, fix),
    );
}
