//! A header that says something else.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "header-body-desync",
    group: "transport",
    title: "a decision follows a header that the body may contradict",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-444", "CWE-807", "MCP07", "MCP specification: servers must reject requests whose headers contradict the body"],
    docs: "
Since the revision of 2026-07-28 requests name their method and tool in the headers `Mcp-Method` and `Mcp-Name`, so that
gateways need not parse bodies. Whoever decides by them, on access, on limits, on where a request goes, decides on what the
caller wrote there; the server behind acts on the body.

Compare both, and refuse a request in which they differ, before deciding. The SDKs' transports do so in the server itself.

A function that never mentions the body, and branches, is reported, once per file. That the comparison stands in another
function, or in a proxy behind, is not seen: medium confidence.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for place in &project.facts.conduct.desyncs {
        findings.push(context::finding(
            project,
            &RULE,
            place.clone(),
            "this decides by a header that the body may contradict".to_owned(),
            "a caller names a harmless tool in the header, and calls another one in the body",
            "compare the header with the body, and refuse requests in which they differ",
        ));
    }
}
