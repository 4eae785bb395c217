//! Clients are told no, and not where to go.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "resource-metadata-missing",
    group: "auth",
    title: "a server that asks for tokens does not say where they come from",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Go],
    since: "0.1.0",
    references: &["RFC 9728", "MCP specification: servers must publish protected resource metadata"],
    docs: "
A client that meets 401 must find out which authorization server to ask. It reads that from the protected resource metadata of
the server, whose address stands in the `WWW-Authenticate` header. Without it people paste tokens by hand, tokens that live
long and may do much.

Serve `/.well-known/oauth-protected-resource` (`mcpAuthMetadataRouter` in TypeScript, `auth.ProtectedResourceMetadataHandler` in
Go), and pass its address to the check (`resourceMetadataUrl`, `ResourceMetadataURL`).

Only the SDKs' own checks of bearer tokens are looked at: keys that are handed out by hand need no metadata. A project that
speaks of it anywhere is believed. Python's SDK serves it by itself.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let rights = &project.facts.conduct.rights;
    let Some(place) = rights.bare_checks.first().filter(|_| !rights.metadata) else { return };
    findings.push(context::finding(
        project,
        &RULE,
        place.clone(),
        "callers are asked for a token, and not told where to get one".to_owned(),
        "nobody attacks by this alone: people work around it with tokens that live long and may do much",
        "serve `/.well-known/oauth-protected-resource`, and name it in `WWW-Authenticate`",
    ));
}
