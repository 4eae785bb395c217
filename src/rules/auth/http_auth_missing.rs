//! Whoever can connect can call.

use crate::{
    finding::{Confidence, Finding, Fix, Place, Related, Severity},
    project::{
        Language, Project,
        facts::{Bind, Endpoint, Protection},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "http-auth-missing",
    group: "auth",
    title: "a network transport does not ask who is calling",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-306", "MCP07", "MSSS AUTHZ-01", "MCP specification: authorization"],
    docs: "
A server that can be reached over a network and does not authenticate its callers gives its tools, and the credentials
behind them, to everybody who finds the port.

Ask for a bearer token on the route of the transport and answer 401 without one: `requireBearerAuth` in TypeScript, `auth=`
or a `token_verifier` in Python, a tower layer in Rust, `auth.RequireBearerToken` in Go,
Spring Security or a policy of Quarkus in Java, `MapMcp().RequireAuthorization()` in C#. Or leave the server on stdio and
let `mcpsec serve` stand in front of it, with keys from `mcpsec key new`.

On loopback the finding is low: only programs of the same machine can connect (see host-check-missing for web pages). A
token that is checked only if it happens to be configured is medium. Where a gateway authenticates, say so once:
`behind_gateway = true` under `[doctor]` in mcpsec.toml.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut known = Vec::new();
    for endpoint in &project.facts.endpoints {
        let (severity, place, message) = match &endpoint.authentication {
            Protection::Present(_) | Protection::Unknown(_) => continue,
            Protection::Absent => (Severity::High, None, "callers of this transport need not prove who they are"),
            Protection::Disabled(place) => (Severity::High, Some(place), "authentication is switched off"),
            Protection::Optional(place) => {
                (Severity::Medium, Some(place), "callers are authenticated only if somebody switches it on")
            }
        };
        let severity = if context::is_local(endpoint) { Severity::Low } else { severity };
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
    // Where the address is not known, it may be loopback.
    let sure = if endpoint.bind == Bind::Unknown { Confidence::Medium } else { Confidence::High };
    let (severity, confidence) = context::weigh_endpoint(project, endpoint, place, severity, sure);
    Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: place.clone(),
        message: message.to_owned(),
        attack: "whoever finds the port uses every tool, with the rights and credentials of the server".to_owned(),
        related: context::beside(endpoint, place),
        fix: Some(Fix::advice(match endpoint.authentication {
            Protection::Optional(_) => "do not start on a network without a key, and check it on every request",
            _ => "ask for a bearer token on this route, or serve stdio behind `mcpsec serve`",
        })),
    }
}
