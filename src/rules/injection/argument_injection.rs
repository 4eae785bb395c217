//! Input of a caller can be taken for an option of a program.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "argument-injection",
    group: "injection",
    title: "input of a caller can be taken for an option of a program",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-88", "MCP05", "MSSS EXEC-02", "CVE-2025-68144", "CVE-2026-27735"],
    docs: "
A program is started without a shell, and an argument of a tool becomes an argument of the program. If it begins with `-`, the
program takes it for an option. Some options run commands or write files: `git --upload-pack`, `tar --checkpoint-action`,
`curl -o`, `ssh -oProxyCommand`, `find -exec`, `rsync -e`.

Refuse values that begin with `-`, or put `--` before arguments of callers, where the program knows it. Git takes what follows
`--` for a path: before a revision or branch it is `--end-of-options`. Otherwise join the value to its option (`--name=value`),
or take only values from a fixed set.

Not reported are programs without such options, values after `--`, values that are a piece of a larger argument, and values
that were checked. The value of an option (`-n`, value) is of low confidence, for most programs take it as it is. So is a
program that the doctor does not know.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack =
        "whoever writes a text that the model reads adds an option, such as one that runs a command or writes a file";
    let fix = "refuse what begins with `-`, put `--` before it (`--end-of-options` before a revision of git), \
               or join it to its option with `=`";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Argument,
        |flow| {
            let told = Told::usual(&RULE, "which takes it for an option when it begins with `-`", attack, fix);
            match flow.known && !flow.after_option {
                true => told,
                false => Told { severity: Severity::Medium, ..told.guess() },
            }
        },
    );
}
