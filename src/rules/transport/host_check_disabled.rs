//! A protection of the SDK, switched off.

use crate::{
    edits,
    finding::{Confidence, Finding, Place, Safety, Severity},
    project::{
        Language, Project,
        facts::{Protection, Protects},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "host-check-disabled",
    group: "transport",
    title: "the check of Host and Origin is switched off",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-346", "CWE-350", "MCP07", "CVE-2025-66414", "CVE-2025-66416", "CVE-2026-42559", "MCP specification: servers must validate Origin"],
    docs: "
The SDKs compare `Host` and `Origin` of requests with the names of the server, so that a web page cannot reach a server on
its visitor's machine through a name that it controls (DNS rebinding). Here that check is switched off in so many words.

Leave the check on, and name the hosts and origins that the server has: `allowedHosts` and `allowedOrigins` in TypeScript,
`allowed_hosts` and `allowed_origins` in Python, `with_allowed_hosts` in Rust. In Go, remove the option.

Where every request needs a bearer token, which a page cannot add, the finding is medium. It is right to switch the check
off where a proxy in front compares both; suppress the finding there, and say so. What is not written as a constant is not
reported.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let off = project.facts.conduct.weak_options.iter().filter(|option| option.protects == Protects::HostCheck);
    let mut places: Vec<Place> = off.map(|option| option.place.clone()).collect();
    // Two ways may lead to one option; the endpoint's is the wider.
    for endpoint in &project.facts.endpoints {
        if let Protection::Disabled(place) = &endpoint.host_check
            && !places.iter().any(|known| overlap(known, place))
        {
            places.push(place.clone());
        }
    }
    let guarded = project.facts.endpoints.iter().all(context::is_authenticated);
    for place in places {
        let attack = "a web page that its user visits calls the tools by a name that resolves to this machine";
        let message = "the check of Host and Origin is switched off".to_owned();
        let fix = "leave the check on, and allow the server's own names";
        let enabled = edits::hosts::enable(project, &place);
        let mut finding = context::finding(project, &RULE, place, message, attack, fix);
        finding.fix = Some(edits::fix(fix, Safety::Unsafe, enabled));
        if guarded {
            finding.severity = context::lower(finding.severity, 1);
        }
        findings.push(finding);
    }
}

fn overlap(a: &Place, b: &Place) -> bool {
    a.path == b.path && a.start < b.end && b.start < a.end
}
