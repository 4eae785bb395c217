//! Nobody can read what the server offers before it is installed.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

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
    let tools = product.flat_map(|server| &server.tools);
    let tools: Vec<(&str, &Tool)> = tools.filter_map(|tool| Some((tool.name.as_deref()?, tool))).collect();
    let named = named(&documents, tools.iter().map(|(name, _)| *name).collect());
    let missing: Vec<(&str, &Tool)> = tools.into_iter().filter(|(name, _)| !named.contains(name)).collect();
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

/// The names that some document has as a word, as they are or with dashes. All are searched for at once.
fn named<'t>(documents: &[&File], names: BTreeSet<&'t str>) -> BTreeSet<&'t str> {
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let dashed: Vec<String> = names.iter().map(|name| name.replace('_', "-")).collect();
    let patterns = names.iter().copied().chain(dashed.iter().map(String::as_str));
    // A set of names that cannot be searched for accuses nobody.
    let Ok(search) = AhoCorasick::new(patterns) else { return names.into_iter().collect() };
    let mut found = BTreeSet::new();
    for text in documents.iter().map(|file| &file.text) {
        for hit in search.find_overlapping_iter(text.as_str()) {
            let before = text[..hit.start()].chars().next_back();
            let after = text[hit.end()..].chars().next();
            if ![before, after].into_iter().flatten().any(char::is_alphanumeric) {
                found.insert(names[hit.pattern().as_usize() % names.len()]);
            }
        }
    }
    found
}
