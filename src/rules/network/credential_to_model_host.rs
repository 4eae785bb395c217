//! A credential of the server goes to a host that the caller names.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink, UrlPart},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "credential-to-model-host",
    group: "network",
    title: "a credential of the server goes to a host that the caller names",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-522", "CWE-201", "CVE-2026-53957"],
    docs: "
A request carries a credential of the server (`Authorization`, a cookie, an API key), and an argument of a tool decides its
host. The caller names a host of its own, and has the credential.

Add credentials only after the parsed host was compared with the one that they belong to, or build the URL from a fixed base
and an encoded path.

Seen are headers that are written at the request. Credentials that a client object adds by itself are not.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads names a host of their own, and receives the credential";
    let fix = "compare the parsed host with the one that the credential belongs to before adding it";
    let wanted = |flow: &Flow| {
        flow.sink == Sink::Url && flow.part == UrlPart::Host && flow.weakness.is_none() && flow.credential
    };
    flows::report(project, &RULE, findings, wanted, |_| {
        Told::usual(&RULE, "which sends a credential of the server wherever it leads", attack, fix)
    });
}
