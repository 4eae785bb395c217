//! A check that lets pass what it cannot check.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Opens},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "auth-fail-open",
    group: "auth",
    title: "a check of credentials fails open",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-636", "CWE-287", "MCP07", "CVE-2026-54446"],
    docs: "
A check is worth what it does when something goes wrong. Where an error of the verification is caught and the request goes on,
a token that cannot be parsed is as good as a valid one. Where the credential is compared only if it was sent, leaving it out
is the way in.

Refuse unless the check has said yes: answer 401 in the `catch`, and test for the missing credential first.

A check that is skipped where the server's own secret is not set is reported by http-auth-missing. Functions whose name says
that signing in is optional are not reported, nor are checks after which the function refuses what was not identified.
Rust's errors must be handled to compile; what is done with them is not looked at.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for gate in &project.facts.conduct.open_gates {
        let (message, attack) = match gate.opens {
            Opens::OnError => (
                format!("`{}` lets the request pass although the check failed", gate.written),
                "a token that cannot be verified, such as three random letters, opens the server",
            ),
            Opens::WhenAbsent => (
                format!("`{}` compares the credential only where one was sent", gate.written),
                "a request without any credential is not compared with anything, and passes",
            ),
            Opens::BesideIt | Opens::ByClaim => continue,
        };
        let fix = "refuse with 401 unless the check has said yes";
        findings.push(context::finding(project, &RULE, gate.place.clone(), message, attack, fix));
    }
}
