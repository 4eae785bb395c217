//! One call with an argument of another type ends the server.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "handler-recovery-missing",
    group: "lang",
    title: "an argument of another type ends the server",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[Language::Go],
    since: "0.1.0",
    references: &["CWE-248", "CWE-704", "MCP05"],
    docs: "
In Go `args[\"path\"].(string)` panics where the argument is missing or of another type. The library mcp-go hands arguments on as they came,
and starts handlers without a safety net: over standard input and output the panic ends the whole server, and every call that was
under way with it. A model sends a number for a text often enough without anybody's bad intention.

Ask with two results (`path, ok := ...`), take `request.RequireString(\"path\")`, or bind to a struct; and create the server with
`server.WithRecovery()`.

Reported once for a project: assertions with one result on arguments by name, in functions that take a `CallToolRequest`, where no
server is created with `WithRecovery` and the function does not recover by itself.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let Some((first, others)) = project.facts.unchecked_types.split_first() else { return };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("`{}` is taken for a type without asking, and nothing catches the panic", first.argument),
        "one call with an argument of another type ends the server for everybody",
        "ask with two results or with `RequireString`, and create the server with `server.WithRecovery()`",
    );
    finding.related = others
        .iter()
        .take(20)
        .map(|one| Related { place: one.place.clone(), message: "and here".to_owned() })
        .collect();
    findings.push(finding);
}
