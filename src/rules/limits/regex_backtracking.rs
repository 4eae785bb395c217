//! Input of a caller is used as a regular expression.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "regex-backtracking",
    group: "limits",
    title: "input of a caller is used as a regular expression",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-1333", "CWE-400"],
    docs: "
The regular expressions of JavaScript and Python try one way after the other. A pattern such as `(a+)+$` takes time that
doubles with each letter, and a server with one thread answers nobody meanwhile. If an argument of a tool is the pattern, its
caller decides that.

Escape it where a plain text is meant (`RegExp.escape`, `re.escape`). Where patterns are wanted, use an engine that takes
linear time (RE2, the `regex` crate, ripgrep), or a time limit in another thread or process.

Patterns of Rust and Go take linear time, and are not reported.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads sends a pattern that keeps the server busy for hours";
    let fix = "escape the text, or match with an engine that takes linear time";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Regex,
        |_| Told::usual(&RULE, "which matches by backtracking", attack, fix),
    );
}
