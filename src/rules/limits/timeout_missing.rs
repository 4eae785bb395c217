//! A call that waits for ever.

use crate::{
    edits,
    finding::{Confidence, Finding, Related, Safety, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "timeout-missing",
    group: "limits",
    title: "calls of tools to the outside may wait for ever",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-400", "CWE-1088", "MSSS NET-03"],
    docs: "
A tool that asks another service, or runs a program, waits for it. Where nothing ends the wait, a peer that answers slowly or
never holds the call, its connection and its memory; a few such calls, and the server serves nobody.

Say how long each call may take: `signal: AbortSignal.timeout(10_000)` for `fetch`, `timeout` for axios, `requests` and
`subprocess.run`, `Client::builder().timeout(..)` for reqwest, `http.Client{Timeout: ..}`, or a context with a deadline, in Go.

It is said once per project, with the places. What the library does by itself counts: httpx gives up after five seconds. A
function that speaks of a time-out, a deadline or a signal anywhere is believed, and options that are computed are too.
Calls that are not known to be reachable from a tool are not reported.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let calls = &project.facts.conduct.outbound;
    let Some(first) = calls.iter().min_by_key(|call| context::role(project, &call.place)) else { return };
    let of = first.tool.as_ref().map(|tool| format!(", called by the tool `{tool}`,")).unwrap_or_default();
    let others = calls.iter().filter(|call| call.place != first.place);
    let related: Vec<Related> = others
        .take(20)
        .map(|call| Related { place: call.place.clone(), message: format!("`{}` waits as well", call.call) })
        .collect();
    let finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("`{}`{of} waits as long as the other side likes", first.call),
        "a service that answers slowly, or a caller who makes it slow, takes up every call that the server can hold",
        "set a time-out, or pass a deadline on",
    );
    let fix = edits::fix("set a time-out, or pass a deadline on", Safety::Unsafe, edits::timeouts::all(project, calls));
    findings.push(Finding { related, fix: Some(fix), ..finding });
}
