//! A transport that clients leave behind.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::Network},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "deprecated-sse",
    group: "transport",
    title: "the only network transport is the deprecated one",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["SEP-2596", "MCP specification: HTTP with SSE is deprecated"],
    docs: "
The transport of two endpoints, one for an open stream of events and one for messages, was replaced by Streamable HTTP. New
clients need not speak it, and the SDKs stop mending it: it has no resumption, its sessions live in one process, and the
address that it hands out for messages is easily left without authentication.

Serve Streamable HTTP: `StreamableHTTPServerTransport` in TypeScript, `transport=\"streamable-http\"` in Python,
`StreamableHttpService` in Rust, `NewStreamableHTTPHandler` or `NewStreamableHTTPServer` in Go,
`HttpServletStreamableServerTransportProvider` or `spring.ai.mcp.server.protocol=STREAMABLE` in Java, `MapMcp` without
`EnableLegacySse` in C#.

Where Streamable HTTP is served as well, for new clients, the old one is informational. It is said once per project.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut old = project.facts.conduct.transports.iter().filter(|it| it.network == Network::Sse).collect::<Vec<_>>();
    old.sort_by_key(|it| (context::role(project, &it.place), &it.place.path, it.place.start));
    let Some((first, others)) = old.split_first() else { return };
    let beside = project.facts.conduct.transports.iter().any(|it| it.network == Network::Http);
    let message = if beside { "this is the deprecated transport" } else { "only the deprecated transport is served" };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        message.to_owned(),
        "nobody attacks by this alone: clients that drop it cannot connect, and its faults are mended last",
        "serve Streamable HTTP",
    );
    if beside {
        finding.severity = Severity::Info;
    }
    let others = others.iter().map(|it| &it.place).filter(|place| place.path != first.place.path);
    for place in others {
        finding.related.push(Related { place: place.clone(), message: "here as well".to_owned() });
    }
    findings.push(finding);
}
