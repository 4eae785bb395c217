//! Nothing slows a caller down.

use crate::{
    finding::{Confidence, Finding, Fix, Place, Related, Severity},
    project::{
        Language, Project,
        facts::{Endpoint, Protection},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "rate-limit-missing",
    group: "limits",
    title: "calls over the network are not limited",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-770", "MSSS NET-03", "MCP specification: servers must rate limit tool invocations"],
    docs: "
Models call tools in loops, and so do attackers. Without a limit one caller takes the whole server: its CPU, its quota
with the services behind it, and the bill for them. Guessing a key is free as well.

Limit calls per client before they reach the handlers: `express-rate-limit` or `hono-rate-limiter` in TypeScript,
`RateLimitingMiddleware` or `slowapi` in Python, `tower_governor` in Rust, `golang.org/x/time/rate` in Go,
Bucket4j in Java, `AddRateLimiter` in C#, or `mcpsec serve`
in front of a stdio server. 100 calls a minute per client is a good beginning.

It is said once per project, and never of stdio, where the client owns the process. On loopback it is informational.
Where a gateway limits, say so once: `behind_gateway = true` under `[doctor]` in mcpsec.toml.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let unlimited: Vec<&Endpoint> = project.facts.endpoints.iter().filter(|it| !is_limited(&it.rate_limit)).collect();
    // Said where it matters most: in the product, and where others can connect.
    let worst = unlimited.iter().min_by_key(|it| (context::role(project, &it.route), context::is_local(it)));
    let Some(&endpoint) = worst else { return };
    let severity = if context::is_local(endpoint) { Severity::Info } else { Severity::Medium };
    let (severity, confidence) =
        context::weigh_endpoint(project, endpoint, &endpoint.route, severity, Confidence::High);
    let others = unlimited.iter().copied().filter(|other| other.route != endpoint.route);
    findings.push(Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: endpoint.route.clone(),
        message: "nothing limits how often this transport is called".to_owned(),
        attack: "one caller takes the whole server, and the quota and the money of the services behind it".to_owned(),
        related: std::iter::once(endpoint).chain(others).flat_map(|it| related(it, &endpoint.route)).collect(),
        fix: Some(Fix::advice("limit calls per client in front of the handlers, for instance to 100 a minute")),
    });
}

/// The places of an endpoint, beside the one that the finding is at.
fn related(endpoint: &Endpoint, said: &Place) -> Vec<Related> {
    let mut related = context::beside(endpoint, said);
    for other in related.iter_mut().filter(|other| other.place == endpoint.route) {
        other.message = "this one is not limited either".to_owned();
    }
    related
}

fn is_limited(limit: &Protection) -> bool {
    matches!(limit, Protection::Present(_) | Protection::Unknown(_))
}
