//! Names that belong to hosts.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::tools::OfferKind},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "builtin-name-shadow",
    group: "metadata",
    title: "a tool has the name of one that hosts bring along",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP09", "SAFE-T1301"],
    docs: "
Hosts bring their own tools: `bash`, `web_search`, `str_replace_editor`. A tool of the same name is taken for the host's, by the
model and by the rules with which people allow calls without asking.

Give the tool a name of its own, such as `notes_search`. Many hosts put the server's name before a tool's, which is why this is low;
only names that are used by hosts exactly so are compared, not common words such as `read_file`.
",
    applies: context::has_offer,
    check,
};

/// Names of tools that widely used hosts define themselves.
const BUILT_IN: &[&str] = &[
    "Bash",
    "BashOutput",
    "Edit",
    "Glob",
    "Grep",
    "KillShell",
    "MultiEdit",
    "NotebookEdit",
    "Read",
    "Task",
    "TodoWrite",
    "WebFetch",
    "WebSearch",
    "Write",
    "apply_patch",
    "bash",
    "code_execution",
    "codebase_search",
    "computer",
    "execute_bash",
    "run_in_terminal",
    "run_shell_command",
    "run_terminal_cmd",
    "str_replace_based_edit_tool",
    "str_replace_editor",
    "text_editor",
    "web_fetch",
    "web_search",
];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.kind == OfferKind::Tool) {
        let Some(name) = offer.name.as_ref().filter(|name| BUILT_IN.contains(&name.text.as_str())) else { continue };
        findings.push(context::finding(
            project,
            &RULE,
            name.place.clone(),
            format!("`{}` is the name of a tool that hosts bring along", name.text),
            "a call that was allowed for the host's tool goes to this one",
            "give the tool a name of its own, with the server's purpose in it",
        ));
    }
}
