//! Reachable from every network that the machine is in.

use crate::{
    edits,
    finding::{Confidence, Finding, Fix, Safety, Severity},
    project::{
        Language, Project, exposure,
        facts::{Bind, Endpoint},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "bind-all-interfaces",
    group: "transport",
    title: "a server without authentication listens on every network interface",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-1327", "MCP07", "CVE-2025-49596", "MCP specification: bind to localhost when running locally"],
    docs: "
A server bound to `0.0.0.0`, to `::` or to a port alone accepts connections from every network that the machine is in: the
office, the café, the other containers. Where callers need not prove who they are, each of them can use its tools.

Bind to `127.0.0.1`. If the server is meant to be reached from elsewhere, authenticate callers, or put it behind a proxy
that does; in a container, publish the port on a loopback address.

With authentication in force the finding is low. An address from the configuration is judged by its default; where a container
file gives another (`CMD server --host 0.0.0.0`), that line is low, since the published port decides. On a
platform that assigns the port (a `Procfile`, `fly.toml` and the like) it is low, since the platform stands in front.
",
    applies: context::has_endpoint,
    check,
};

/// Files of platforms that put a proxy in front of the process.
const PLATFORMS: [&str; 7] =
    ["Procfile", "fly.toml", "vercel.json", "render.yaml", "railway.json", "railway.toml", "app.yaml"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let platform = PLATFORMS.iter().any(|name| project.file(name).is_some());
    for endpoint in &project.facts.endpoints {
        let default = match endpoint.bind {
            Bind::All => "",
            Bind::ConfiguredAll => " unless configured otherwise",
            Bind::ConfiguredLoopback | Bind::Unknown => {
                for found in started(project, endpoint) {
                    if !findings.iter().any(|other| other.place == found.place) {
                        findings.push(found);
                    }
                }
                continue;
            }
            Bind::Loopback | Bind::Address(_) => continue,
        };
        let guarded = context::is_authenticated(endpoint);
        let severity = if guarded || platform { Severity::Low } else { Severity::High };
        findings.push(finding(project, endpoint, severity, default));
    }
}

/// A container file makes the choice that the code leaves open. In a container there is no other way to be reached: who
/// can connect is decided where the port is published.
fn started(project: &Project, endpoint: &Endpoint) -> Vec<Finding> {
    let severity = if context::is_authenticated(endpoint) { Severity::Info } else { Severity::Low };
    let places = exposure::everywhere(project);
    let found = places.into_iter().map(|place| {
        let (severity, confidence) = context::weigh(project, &place, severity, Confidence::Medium);
        let message = "the container tells its server to accept connections from every network".to_owned();
        Finding { severity, confidence, place, message, ..finding(project, endpoint, severity, "") }
    });
    let found = found.map(|finding| Finding {
        fix: Some(Fix::advice("publish the port on a loopback address, or authenticate callers")),
        ..finding
    });
    found.collect()
}

fn finding(project: &Project, endpoint: &Endpoint, severity: Severity, default: &str) -> Finding {
    let (severity, confidence) = context::weigh(project, &endpoint.bind_place, severity, Confidence::High);
    Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: endpoint.bind_place.clone(),
        message: format!("the server accepts connections from every network of the machine{default}"),
        attack: "anybody in the same network calls the tools directly, without a client and without a user".to_owned(),
        related: context::beside(endpoint, &endpoint.bind_place),
        fix: Some(edits::fix(
            "bind to 127.0.0.1, and put what must be reachable behind authentication",
            Safety::Unsafe,
            edits::addresses::narrow(project, &endpoint.bind_place),
        )),
    }
}
