//! A limit that limits nobody.

use crate::{
    finding::{Confidence, Finding, Fix, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "rate-limit-weak",
    group: "limits",
    title: "a rate limit is there and does not limit",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-799", "CWE-770", "MCP specification: servers must rate limit tool invocations"],
    docs: "
A limiter that allows ten thousand calls a minute, that every caller shares, that a header of the caller can reset, or
that stands behind the route it should guard looks like protection and is none. Whoever reads the code believes that the
question is settled.

Limit each client by something that it cannot choose: the authenticated subject, or the peer's address where no proxy is
in front. Put the limiter before the route, and make it once, not for each request.

Limits that the configuration sets are judged by their defaults.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for limiter in &project.facts.limiters {
        let Some(weakness) = &limiter.weakness else { continue };
        let (severity, confidence) = context::weigh(project, &limiter.place, Severity::Medium, Confidence::High);
        findings.push(Finding {
            rule: RULE.id,
            severity,
            confidence,
            place: limiter.place.clone(),
            message: format!("this limit does not limit: {weakness}"),
            attack: "one caller takes the whole server, while everybody believes that it is limited".to_owned(),
            related: Vec::new(),
            fix: Some(Fix::advice("limit each client by its subject or address, to what one client needs")),
        });
    }
}
