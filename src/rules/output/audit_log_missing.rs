//! Nobody can tell who did what.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "audit-log-missing",
    group: "output",
    title: "tools change things, and nothing is written down",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-778", "MCP08"],
    docs: "
When something was deleted or sent, somebody will ask who did it, through which tool and when. A server on a network that
writes no line while it serves cannot answer, and an attack leaves nothing behind.

Write one line per call: who, which tool, whether it worked; not the arguments, which may hold secrets. The runtime of
mcpsec does so by itself.

It is said once per project, where a tool's name says that it changes something and no function that serves writes any log;
lines about starting and stopping do not count. A gateway in front may keep the record. It is informational.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let rights = &project.facts.conduct.rights;
    let Some(first) = rights.destructive.first().filter(|_| !rights.logs) else { return };
    let names = context::names(rights.destructive.iter().map(|tool| tool.tool.as_str()));
    findings.push(context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("nothing is written down when {names} run"),
        "who misuses a tool leaves no trace, and nobody can tell what was done",
        "write a line per call: who, which tool, and whether it worked",
    ));
}
