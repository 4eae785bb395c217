//! Changes that nobody hears of.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::Promise},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "list-changed-never-sent",
    group: "capabilities",
    title: "changes of a list are announced and never told",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Rust],
    since: "0.1.0",
    references: &["MCP specification: list changed notifications"],
    docs: "
A client that reads `listChanged: true` keeps the list until it is told otherwise. A low-level server that never tells has clients with an
old list, or, where the list never changes, announces what does not exist.

Send `notifications/tools/list_changed` when the list changes, or do not announce it. SDKs whose high-level servers send it by themselves are
not reported.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut never = project.facts.announced.iter().filter(|it| it.promise == Promise::ListChanged && !it.kept);
    if let Some(first) = never.next() {
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            "changes of the list are announced and never told".to_owned(),
            "clients keep an old list, and show people tools that are no longer what they were",
            "send the notification when the list changes, or do not announce it",
        );
        finding.related = never.map(|it| Related { place: it.place.clone(), message: "and this".to_owned() }).collect();
        findings.push(finding);
    }
}
