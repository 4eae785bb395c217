//! A credential is written to a log.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, Role, facts::LoggedKind},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-in-log",
    group: "secrets",
    title: "a credential is written to a log",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-532", "MCP01", "MCP specification: log messages MUST NOT contain credentials"],
    docs: "
Logs are copied: to files, to collectors, into reports of errors, and with MCP's notifications to the client and its model. A
password, token or key in them is known to everybody who reads any of those, for as long as they are kept.

Log that a credential is there, its name or the last four characters, and never the whole. Redact headers before they are logged.

Reported is a value that is handed to a logging call as it is, by its name or because it comes from an environment variable of such
a name; headers of a request, because `Authorization` is among them. Where a name of one word (`secret`, `credentials`) is all that is
known, confidence is low, and a mere `token` is not reported: parsers and models have tokens, too. Lengths, presence, parts and masked values are not reported. Values that reach a log
through other functions are not followed. Calls for debugging have low severity.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let kinds = [LoggedKind::Credential, LoggedKind::Headers];
    for logged in project.facts.logged.iter().filter(|logged| kinds.contains(&logged.kind)) {
        let what = if logged.kind == LoggedKind::Headers { ", with the credential in it" } else { "" };
        let mut finding = context::finding(
            project,
            &RULE,
            logged.place.clone(),
            format!("`{}` writes `{}` to the log{what}", logged.call, logged.value),
            "whoever reads the log, or a copy of it, acts with this credential",
            "log its name or its last characters, and redact headers",
        );
        if logged.detail {
            finding.severity = context::lower(finding.severity, 1);
        }
        finding.confidence = finding.confidence.min(logged.confidence);
        // A script that somebody runs to get a credential shows it to them.
        if context::role(project, &logged.place) == Role::Script {
            finding.confidence = Confidence::Low;
        }
        findings.push(finding);
    }
}
