//! Two lists that do not agree.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::tools::Said},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "dispatch-mismatch",
    group: "capabilities",
    title: "a tool is listed and not handled, or handled and not listed",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Rust],
    since: "0.1.0",
    references: &["MCP09", "MCP03", "CWE-912"],
    docs: "
A low-level server keeps its list of tools and its handler of calls apart. A tool that is listed and not handled fails each time. One that is
handled and not listed is hidden: nobody approved it, no client shows it, and whoever knows its name can call it.

Keep both in one table. Judged are handlers that compare the name with constants and refuse all others, and lists whose names are all
constants; a server with a table of handlers, with computed names or a handler that passes names on is not judged.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for dispatch in &project.facts.dispatches {
        let has = |all: &[Said], name: &str| all.iter().any(|said| said.text == name);
        if !dispatch.listed_completely || dispatch.handled.is_empty() {
            continue;
        }
        let hidden = dispatch.handled.iter().filter(|said| !has(&dispatch.listed, &said.text));
        let missing =
            dispatch.listed.iter().filter(|said| dispatch.refuses_others && !has(&dispatch.handled, &said.text));
        for said in hidden {
            findings.push(context::finding(
                project,
                &RULE,
                said.place.clone(),
                format!("`{}` is handled and not listed: a tool that nobody sees", said.text),
                "whoever knows the name calls a tool that nobody approved",
                "list it, or remove it from the handler",
            ));
        }
        for said in missing {
            findings.push(context::finding(
                project,
                &RULE,
                said.place.clone(),
                format!("`{}` is listed and not handled", said.text),
                "the model works around the tool that fails with one that it should not use",
                "handle it, or remove it from the list",
            ));
        }
    }
}
