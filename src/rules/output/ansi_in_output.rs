//! Escape sequences for whoever reads along.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Leak},
    rules::{Rule, context, exposures},
};

pub(super) static RULE: Rule = Rule {
    id: "ansi-in-output",
    group: "output",
    title: "the raw output of a program is a tool's result",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-150", "MCP10"],
    docs: "
The output of a program may hold escape sequences: colours, cursor moves, text that is erased before anybody reads it. File
names, commit messages and web pages put them there. The model reads what the person at the terminal does not see.

Take escape sequences out before the result is sent: `stripVTControlCharacters` of `node:util` in TypeScript, a regular
expression or a library in other languages; and tell programs to use none (`NO_COLOR=1`, `--no-color`).

A project that strips or switches off colours anywhere is believed. It is said once per project.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "text that a terminal hides, in a file name or a commit message, instructs the model unseen";
    let fix = "take escape sequences out of what programs print";
    exposures::report(project, &RULE, findings, Leak::Terminal, "is sent as the program wrote it", (attack, fix));
}
