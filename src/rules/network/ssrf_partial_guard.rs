//! A check of a URL lets internal addresses through.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink, UrlPart, Weakness},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "ssrf-partial-guard",
    group: "network",
    title: "a check of a URL lets internal addresses through",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-918", "CVE-2026-26118", "CVE-2026-49857"],
    docs: "
There is a check of the URL, and it does not keep requests away from internal addresses. A check of the scheme lets any host
pass. A list of bad hosts knows `localhost` and not `127.1`, `[::1]`, `0.0.0.0`, or a name that resolves there. A part of the
host's text (`includes`, `endsWith` without the dot) is easily put into another name. A list that is empty by default
checks nothing.

Compare the parsed host with a fixed list. Where any host must be reachable, resolve, refuse private addresses, and connect
to the address that was checked.

A function that judges addresses is not taken apart: it is shown at low confidence, because the name may resolve differently
when the request is made.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack =
        "whoever writes a text that the model reads names an internal address in a way that the check does not know";
    let fix = "compare the parsed host with a fixed list, or refuse private addresses when connecting";
    // What follows redirects is told by `redirect-unchecked`.
    let wanted = |flow: &Flow| {
        flow.sink == Sink::Url && flow.part == UrlPart::Host && flow.weakness.is_some() && !flow.redirected
    };
    flows::report(project, &RULE, findings, wanted, |flow| {
        let weakness = flow.weakness.as_ref().map_or(Weakness::Scheme, |(weakness, _)| *weakness);
        let wrong = format!("which requests it, and the check before {}", weakness.note());
        let told = Told::usual(&RULE, &wrong, attack, fix);
        if weakness == Weakness::Addresses { told.guess() } else { told }
    });
}
