//! One request that fills the memory.

use crate::{
    finding::{Confidence, Finding, Fix, Place, Related, Severity},
    project::{
        Language, Project,
        facts::{Protects, Unbounded},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "body-limit-missing",
    group: "limits",
    title: "bodies of requests are read whole, whatever their size",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Rust, Language::Go],
    since: "0.1.0",
    references: &["CWE-400", "CWE-770", "MCP07", "CVE-2026-108859", "CVE-2026-52869", "MSSS NET-03"],
    docs: "
A server that reads a request before it asks who sent it, and without counting, can be filled by one request. Parsing what
was read takes several times as much again.

Refuse what no call needs, such as more than 4 MiB, before it is read: leave the limits of the frameworks on (`express.json`
has 100 KiB, axum 2 MiB), wrap the handler in `http.MaxBytesHandler` in Go, count the bytes where a stream is read by hand.
The SDKs read with a limit of 4 MiB since `@modelcontextprotocol/sdk` 1.31, `@modelcontextprotocol/server` 2.1 and `mcp`
1.29.1; mcp-go has none.

A reverse proxy may limit bodies in front; it cannot be seen, so that what depends on the SDK's version is medium. A limit
above 64 MiB counts as none. A function that speaks of a limit is believed.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for option in project.facts.conduct.weak_options.iter().filter(|option| option.protects == Protects::BodyLimit) {
        let message = format!("`{}` lets bodies of any size in", option.written);
        findings.push(finding(project, &option.place, message, Severity::High));
    }
    for body in project.facts.conduct.bodies.iter().filter(|body| body.why == Unbounded::Read) {
        let message = "a body is read whole, and nothing counts its bytes".to_owned();
        findings.push(finding(project, &body.place, message, Severity::High));
    }
    // The SDK is one, wherever it is used.
    let mut of_sdk = project.facts.conduct.bodies.iter().filter(|body| body.why == Unbounded::Sdk);
    if let Some(first) = of_sdk.next() {
        let message = "this version of the SDK reads bodies of any size".to_owned();
        let related = of_sdk.map(|body| Related { place: body.place.clone(), message: "here as well".to_owned() });
        let mut found = finding(project, &first.place, message, Severity::Medium);
        let is_go = project.file(&first.place.path).is_some_and(|file| file.language == Some(Language::Go));
        if !is_go {
            let advice =
                "update the SDK, whose newer versions stop at 4 MiB, or refuse larger bodies before they are read";
            found.fix = Some(Fix::advice(advice));
        }
        findings.push(Finding { related: related.collect(), ..found });
    }
}

fn finding(project: &Project, place: &Place, message: String, severity: Severity) -> Finding {
    let attack = "one request of some gigabytes, without any key, ends the process";
    let fix = "refuse bodies larger than calls need, for instance 4 MiB, before they are read";
    let found = context::finding(project, &RULE, place.clone(), message, attack, fix);
    Finding { severity: found.severity.min(severity), ..found }
}
