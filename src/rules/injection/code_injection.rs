//! Input of a caller is run as code.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "code-injection",
    group: "injection",
    title: "input of a caller is run as code",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-94", "CWE-95", "MCP05"],
    docs: "
An argument of a tool is evaluated: `eval`, `new Function`, `vm.runInContext`, `exec`, `compile`. The code runs with the
rights of the server; Node's `vm` and an empty `__builtins__` keep nobody in.

Parse instead of evaluating: `JSON.parse`, `ast.literal_eval`, a parser for expressions. A value from a fixed set, and an
expression that may consist of digits and operators alone, are not reported.

Where running code is what the tool is for, the finding is informational: what such a tool needs is a sandbox of its own
process, and a person who approves.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads runs code in the process of the server";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Code,
        |flow| {
            if flow.by_design {
                let fix = "run the code in a process of its own without rights, and let a person approve it";
                let told = Told::usual(&RULE, "which runs it as code, by design", attack, fix);
                return Told { severity: Severity::Info, ..told };
            }
            let fix = "parse the input as data instead of evaluating it";
            Told::usual(&RULE, "which runs it as code", attack, fix)
        },
    );
}
