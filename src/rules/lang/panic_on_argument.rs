//! An argument that nobody expected makes a handler panic.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "panic-on-argument",
    group: "lang",
    title: "an argument that nobody expected makes a handler panic",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[Language::Rust],
    since: "0.1.0",
    references: &["CWE-248", "CWE-703", "MCP05"],
    docs: "
A handler takes for granted what a caller decides: `unwrap` or `expect` on a parsed argument, on one that may be absent, or on a file that it
names, and a slice of a text that may be shorter or have a character across the cut. A model sends such arguments without any bad intention.

With `panic = \"abort\"` in the profile, the panic ends the process: over standard input and output that is the server, and every call that was
under way with it. Without it, `rmcp` runs each request in a task of its own: the server lives on, and this call is never answered, so that
the client waits until it gives up. The finding says which of the two it is.

Answer instead: `ok_or_else(|| ErrorData::invalid_params(..))?`, `map_err(..)?`, `let Some(x) = .. else { return .. }`; for texts
`text.get(..80)` or `text.chars().take(80)`. Required arguments belong into the type of `Parameters<T>`, which refuses a call by itself.

Reported once for a project, in handlers themselves: what a function that they call does is not followed. A handler that asks anywhere
(`is_some`, `is_match`, `contains_key`, for slices `len` and the like) or catches panics is believed.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let panics = &project.facts.argument_panics;
    let Some(first) = panics.iter().min_by_key(|panic| context::role(project, &panic.place)) else { return };
    let of = first.tool.as_ref().map(|tool| format!(" in `{tool}`")).unwrap_or_default();
    let (ends, attack) = if first.aborts {
        ("ends the whole server", "one call with an argument that nobody expected ends the server for everybody")
    } else {
        (
            "leaves the call without an answer",
            "a call with an argument that nobody expected hangs until its client gives up",
        )
    };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("`{}`{of} panics on some arguments, which {ends}", first.written),
        attack,
        "answer with an error where the argument does not fit",
    );
    let others = panics.iter().filter(|panic| panic.place != first.place).take(20);
    finding.related =
        others.map(|panic| Related { place: panic.place.clone(), message: "and here".to_owned() }).collect();
    findings.push(finding);
}
