//! A code that is worth something to who steals it.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Protects},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "pkce-missing",
    group: "auth",
    title: "authorization codes are not bound to the client that asked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-352", "CWE-287", "MCP07", "RFC 7636", "MCP specification: clients must use PKCE with S256"],
    docs: "
An authorization code travels through the browser, where other pages, apps and logs see it. PKCE binds it to the client that
asked: who redeems it must know a secret whose hash was sent first. With the method `plain` that secret itself is sent
first, in the same way as the code.

Use `S256`, and announce it alone in `code_challenge_methods_supported`.

Only what is written as a constant is looked at: a flow that has no challenge at all is not found. Client credentials need
no PKCE and name no method.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for option in project.facts.conduct.weak_options.iter().filter(|option| option.protects == Protects::Pkce) {
        findings.push(context::finding(
            project,
            &RULE,
            option.place.clone(),
            format!("`{}` does not bind codes to who asked for them", option.written),
            "whoever sees the redirect redeems the code, and holds the user's token",
            "use the method S256, and announce no other",
        ));
    }
}
