//! Input of a caller becomes a part of a script of the desktop.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "script-host-injection",
    group: "injection",
    title: "input of a caller becomes a part of a script of the desktop",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-78", "CWE-94", "MCP05"],
    docs: "
AppleScript is built as text from an argument of a tool. A quote in it ends the string, and `do shell script` behind it runs
commands. There is no shell in between to blame, and quoting for a shell does not help.

Hand values over as arguments: `osascript -e 'on run argv' .. -- value`, and read `item 1 of argv`. `JSON.stringify` makes a
string that is safe in JXA.

Values that follow the script as arguments are not reported.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads ends the string and runs `do shell script`";
    let fix = "keep the script fixed, and hand the value over as an argument (`on run argv`)";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Script,
        |flow| {
            let told = Told::usual(&RULE, "which runs it as a script", attack, fix);
            if flow.embedded { told } else { Told { severity: Severity::Info, ..told } }
        },
    );
}
