//! A socket for every web page.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "websocket-origin-missing",
    group: "transport",
    title: "any web page may open the WebSocket",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-1385", "CWE-346", "MCP07", "MCP specification: servers must validate Origin"],
    docs: "
Browsers let every page open a WebSocket to every address, `localhost` included, and read what comes back: neither CORS nor the
same-origin rule applies. The only thing that tells a page from a client is the `Origin` header of the handshake.

Compare it with the pages that may connect, and refuse the others: `verifyClient` in `ws`, `origins=` in Python's websockets,
`accept_hdr_async` in Rust, the upgrader's own check in Go (leave `CheckOrigin` out). Clients that are no browsers send none.

A file that speaks of an origin, or imports one that does, is believed. Servers behind mutual TLS are right to suppress it.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for place in &project.facts.conduct.open_sockets {
        findings.push(context::finding(
            project,
            &RULE,
            place.clone(),
            "nothing compares the Origin of who opens this WebSocket".to_owned(),
            "a web page that its user visits opens the socket on this machine and speaks as a client",
            "compare Origin in the handshake with the pages that may connect",
        ));
    }
}
