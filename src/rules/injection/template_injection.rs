//! Input of a caller is compiled as a template.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "template-injection",
    group: "injection",
    title: "input of a caller is compiled as a template",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-1336", "MCP05"],
    docs: "
Template engines run expressions. If an argument of a tool is the *source* of a template, and not a value that a template
shows, its expressions reach the objects of the server: `{{ ''.__class__.__mro__ }}` in Jinja leads to a shell.

Keep templates in files, and hand input over as values. Where callers must write templates, use an engine without logic, or
`jinja2.sandbox.SandboxedEnvironment`.

Input that is only a value of a template is not reported.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads puts an expression into the template that runs code";
    let fix = "keep the template fixed, and hand the input over as a value";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Template,
        |_| Told::usual(&RULE, "which compiles it as a template", attack, fix),
    );
}
