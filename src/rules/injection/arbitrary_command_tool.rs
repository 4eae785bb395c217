//! A tool runs whatever command or code its caller sends.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink},
    },
    rules::{Rule, context, flows},
};

pub(super) static RULE: Rule = Rule {
    id: "arbitrary-command-tool",
    group: "injection",
    title: "a tool runs whatever command or code its caller sends",
    severity: Severity::Info,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-78", "MCP05"],
    docs: "
Running commands, programs or code is what this tool is for. That is no bug of its code, and nobody should install it without
knowing: a model that reads a hostile text can be talked into anything that the tool can do.

Let a person approve each call, run it in a container or sandbox without credentials and with little network, and write down
that the server needs this.

Told once for each tool, by its name and that of its parameter; a wrong guess is possible where a tool named `run` does
something else.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let wanted = |flow: &Flow| matches!(flow.sink, Sink::Shell | Sink::Program | Sink::Code) && flow.by_design;
    let attack = "whoever writes a text that the model reads has the tool run commands of theirs";
    let fix = "let a person approve each call, and run it in a sandbox without credentials";
    flows::report_tools(project, &RULE, findings, wanted, "runs what its caller sends", (attack, fix));
}
