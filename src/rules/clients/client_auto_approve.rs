//! A client that no longer asks.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Project,
        client::{ClientConfig, ServerEntry},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-auto-approve",
    group: "clients",
    title: "a client runs tools without asking",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CVE-2025-59536", "CVE-2025-54135", "CVE-2025-54136", "CWE-862", "MCP02"],
    docs: "
The question before a tool runs is the last thing between a text that the model reads and the machine. A configuration that
answers it beforehand, for every tool (`autoApprove: [\"*\"]`, `trust: true`), for every command (`Bash(*)`), or for every server
that a repository brings (`enableAllProjectMcpServers`), removes it for everybody who clones the repository.

Name the tools that may run without a question, one by one, and only such that read. Leave the rest to the person.

Lists of named tools and of named commands (`Bash(git status)`) are not reported. In a file that git does not track it is a
decision of one person for one machine: severity is medium. Inside a container that holds nothing of value the switch can be
right; say so where you suppress this rule.
",
    applies: context::has_client,
    check,
};

/// Permissions that cover everything. Data: as Claude Code and Cursor write them.
const EVERYTHING: &[&str] = &[
    "*",
    "Bash",
    "Bash(*)",
    "Bash(*:*)",
    "Bash(:*)",
    "Bash(bash:*)",
    "Bash(sh:*)",
    "Bash(sudo:*)",
    "Mcp(*)",
    "Mcp(*:*)",
    "Shell(*)",
    "mcp__*",
];

/// Options of agents that are started as servers.
const OPTIONS: &[&str] =
    &["--dangerously-skip-permissions", "--dangerously-bypass-approvals-and-sandbox", "--allow-all-tools", "--yolo"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for client in &project.clients {
        let shared = context::is_shared(project, &client.path);
        for (place, what) in approvals(client) {
            let mut finding = context::finding(
                project,
                &RULE,
                place,
                what,
                "a web page, issue or file that the model reads makes it run tools and commands, and nobody is asked",
                "name the tools that may run without a question, and only such that read",
            );
            if !shared {
                finding.severity = context::lower(finding.severity, 1);
            }
            findings.push(finding);
        }
    }
}

fn approvals(client: &ClientConfig) -> Vec<(Place, String)> {
    let mut found: Vec<(Place, String)> = client.servers.iter().flat_map(of_server).collect();
    for word in client.settings.allowed.iter().filter(|word| EVERYTHING.contains(&word.text.as_str())) {
        found.push((word.place.clone(), format!("`{}` allows everything of its kind without a question", word.text)));
    }
    for switch in &client.settings.switches {
        found.push((switch.place.clone(), format!("`{}` lets the client act without asking", switch.name)));
    }
    found
}

fn of_server(server: &ServerEntry) -> Vec<(Place, String)> {
    let name = &server.name;
    let every = server.approved.iter().find(|word| word.text == "*").map(|word| word.place.clone());
    let every = every.or_else(|| server.trusted.clone());
    let option = server.arguments.iter().find(|word| OPTIONS.contains(&word.text.as_str()));
    let every = every.map(|place| (place, format!("every tool of `{name}` runs without a question")));
    let option =
        option.map(|word| (word.place.clone(), format!("`{name}` is started with `{}`, and asks nobody", word.text)));
    every.into_iter().chain(option).collect()
}
