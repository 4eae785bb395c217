//! A service is reached without encryption.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "cleartext-endpoint",
    group: "transport",
    title: "a service is reached without encryption",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-319", "MCP07"],
    docs: "
Over `http://` everybody on the way reads requests, with their keys, and changes answers. What a tool answers is read by a model: who
changes it gives the model orders.

Use `https://`; nearly every public service has it.

Reported are literal addresses of public hosts that are requested, given to a client of MCP, or kept under a name that says that a
service is reached there (`BASE_URL`, `issuer`), then with medium confidence. Addresses of the same machine, of private networks and of
documentation, names of schemas and namespaces, and addresses that are put together elsewhere are not reported.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for endpoint in &project.facts.cleartext_endpoints {
        let mut finding = context::finding(
            project,
            &RULE,
            endpoint.place.clone(),
            format!("`{}` is reached over `http://`", endpoint.host),
            "whoever sits on the way reads the keys that are sent, and writes the answer that the model reads",
            "use `https://`",
        );
        finding.confidence = finding.confidence.min(endpoint.confidence);
        findings.push(finding);
    }
}
