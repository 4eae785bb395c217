//! Input of a caller decides which program is started.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "launch-from-input",
    group: "injection",
    title: "input of a caller decides which program is started",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-78", "CWE-114", "CVE-2026-30615", "SAFE-T1101"],
    docs: "
An argument of a tool is the program that is started: the command of another MCP server (`StdioClientTransport`,
`StdioServerParameters`, `TokioChildProcess`), or the first word of a process. Whoever decides that runs any program with the
rights of the server, also without a shell.

Start programs from a fixed list, and let the caller choose among their names.

A tool whose purpose is to run commands is told by `arbitrary-command-tool`. A command from the configuration of the local user is no
input of a caller, and not reported.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads starts any program with the rights of the server";
    let fix = "start programs from a fixed list, and let the caller choose a name from it";
    let wanted = |flow: &Flow| flow.sink == Sink::Launch || flow.sink == Sink::Program && !flow.by_design;
    flows::report(project, &RULE, findings, wanted, |_| {
        Told::usual(&RULE, "which starts the program that it names", attack, fix)
    });
}
