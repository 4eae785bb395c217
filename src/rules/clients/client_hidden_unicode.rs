//! What an agent is told to do is not what a person reads.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Project,
        client::{ClientConfig, Word},
        hidden_text::{self, HiddenRun},
    },
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-hidden-unicode",
    group: "clients",
    title: "what an agent reads holds characters that people do not see",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1007", "CWE-451", "MCP03", "SAFE-T1402"],
    docs: "
Rules for agents (`AGENTS.md`, `CLAUDE.md`, `.cursorrules`, `SKILL.md`) are followed word by word. Tag characters, direction
overrides and zero-width characters let such a file say more than a reviewer sees, and let the name of a server look like that
of another one.

Remove the characters, and find out who added them.

Read are these files, whatever their format, and the names, arguments and values of a client's configuration also where the
characters are written as escapes. Not reported is what writing needs: emoji with their joiners, a byte order mark at the
start, joiners of Persian and Indic scripts, direction marks beside right-to-left letters.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.files.iter().filter(|file| file.language.is_none() && is_read_by_agents(&file.path)) {
        for all in hidden_text::in_file(file).into_values() {
            let Some((first, others)) = all.split_first() else { continue };
            let mut finding = finding(project, first, "this text");
            let and_here = |run: &HiddenRun| Related { place: run.place.clone(), message: "and here".to_owned() };
            finding.related = others.iter().take(20).map(and_here).collect();
            findings.push(finding);
        }
    }
    for client in &project.clients {
        let text = project.file(&client.path).map_or("", |file| file.text.as_str());
        let whole = is_read_by_agents(&client.path) || client.path.ends_with("manifest.json");
        for (value, place) in values(client) {
            // Written out, they are found in the file's text already, if that is read as a whole.
            let raw = text.get(place.start..place.end).filter(|_| whole).unwrap_or_default();
            if let (Some(run), None) = (hidden_text::in_value(value, place), hidden_text::in_value(raw, place)) {
                findings.push(finding(project, &run, "this value"));
            }
        }
    }
}

fn values(client: &ClientConfig) -> impl Iterator<Item = (&str, &Place)> {
    let names = client.servers.iter().map(|server| (server.name.as_str(), &server.place));
    let words = client.servers.iter().flat_map(|server| server.words());
    let own = client.settings.environment.iter().chain(&client.settings.programs).map(|(_, word)| word);
    names.chain(words.chain(own).map(|word: &Word| (word.text.as_str(), &word.place)))
}

fn finding(project: &Project, run: &HiddenRun, what: &str) -> Finding {
    context::finding(
        project,
        &RULE,
        run.place.clone(),
        format!("{what} holds a {}", run.describe()),
        "the agent follows a sentence, or starts a server, that no reviewer has seen",
        "remove the characters",
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
        "claude_desktop_config.json",
        "copilot-instructions.md",
        "gemini-extension.json",
        "mcp.json",
    ];
    names.contains(&name)
        || name.ends_with(".mdc")
        || folders.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
}
