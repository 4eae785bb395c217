//! Sessions that are no more.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::Leftover},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "session-id-dependence",
    group: "capabilities",
    title: "a server for the newest revision looks sessions up by their id",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification 2026-07-28", "CWE-384"],
    docs: "
Revision 2026-07-28 has no `Mcp-Session-Id`: clients do not send it, and intermediaries need not pass it on. State or permissions that are looked
up by it are missing for those clients; and an id that anybody can send was never a proof of who is asking.

Bind state to the authenticated subject, and give out handles that belong to it. Code that serves earlier revisions beside the newest one needs
the header: say so where it is read. Only projects for the newest revision are reported, once.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut used = project.facts.leftovers.iter().filter(|(leftover, _)| *leftover == Leftover::SessionId);
    let Some((_, place)) = used.next() else { return };
    let mut finding = context::finding(
        project,
        &RULE,
        place.clone(),
        "a session is looked up by a header that the newest revision has removed".to_owned(),
        "whoever sends another client's id gets its state, where the id is all that is asked for",
        "bind state to the authenticated subject",
    );
    finding.related = used.map(|(_, place)| Related { place: place.clone(), message: "and here".to_owned() }).collect();
    findings.push(finding);
}
