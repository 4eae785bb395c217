//! Any web page can talk to the server.

use crate::{
    edits,
    finding::{Confidence, Finding, Place, Related, Safety, Severity},
    project::{
        Language, Project,
        facts::{Endpoint, Network, Protection},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "host-check-missing",
    group: "transport",
    title: "Host and Origin of requests are not checked",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-346", "CWE-350", "CVE-2025-66414", "CVE-2025-66416", "CVE-2026-42559", "MCP specification: servers must validate Origin"],
    docs: "
A web page can make the browser of its visitor send requests to `127.0.0.1`. With a name that first resolves to its own
server and then to the visitor's machine (DNS rebinding) it can read the answers as well. A server that does not compare
`Host` and `Origin` with the names it is meant to have serves such pages as if they were its user. That it listens on
loopback alone does not help: the browser is on that machine.

Allow the names that the server has, and refuse the rest with 403: `createMcpExpressApp` or `hostHeaderValidation` and
`originValidation` in TypeScript, `TransportSecuritySettings` in Python, `allowed_hosts` and `allowed_origins` in Rust, an
`http.CrossOriginProtection` in Go, `securityValidator` of the transport in Java, `AllowedHosts` by name in the settings of
ASP.NET. `mcpsec serve` does it as well.

Where every request needs a bearer token, which a page cannot add, the finding is low. What an SDK checks by default, in
the version that is installed, counts. A check that is switched off in so many words is reported by
host-check-disabled.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut known = Vec::new();
    for endpoint in project.facts.endpoints.iter().filter(|endpoint| endpoint.network != Network::WebSocket) {
        let (severity, place, message) = match &endpoint.host_check {
            // Switched off in so many words is a finding of its own.
            Protection::Present(_) | Protection::Unknown(_) | Protection::Disabled(_) => continue,
            Protection::Absent => {
                (Severity::High, None, "nothing compares Host and Origin with the server's own names")
            }
            Protection::Optional(place) => {
                (Severity::Medium, Some(place), "Host and Origin are checked only if somebody switches it on")
            }
        };
        // A page cannot add the token.
        let severity = if context::is_authenticated(endpoint) { Severity::Low } else { severity };
        if let Some(index) = context::stands_for(&mut known, endpoint, message, findings.len()) {
            let related = Related { place: endpoint.route.clone(), message: "so it is here".to_owned() };
            findings[index].related.push(related);
            continue;
        }
        findings.push(finding(project, endpoint, severity, place, message));
    }
}

fn finding(
    project: &Project,
    endpoint: &Endpoint,
    severity: Severity,
    place: Option<&Place>,
    message: &str,
) -> Finding {
    let place = place.unwrap_or(&endpoint.route);
    let (severity, confidence) = context::weigh_endpoint(project, endpoint, place, severity, Confidence::High);
    let cors = project.facts.cors.iter().filter(|cors| cors.any_origin && !cors.metadata_only);
    let beside_it = cors.filter(|cors| [&endpoint.route.path, &endpoint.place.path].contains(&&cors.place.path));
    let readable = beside_it.map(|cors| Related {
        place: cors.place.clone(),
        message: "pages of any origin may read its answers".to_owned(),
    });
    Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: place.clone(),
        message: message.to_owned(),
        attack: "a web page that its user visits calls the tools by a name that resolves to this machine".to_owned(),
        related: context::beside(endpoint, place).into_iter().chain(readable).collect(),
        fix: Some(edits::fix(
            "allow the server's own names in Host and Origin, and refuse the rest with 403",
            Safety::Unsafe,
            edits::hosts::check(project, endpoint),
        )),
    }
}
