//! Whoever is signed in may do everything.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tool-authorization-missing",
    group: "auth",
    title: "tools that change things ask nothing of who is signed in",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Rust, Language::Go],
    since: "0.1.0",
    references: &["CWE-862", "MCP02", "MCP07", "MSSS AUTHZ-03"],
    docs: "
Knowing who calls is not the same as knowing what they may do. A server that verifies tokens of many users, and whose tools
delete and send for each of them alike, gives every user the rights of the server.

Read what the token grants, in the tools that change something: `authInfo.scopes` in TypeScript, `get_access_token()` in Python,
the claims in Rust and Go. Or let mcpsec do it: `scopes` of a tool in mcpsec.toml.

It is said once per project, where tokens of users are verified, some tool's name says that it changes something, and no file
speaks of scopes, claims or permissions. A server for one user, behind a token of its own, is right to suppress it.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let rights = &project.facts.conduct.rights;
    let Some(first) = rights.destructive.first().filter(|_| !rights.asks && !rights.identities.is_empty()) else {
        return;
    };
    let names = context::names(rights.destructive.iter().map(|tool| tool.tool.as_str()));
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("whoever is signed in may call {names}"),
        "a user with the least rights, or a model misled in that user's name, deletes what belongs to others",
        "read what the token grants before a tool changes something",
    );
    let signed_in = rights.identities.iter().take(3);
    finding.related = signed_in
        .map(|place| Related { place: place.clone(), message: "callers are identified here".to_owned() })
        .collect();
    findings.push(finding);
}
