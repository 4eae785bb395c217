//! What a person reads is not what the model reads.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        File, Language, Project,
        hidden_text::{self, HiddenRun},
    },
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "hidden-unicode",
    group: "metadata",
    title: "a text holds characters that people do not see",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-1007", "CWE-451", "MCP03", "SAFE-T1402"],
    docs: "
Tag characters, direction overrides, zero-width characters and runs of variation selectors show nothing, or something else
than they say. A model reads them: a whole sentence of orders fits into the description of a tool that a person has reviewed
and found harmless. In code, an override makes a line look like another one.

Read are source files with their comments and strings, descriptions of tools also where the characters are written as escapes,
and manifests. What agents and clients read (`AGENTS.md`, `.mcp.json`) has a rule of its own, `client-hidden-unicode`.

Remove the characters, and find out who added them. Not reported is what writing needs: emoji with their joiners, a byte
order mark at the start, joiners of Persian and Indic scripts, direction marks beside right-to-left letters. Where code
must hold such a character, write it as an escape (`\\u200b`), so that people see it: in a table or a pattern that looks for such
characters this is information, for a single character between quotes hides no sentence.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.files.iter().filter(|file| file.language.is_some() || is_manifest(&file.path)) {
        findings.extend(written(project, file));
    }
    for tool in project.facts.servers.iter().flat_map(|server| &server.tools) {
        let Some((text, place)) = &tool.description else { continue };
        // Written out, they are found in the file's text already.
        let raw = project.file(&place.path).and_then(|file| file.text.get(place.start..place.end)).unwrap_or_default();
        if let (Some(run), None) = (hidden_text::in_value(text, place), hidden_text::in_value(raw, place)) {
            findings.push(finding(project, &run, "the description of a tool"));
        }
    }
}

/// One finding for a file and class: thousands of characters are one act.
fn written(project: &Project, file: &File) -> Vec<Finding> {
    let of_class = |all: Vec<HiddenRun>| {
        let first = all.iter().find(|run| !run.looked_up).or(all.first())?;
        let mut finding = finding(project, first, "this text");
        if first.looked_up {
            finding.severity = Severity::Info;
        }
        let others = all.iter().filter(|run| run.place != first.place && (first.looked_up || !run.looked_up)).take(20);
        finding.related =
            others.map(|run| Related { place: run.place.clone(), message: "and here".to_owned() }).collect();
        Some(finding)
    };
    hidden_text::in_file(file).into_values().filter_map(of_class).collect()
}

fn finding(project: &Project, run: &HiddenRun, what: &str) -> Finding {
    context::finding(
        project,
        &RULE,
        run.place.clone(),
        format!("{what} holds a {}", run.describe()),
        "the model follows a sentence that no reviewer has seen",
        "remove the characters, or write them as escapes where code needs them",
    )
}

fn is_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "manifest.json" | "mcpsec.toml" | "package.json" | "pyproject.toml" | "server.json")
}
