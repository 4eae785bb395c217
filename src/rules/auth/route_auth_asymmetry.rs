//! A second door without a lock.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::Opens},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "route-auth-asymmetry",
    group: "auth",
    title: "one route to the protocol asks for a credential and another does not",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Go],
    since: "0.1.0",
    references: &["CWE-306", "CWE-288", "MCP07", "CVE-2026-33032"],
    docs: "
A server often has several routes to the same handlers: `/mcp` and `/sse`, `/sse` and `/messages`, POST and GET. Where one of
them has the middleware that asks for a credential and another was forgotten, the other is the one that is used.

Put the middleware before all of them: `app.use(requireBearerAuth(..))` or a router that is wrapped whole.

Routes of one file and one app are compared. A check inside a handler counts. Metadata and health routes are meant to be
open. Python's and Rust's frameworks put the check around the whole app, which is not looked at here.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for gate in project.facts.conduct.open_gates.iter().filter(|gate| gate.opens == Opens::BesideIt) {
        let mut finding = context::finding(
            project,
            &RULE,
            gate.place.clone(),
            "this route leads to the protocol and asks for nothing, while another one asks for a credential".to_owned(),
            "whoever knows both routes takes the one without the check, and uses every tool",
            "put the check before every route that leads to the protocol",
        );
        if let Some(other) = &gate.other {
            finding.related.push(Related { place: other.clone(), message: "this route asks".to_owned() });
        }
        findings.push(finding);
    }
}
