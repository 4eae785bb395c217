//! Input of a caller decides what a browser of the server opens.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "browser-navigation",
    group: "network",
    title: "input of a caller decides what a browser of the server opens",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-918", "MSSS NET-01"],
    docs: "
A browser that the server drives opens whatever an argument of a tool names: `file:///etc/passwd`, internal pages, the
address of the cloud's credentials. What it shows goes back to the model.

Let only `https:` and `http:` pass, and keep the browser away from internal networks: a list of origins, or a proxy.

A browser tool opens pages by design, and a check of the scheme is enough for this rule. Which origins it may reach is for its
deployment to say.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads has the browser open local files and internal pages";
    let fix = "let only `https:` and `http:` pass, and keep the browser away from internal hosts";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Navigation,
        |_| Told::usual(&RULE, "which opens whatever it names", attack, fix),
    );
}
