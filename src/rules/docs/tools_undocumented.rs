//! Nobody can read what the server offers before it is installed.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{File, Project, Role, facts::Tool},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tools-undocumented",
    group: "docs",
    title: "the documentation does not name some tools",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1059", "MCP09"],
    docs: "
The server registers tools that neither the readme nor another document names. Who decides whether to install it, or which tools
to allow without asking, reads that list; a tool that is not in it is approved by nobody.

Name each tool, with what it changes and what it reaches.

All text files in the project and the readme above it are searched for the tools' names, also written with dashes. Tools whose
names are computed are not known. Where the list is generated on a site, or the server is not meant for others, suppress the
finding. Tools in tests and examples are not asked for.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let documents: Vec<&File> =
        project.files.iter().chain(&project.above.files).filter(|file| is_document(file)).collect();
    if !documents.iter().any(|file| file.path.to_ascii_lowercase().contains("readme")) {
        return;
    }
    let servers = project.facts.servers.iter();
    let product = servers.filter(|server| context::role(project, &server.place) == Role::Product);
    let missing: Vec<(&str, &Tool)> = product
        .flat_map(|server| &server.tools)
        .filter_map(|tool| Some((tool.name.as_deref()?, tool)))
        .filter(|(name, _)| !documents.iter().any(|file| names(&file.text, name)))
        .collect();
    let Some((_, first)) = missing.first() else { return };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("no document names {}", context::names(missing.iter().map(|(name, _)| *name))),
        "a tool that nobody has read about is approved with the rest",
        "name each tool in the readme, with what it changes and reaches",
    );
    finding.related = missing[1..]
        .iter()
        .map(|(name, tool)| Related { place: tool.place.clone(), message: format!("nor `{name}`") })
        .collect();
    findings.push(finding);
}

fn is_document(file: &File) -> bool {
    let ending = file.path.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "md" | "mdx" | "rst" | "adoc" | "txt" | "json" | "html") && file.role != Role::Test
}

fn names(text: &str, name: &str) -> bool {
    let dashed = name.replace('_', "-");
    [name, dashed.as_str()].into_iter().any(|name| {
        text.match_indices(name).any(|(at, _)| {
            let end = text[at + name.len()..].chars().next();
            let start = text[..at].chars().next_back();
            !start.is_some_and(char::is_alphanumeric) && !end.is_some_and(char::is_alphanumeric)
        })
    })
}
