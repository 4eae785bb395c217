//! Input of a caller changes which endpoint of an API is called.

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
    id: "upstream-path-injection",
    group: "injection",
    title: "input of a caller changes which endpoint of an API is called",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-74", "CWE-22", "CVE-2026-108585"],
    docs: "
An argument of a tool is put into the path of a URL whose host is fixed, as it is. `../../admin/users` or `1/delete?force=true`
in it calls another endpoint, with the credential of the server.

Encode each part: `encodeURIComponent`, `quote(value, safe='')`, `url.PathEscape`, `path_segments_mut().push`. A number, an
identifier that a pattern checks and a value from a fixed set need none.

A part of the query is of low confidence: it adds parameters, and reaches no other endpoint.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads calls another endpoint with the credential of the server";
    let fix = "encode it as one part of the path (`encodeURIComponent`, `quote(.., safe='')`, `url.PathEscape`)";
    let wanted = |flow: &Flow| flow.sink == Sink::Url && flow.part != UrlPart::Host;
    flows::report(project, &RULE, findings, wanted, |flow| {
        if flow.part == UrlPart::Query {
            let told = Told::usual(&RULE, "which requests it as a part of the query", attack, fix);
            return Told { severity: Severity::Low, ..told.guess() };
        }
        let told = Told::usual(&RULE, "which requests it as a part of the path", attack, fix);
        // Without a slash before it, the base may hold anything.
        if flow.before.ends_with('?') { told.guess() } else { told }
    });
}
