//! A code that is sent to somebody else.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Protects},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "oauth-redirect-wildcard",
    group: "auth",
    title: "redirect addresses are compared by a part of them",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-601", "CWE-287", "MCP07", "MCP specification: redirect addresses must match exactly"],
    docs: "
After its user has agreed, an authorization server sends the browser back to the client, with a code in the address. If it
compares that address by a prefix, a fragment or a pattern, `https://app.example` also matches `https://app.example.evil.test`,
and the code goes there.

Compare the whole address with those that the client has registered. The one exception is the port of a loopback address,
for programs on the user's machine (RFC 8252): parse the address, and compare host and path.

A prefix that ends after the host (`https://app.example/`, `http://localhost:`) and a scheme of one's own are not reported,
though only the whole address is right. What a library compares is not seen.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let options = project.facts.conduct.weak_options.iter().filter(|option| option.protects == Protects::Redirect);
    let options = options.map(|option| (&option.place, &option.written, Confidence::High));
    let checks = project.facts.conduct.redirect_checks.iter().map(|it| (&it.place, &it.written, Confidence::Medium));
    for (place, written, confidence) in options.chain(checks) {
        let mut finding = context::finding(
            project,
            &RULE,
            place.clone(),
            format!("`{written}` lets redirect addresses of other hosts pass"),
            "a link with a redirect to another host brings its sender the code of whoever agrees",
            "compare the whole address with those that the client has registered",
        );
        finding.confidence = finding.confidence.min(confidence);
        findings.push(finding);
    }
}
