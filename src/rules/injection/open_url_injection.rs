//! Input of a caller is handed to the desktop to open.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "open-url-injection",
    group: "injection",
    title: "input of a caller is handed to the desktop to open",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-78", "CWE-601", "CVE-2025-6514", "CVE-2026-35394"],
    docs: "
`open`, `webbrowser.open` and their like hand a text to the desktop, which decides by its beginning what to do: `file:` opens
documents and programs, other schemes start applications with arguments, and some versions of these functions pass the text
to a shell. An argument of a tool, or an address that a remote server sent, must not choose.

Parse it as a URL, and go on only if the scheme is `https:` or `http:`.

A text that begins with a fixed scheme is not reported.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads opens a file or starts an application on the desktop";
    let fix = "parse it as a URL and let only `https:` and `http:` pass";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::OpenUrl,
        |_| Told::usual(&RULE, "which opens whatever it is", attack, fix),
    );
}
