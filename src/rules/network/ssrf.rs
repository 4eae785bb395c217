//! Input of a caller decides where a request goes.

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
    id: "ssrf",
    group: "network",
    title: "input of a caller decides where a request goes",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-918", "MCP05", "MSSS NET-01"],
    docs: "
An argument of a tool is the URL of a request, or decides its host. The server then asks whatever the caller names: services
of its own machine and network that trust it, and at `169.254.169.254` the credentials of the cloud that it runs in.

Compare the parsed host with a fixed list. Where any host must be reachable, resolve the name, refuse private, loopback and
link-local addresses, connect to the address that was checked, and do the same for each redirect; or send requests through a
proxy that does.

A URL whose host is fixed is not reported here. A check that does not hold is told by `ssrf-partial-guard`. Where fetching any
page is what the tool is for, the finding stands until there is such a policy: it is what the deployment must add.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads makes the server request internal addresses, such as `169.254.169.254`";
    let fix = "compare the parsed host with a fixed list, or refuse private addresses when connecting";
    let wanted = |flow: &Flow| {
        flow.sink == Sink::Url && flow.part == UrlPart::Host && flow.weakness.is_none() && !flow.credential
    };
    flows::report(project, &RULE, findings, wanted, |_| {
        Told::usual(&RULE, "which requests whatever it names", attack, fix)
    });
}
