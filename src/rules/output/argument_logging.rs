//! Everything that a caller sends ends in a log.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::LoggedKind},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "argument-logging",
    group: "output",
    title: "all arguments of a call are logged",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-532", "MCP08", "MCP specification: log messages MUST NOT contain credentials or personal data"],
    docs: "
Arguments of tools are whatever the person and the model talk about: letters, customers, keys that were pasted into a chat. A server
that logs `request.params` as a whole keeps all of it, in a place that was made for finding errors and that many people read. Line
breaks in arguments also write lines that no program wrote.

Log the name of the tool, the names of its arguments, sizes and times. Where values are needed, choose the harmless ones, or hand
them to a logger that redacts by name.

Reported are `params`, `arguments` and `body` of a request in a logging call. Single arguments are not; nor is what a function of the
project has redacted. Calls for debugging have low severity: they are off where people work, and on when something goes wrong.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<_> = project.facts.logged.iter().filter(|logged| logged.kind == LoggedKind::Arguments).collect();
    // What is written also in production stands for its file.
    all.sort_by_key(|logged| logged.detail);
    for logged in all {
        if let Some(&first) = files.get(logged.place.path.as_str()) {
            let message = format!("so does `{}` here", logged.call);
            findings[first].related.push(Related { place: logged.place.clone(), message });
            continue;
        }
        files.insert(&logged.place.path, findings.len());
        let mut finding = context::finding(
            project,
            &RULE,
            logged.place.clone(),
            format!("`{}` writes all of `{}` to the log", logged.call, logged.value),
            "whoever reads the log learns what people asked for, with the keys and names that they typed",
            "log the name of the tool and sizes, or redact values by name",
        );
        if logged.detail {
            finding.severity = context::lower(finding.severity, 1);
        }
        finding.confidence = finding.confidence.min(logged.confidence);
        findings.push(finding);
    }
}
