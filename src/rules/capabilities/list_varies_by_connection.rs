//! Lists that calls change.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "list-varies-by-connection",
    group: "capabilities",
    title: "a call changes which tools there are",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["SAFE-T1201", "MCP specification 2026-07-28: lists must not vary per connection"],
    docs: "
A tool that registers or removes other tools changes the list for everybody who is connected to the same server, or for one connection alone,
depending on how servers are made. Clients cache lists; people approved the list that they saw. An attacker who gets one call
through adds what was never approved.

Register everything when the server starts, and refuse calls by authorization. Lists that depend on who asks are allowed by the
specification; lists that depend on what was called before are not.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.while_serving && offer.server.is_some()) {
        findings.push(context::finding(
            project,
            &RULE,
            offer.place.clone(),
            format!("{} is registered while a call is answered", offer.label()),
            "one call adds a tool that nobody approved, also for other clients of the same server",
            "register it when the server starts, and decide in its handler who may call it",
        ));
    }
}
