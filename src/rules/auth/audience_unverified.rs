//! A token that was meant for somebody else.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Flaw},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "audience-unverified",
    group: "auth",
    title: "tokens that were issued for another server are accepted",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-287", "CWE-863", "MCP07", "MCP specification: servers must validate that tokens were issued for them"],
    docs: "
An issuer signs tokens for many services. A server that checks the signature and not the audience accepts a token that its
user gave to some other service: whoever runs that one calls the tools here in the user's name.

Compare the audience with the address of this server: `audience` for `jwtVerify` and `jwt.verify` in TypeScript, `audience=`
in Python, `set_audience` in Rust, `jwt.WithAudience` in Go. For opaque tokens compare the `aud` of the introspection's answer.

A file that speaks of an audience anywhere is not reported, nor is a project that signs its tokens itself: they are meant
for it. In Python and Rust the libraries refuse foreign audiences on their own, so that only an option that switches this
off is reported. Introspection of opaque tokens is not looked at.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for token in project.facts.conduct.token_checks.iter().filter(|token| token.flaw == Flaw::Audience) {
        let mut finding = context::finding(
            project,
            &RULE,
            token.place.clone(),
            format!("`{}` does not ask for whom the token was issued", token.written),
            "who runs another service of the same issuer uses its users' tokens here",
            "require the address of this server as the audience",
        );
        // A secret that both sides share is often known to this server alone.
        if !token.of_callers || token.written.to_lowercase().contains("secret") {
            finding.confidence = finding.confidence.min(Confidence::Medium);
        }
        findings.push(finding);
    }
}
