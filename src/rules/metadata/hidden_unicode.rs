//! What a person reads is not what the model reads.

use std::collections::BTreeMap;

use mcpsec_screen::hidden::{self, Hidden};

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{File, Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "hidden-unicode",
    group: "metadata",
    title: "a text holds characters that people do not see",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-1007", "CWE-451", "MCP03", "SAFE-T1402"],
    docs: "
Tag characters, direction overrides, zero-width characters and runs of variation selectors show nothing, or something else
than they say. A model reads them: a whole sentence of orders fits into the description of a tool that a person has reviewed
and found harmless. In code, an override makes a line look like another one.

Read are source files with their comments and strings, descriptions of tools also where the characters are written as escapes,
and what agents read: `AGENTS.md`, `CLAUDE.md`, `SKILL.md`, rules of editors, configurations of clients, manifests.

Remove the characters, and find out who added them. Not reported is what writing needs: emoji with their joiners, a byte
order mark at the start, joiners of Persian and Indic scripts, direction marks beside right-to-left letters. Where code
must hold such a character, write it as an escape (`\\u200b`), so that people see it.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.files.iter().filter(|file| file.language.is_some() || is_read_by_agents(&file.path)) {
        findings.extend(written(project, file));
    }
    for tool in project.facts.servers.iter().flat_map(|server| &server.tools) {
        let Some((text, place)) = &tool.description else { continue };
        let hidden = hidden::find(text);
        // Written out, they are found in the file's text already.
        let raw = project.file(&place.path).and_then(|file| file.text.get(place.start..place.end)).unwrap_or_default();
        if let (Some(first), true) = (hidden.first(), hidden::find(raw).is_empty()) {
            findings.push(finding(project, place.clone(), first, text, "the description of a tool"));
        }
    }
}

/// One finding for a file and class: thousands of characters are one act.
fn written(project: &Project, file: &File) -> Vec<Finding> {
    let mut classes: BTreeMap<&'static str, Vec<Hidden>> = BTreeMap::new();
    for hidden in hidden::find(&file.text).into_iter().filter(deceives) {
        classes.entry(hidden.class).or_default().push(hidden);
    }
    let place = |hidden: &Hidden| Place::new(&file.path, hidden.range.start, hidden.range.end);
    classes
        .into_values()
        .map(|all| {
            let mut finding = finding(project, place(&all[0]), &all[0], &file.text, "this text");
            let more = all.iter().skip(1).take(20);
            finding.related =
                more.map(|hidden| Related { place: place(hidden), message: "and here".to_owned() }).collect();
            finding
        })
        .collect()
}

fn finding(project: &Project, place: Place, hidden: &Hidden, text: &str, what: &str) -> Finding {
    let count = text[hidden.range.clone()].chars().count();
    let run = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    context::finding(
        project,
        &RULE,
        place,
        format!("{what} holds a {} that nobody sees: U+{:04X}{run}", hidden.class, u32::from(hidden.first)),
        "the model follows a sentence that no reviewer has seen",
        "remove the characters, or write them as escapes where code needs them",
    )
}

/// Private-use characters are icons, control characters are seldom more than an accident of an editor.
fn deceives(hidden: &Hidden) -> bool {
    !matches!(
        hidden.class,
        "private-use character"
            | "control character"
            | "C1 control character"
            | "noncharacter"
            | "line separator"
            | "format character"
            | "blank character"
    )
}

fn is_read_by_agents(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folders = [".claude/", ".cursor/", ".gemini/", ".github/instructions/", ".kiro/", ".roo/", ".windsurf/"];
    let names = [
        ".clinerules",
        ".cursorrules",
        ".mcp.json",
        ".windsurfrules",
        "AGENT.md",
        "AGENTS.md",
        "CLAUDE.md",
        "GEMINI.md",
        "SKILL.md",
        "copilot-instructions.md",
        "gemini-extension.json",
        "manifest.json",
        "mcp.json",
        "mcpsec.toml",
        "package.json",
        "pyproject.toml",
        "server.json",
    ];
    names.contains(&name)
        || name.ends_with(".mdc")
        || folders.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
}
