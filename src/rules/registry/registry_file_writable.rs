//! Another user of the machine may decide which servers run.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{File, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "registry-file-writable",
    group: "registry",
    title: "other users may change which servers are started",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-732", "CWE-276", "MCP09"],
    docs: "
A registry of servers (`mcp-docker-registry.json`) names the images and options that a proxy starts. Who may write to the file
decides what runs, with the rights of the person who starts the proxy. This file may be written by every user of the machine, or
by every member of its group.

Take the right away: `chmod 644`, or `chmod 600` where it holds anything that others need not know.

Judged is what the file system says where the check runs; git keeps only whether a file is executable, so that another machine may
say otherwise. On systems that give every person a group of their own a writable group harms nobody: that is reported with
low severity and low confidence. Where every file of the project is open to everybody, the file system has no such rights, and
nothing is reported.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.registries.is_empty() { Err("no registry of servers was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // Drives of another system show everything as open to everybody.
    let open = |file: &File| file.mode.is_none_or(|mode| mode & 0o777 == 0o777);
    if project.files.iter().all(open) {
        return;
    }
    for registry in &project.registries {
        let Some(mode) = project.file(&registry.path).and_then(|file| file.mode).filter(|mode| mode & 0o022 != 0)
        else {
            continue;
        };
        let everybody = mode & 0o002 != 0;
        let who = if everybody { "every user of the machine" } else { "every member of its group" };
        let mut finding = context::finding(
            project,
            &RULE,
            Place::top(&registry.path),
            format!("this registry of servers may be changed by {who}: its mode is {:03o}", mode & 0o777),
            "another user of the machine adds a server, or changes an image, and it runs as the person",
            "take the right to write from others: `chmod 644`",
        );
        if !everybody {
            (finding.severity, finding.confidence) = (Severity::Low, Confidence::Low);
        }
        findings.push(finding);
    }
}
