//! A result that fills the context.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Leak},
    rules::{Rule, context, exposures},
};

pub(super) static RULE: Rule = Rule {
    id: "output-unbounded",
    group: "limits",
    title: "a whole file is a tool's result, whatever its size",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-770", "MCP10"],
    docs: "
What a tool answers goes into the model's context. A file of a hundred megabytes takes the server's memory, the connection
and the user's quota; a large one pushes the user's own words out of what the model sees, which is what an attacker who
wrote the file wants.

Cut off at a size that a model can use, such as 100 KiB, say that something is missing, and offer an offset.

A function that speaks of a limit, a slice or a page is believed. Files that the program names itself are not reported: their size is
its own matter. It is said once per project, with medium confidence.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "a huge file fills memory and context, and what the user said is lost from view";
    let fix = "cut results off at some size, and say so";
    exposures::report(project, &RULE, findings, Leak::Whole, "is the whole, whatever its size", (attack, fix));
}
