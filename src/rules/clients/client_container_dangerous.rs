//! A container that contains nothing.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{
            Word,
            launch::{ContainerRun, Reach, reach},
        },
        registry::is_strong,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-container-dangerous",
    group: "clients",
    title: "a client starts a container that can leave itself",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-250", "CWE-269", "MCP02"],
    docs: "
A container protects the machine from the server in it. `--privileged`, the socket of the container engine, the whole file
system as a volume, the processes of the machine (`--pid host`) or a strong capability give that protection away: a tool that
can be made to run one command then runs it as the administrator of the machine.

Remove the option. Mount the folder that is needed, publish the port that is needed, add the one capability that is needed.

A server whose purpose is to manage containers needs the engine: put a proxy before the socket that allows the calls it
makes, and suppress this rule with that reason. For `--network host` severity is medium: it opens what listens on the machine's
own addresses and not the machine itself.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let Some(run) = server.container() else { continue };
        for (word, what, severity) in dangers(&run) {
            let mut finding = context::finding(
                project,
                &RULE,
                word.place.clone(),
                format!("the container of `{}` {what}", server.name),
                "a tool that can be made to run one command takes over the machine, not only the container",
                "remove the option, and grant the one folder, port or capability that is needed",
            );
            finding.severity = finding.severity.min(severity);
            findings.push(finding);
        }
    }
}

fn dangers(run: &ContainerRun) -> Vec<(&Word, String, Severity)> {
    let mut found = Vec::new();
    for (name, word) in &run.options {
        let value = word.text.trim().to_ascii_lowercase();
        let what = match (name.as_str(), value.as_str()) {
            ("privileged", value) if value != "false" => "is privileged",
            ("pid", "host") => "sees and signals the processes of the machine",
            ("ipc" | "uts" | "userns", "host") => "shares a namespace with the machine",
            ("cap-add", value) if is_strong(value) => "has a capability that leads out of it",
            ("security-opt", value) if value.ends_with("unconfined") || value.contains("label=disable") => {
                "runs without the filter on system calls or files"
            }
            ("network", "host") => {
                found.push((word, "shares the network of the machine".to_owned(), Severity::Medium));
                continue;
            }
            _ => continue,
        };
        found.push((word, what.to_owned(), Severity::High));
    }
    for (source, word) in run.mounts() {
        if let Some(reach @ (Reach::Root | Reach::Engine)) = reach(&source) {
            found.push((word, format!("is given {}", reach.name()), Severity::High));
        }
    }
    found
}
