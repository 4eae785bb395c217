//! Whatever error came up, in an answer.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Leak},
    rules::{Rule, context, exposures},
};

pub(super) static RULE: Rule = Rule {
    id: "raw-error-exposed",
    group: "output",
    title: "the text of any error is sent to callers",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-209", "MCP10"],
    docs: "
The text of an error that nobody expected tells what the program talks to: host names, paths, queries, sometimes a connection
string. A server on a network sends it to whoever can make the tool fail.

Answer with a sentence of your own for errors that were not expected, and log the rest. Send the text of errors that were
made for callers: `ToolError` in Python, an error class of one's own in TypeScript. FastMCP has `mask_error_details=True`.

Nearly every server does so, and it rarely tells much: it is informational. It is said once per project, and never of servers that speak over standard output alone, where the caller owns the process.
Errors of named kinds in Python are not reported. Rust and Go hand errors on by value, which tells nothing of where they
come from; they are not judged.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever can make the tool fail learns hosts, paths and queries to aim at";
    let fix = "answer with a sentence of your own, and log the error";
    exposures::report(project, &RULE, findings, Leak::Error, "tells callers the text of any error", (attack, fix));
}
