//! Rules: one folder per group, one file per rule, named after its id.
//!
//! A rule is a value with its documentation and a pure function from the project to findings. It reads facts, never
//! a file, the clock, the environment or another rule, and it cannot fail.
#![deny(clippy::disallowed_methods)]

use std::sync::LazyLock;

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
};

mod context;
pub(crate) use context::front;
pub mod examples;
mod exposures;
mod flows;

/// A weakness that the doctor knows.
#[derive(Debug)]
pub struct Rule {
    /// Unique kebab-case name: of the file, the suppression, the SARIF rule. For ever.
    pub id: &'static str,
    /// Folder it lives in.
    pub group: &'static str,
    /// One lowercase line.
    pub title: &'static str,
    /// Usual severity.
    pub severity: Severity,
    /// Usual confidence.
    pub confidence: Confidence,
    /// Languages whose code it reads; empty for rules about files. The fixture has a case that fires and one that is
    /// quiet for each.
    pub languages: &'static [Language],
    /// Version that brought it.
    pub since: &'static str,
    /// CWE, OWASP MCP Top 10, requirement of the specification, CVE.
    pub references: &'static [&'static str],
    /// Markdown: what, why, what an attacker does, how to fix, when it is wrong to fix.
    pub docs: &'static str,
    /// Whether it applies to this project; the reason where it does not.
    pub applies: fn(&Project) -> Result<(), &'static str>,
    /// Adds its findings.
    pub check: fn(&Project, &mut Vec<Finding>),
}

/// For rules that apply to every project.
pub fn always(_: &Project) -> Result<(), &'static str> {
    Ok(())
}

/// Every rule, sorted by id.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<_> = GROUPS.concat();
    rules.sort_by_key(|rule| rule.id);
    rules
});

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.binary_search_by_key(&id, |rule| rule.id).ok().map(|index| RULES[index])
}

/// The Markdown text that holds the examples of a rule: its tests and the second half of its page.
pub fn example_text(id: &str) -> Option<&'static str> {
    EXAMPLES.iter().find(|(rule, _)| *rule == id).map(|(_, text)| *text)
}

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod auth;
mod capabilities;
mod clients;
mod container;
mod docs;
mod doctor;
mod injection;
mod lang;
mod limits;
mod metadata;
mod network;
mod output;
mod path;
mod policy;
mod registry;
mod repo;
mod secrets;
mod supply_chain;
mod tests;
mod transport;
mod workflows;

#[rustfmt::skip]
static GROUPS: &[&[&Rule]] = &[
    auth::RULES,
    capabilities::RULES,
    clients::RULES,
    container::RULES,
    docs::RULES,
    doctor::RULES,
    injection::RULES,
    lang::RULES,
    limits::RULES,
    metadata::RULES,
    network::RULES,
    output::RULES,
    path::RULES,
    policy::RULES,
    registry::RULES,
    repo::RULES,
    secrets::RULES,
    supply_chain::RULES,
    tests::RULES,
    transport::RULES,
    workflows::RULES,
];

#[rustfmt::skip]
static EXAMPLES: &[(&str, &str)] = &[
    ("action-unpinned", include_str!("../../fixtures/rules/action-unpinned.md")),
    ("agent-on-untrusted-trigger", include_str!("../../fixtures/rules/agent-on-untrusted-trigger.md")),
    ("annotation-contradiction", include_str!("../../fixtures/rules/annotation-contradiction.md")),
    ("annotations-missing", include_str!("../../fixtures/rules/annotations-missing.md")),
    ("ansi-in-output", include_str!("../../fixtures/rules/ansi-in-output.md")),
    ("arbitrary-command-tool", include_str!("../../fixtures/rules/arbitrary-command-tool.md")),
    ("arbitrary-sql-tool", include_str!("../../fixtures/rules/arbitrary-sql-tool.md")),
    ("archive-traversal", include_str!("../../fixtures/rules/archive-traversal.md")),
    ("argument-injection", include_str!("../../fixtures/rules/argument-injection.md")),
    ("argument-logging", include_str!("../../fixtures/rules/argument-logging.md")),
    ("assert-validation", include_str!("../../fixtures/rules/assert-validation.md")),
    ("audience-unverified", include_str!("../../fixtures/rules/audience-unverified.md")),
    ("audit-log-missing", include_str!("../../fixtures/rules/audit-log-missing.md")),
    ("auth-fail-open", include_str!("../../fixtures/rules/auth-fail-open.md")),
    ("baseline-stale", include_str!("../../fixtures/rules/baseline-stale.md")),
    ("bind-all-interfaces", include_str!("../../fixtures/rules/bind-all-interfaces.md")),
    ("body-limit-missing", include_str!("../../fixtures/rules/body-limit-missing.md")),
    ("browser-navigation", include_str!("../../fixtures/rules/browser-navigation.md")),
    ("builtin-name-shadow", include_str!("../../fixtures/rules/builtin-name-shadow.md")),
    ("cache-scope-public", include_str!("../../fixtures/rules/cache-scope-public.md")),
    ("cache-unbounded", include_str!("../../fixtures/rules/cache-unbounded.md")),
    ("caller-asserted-identity", include_str!("../../fixtures/rules/caller-asserted-identity.md")),
    ("capability-undeclared", include_str!("../../fixtures/rules/capability-undeclared.md")),
    ("capability-unregistered", include_str!("../../fixtures/rules/capability-unregistered.md")),
    ("child-full-environment", include_str!("../../fixtures/rules/child-full-environment.md")),
    ("cleartext-endpoint", include_str!("../../fixtures/rules/cleartext-endpoint.md")),
    ("client-auto-approve", include_str!("../../fixtures/rules/client-auto-approve.md")),
    ("client-command-writable", include_str!("../../fixtures/rules/client-command-writable.md")),
    ("client-config-unparsable", include_str!("../../fixtures/rules/client-config-unparsable.md")),
    ("client-container-dangerous", include_str!("../../fixtures/rules/client-container-dangerous.md")),
    ("client-env-redirect", include_str!("../../fixtures/rules/client-env-redirect.md")),
    ("client-filesystem-broad", include_str!("../../fixtures/rules/client-filesystem-broad.md")),
    ("client-hidden-unicode", include_str!("../../fixtures/rules/client-hidden-unicode.md")),
    ("client-name-shadow", include_str!("../../fixtures/rules/client-name-shadow.md")),
    ("client-remote-anonymous", include_str!("../../fixtures/rules/client-remote-anonymous.md")),
    ("client-remote-cleartext", include_str!("../../fixtures/rules/client-remote-cleartext.md")),
    ("client-runner-unpinned", include_str!("../../fixtures/rules/client-runner-unpinned.md")),
    ("client-secret-inline", include_str!("../../fixtures/rules/client-secret-inline.md")),
    ("client-shell-launcher", include_str!("../../fixtures/rules/client-shell-launcher.md")),
    ("client-url-credentials", include_str!("../../fixtures/rules/client-url-credentials.md")),
    ("code-injection", include_str!("../../fixtures/rules/code-injection.md")),
    ("compose-port-public", include_str!("../../fixtures/rules/compose-port-public.md")),
    ("concurrency-cap-missing", include_str!("../../fixtures/rules/concurrency-cap-missing.md")),
    ("configuration-weakened", include_str!("../../fixtures/rules/configuration-weakened.md")),
    ("confused-deputy", include_str!("../../fixtures/rules/confused-deputy.md")),
    ("container-hardening", include_str!("../../fixtures/rules/container-hardening.md")),
    ("container-image-unpinned", include_str!("../../fixtures/rules/container-image-unpinned.md")),
    ("container-privileged", include_str!("../../fixtures/rules/container-privileged.md")),
    ("container-root", include_str!("../../fixtures/rules/container-root.md")),
    ("container-secret", include_str!("../../fixtures/rules/container-secret.md")),
    ("cors-wildcard", include_str!("../../fixtures/rules/cors-wildcard.md")),
    ("credential-to-model-host", include_str!("../../fixtures/rules/credential-to-model-host.md")),
    ("curl-pipe-shell", include_str!("../../fixtures/rules/curl-pipe-shell.md")),
    ("debug-enabled", include_str!("../../fixtures/rules/debug-enabled.md")),
    ("dependency-from-url", include_str!("../../fixtures/rules/dependency-from-url.md")),
    ("dependency-malicious", include_str!("../../fixtures/rules/dependency-malicious.md")),
    ("dependency-typosquat", include_str!("../../fixtures/rules/dependency-typosquat.md")),
    ("dependency-unpinned", include_str!("../../fixtures/rules/dependency-unpinned.md")),
    ("dependency-updates-missing", include_str!("../../fixtures/rules/dependency-updates-missing.md")),
    ("deprecated-feature", include_str!("../../fixtures/rules/deprecated-feature.md")),
    ("deprecated-sse", include_str!("../../fixtures/rules/deprecated-sse.md")),
    ("description-encoded", include_str!("../../fixtures/rules/description-encoded.md")),
    ("description-missing", include_str!("../../fixtures/rules/description-missing.md")),
    ("dispatch-mismatch", include_str!("../../fixtures/rules/dispatch-mismatch.md")),
    ("dockerignore-missing-env", include_str!("../../fixtures/rules/dockerignore-missing-env.md")),
    ("doctor-not-in-ci", include_str!("../../fixtures/rules/doctor-not-in-ci.md")),
    ("duplicate-tool-name", include_str!("../../fixtures/rules/duplicate-tool-name.md")),
    ("elicitation-secret", include_str!("../../fixtures/rules/elicitation-secret.md")),
    ("env-file-committed", include_str!("../../fixtures/rules/env-file-committed.md")),
    ("env-not-ignored", include_str!("../../fixtures/rules/env-not-ignored.md")),
    ("environment-undocumented", include_str!("../../fixtures/rules/environment-undocumented.md")),
    ("gate-asymmetry", include_str!("../../fixtures/rules/gate-asymmetry.md")),
    ("handler-recovery-missing", include_str!("../../fixtures/rules/handler-recovery-missing.md")),
    ("header-body-desync", include_str!("../../fixtures/rules/header-body-desync.md")),
    ("header-parameter-invalid", include_str!("../../fixtures/rules/header-parameter-invalid.md")),
    ("header-parameter-sensitive", include_str!("../../fixtures/rules/header-parameter-sensitive.md")),
    ("hidden-unicode", include_str!("../../fixtures/rules/hidden-unicode.md")),
    ("host-check-disabled", include_str!("../../fixtures/rules/host-check-disabled.md")),
    ("host-check-missing", include_str!("../../fixtures/rules/host-check-missing.md")),
    ("http-auth-missing", include_str!("../../fixtures/rules/http-auth-missing.md")),
    ("http-timeouts-missing", include_str!("../../fixtures/rules/http-timeouts-missing.md")),
    ("install-scripts", include_str!("../../fixtures/rules/install-scripts.md")),
    ("jwt-unverified", include_str!("../../fixtures/rules/jwt-unverified.md")),
    ("launch-from-input", include_str!("../../fixtures/rules/launch-from-input.md")),
    ("license-missing", include_str!("../../fixtures/rules/license-missing.md")),
    ("list-changed-never-sent", include_str!("../../fixtures/rules/list-changed-never-sent.md")),
    ("list-varies-by-connection", include_str!("../../fixtures/rules/list-varies-by-connection.md")),
    ("list-without-call", include_str!("../../fixtures/rules/list-without-call.md")),
    ("lockfile-missing", include_str!("../../fixtures/rules/lockfile-missing.md")),
    ("metadata-endpoint-reachable", include_str!("../../fixtures/rules/metadata-endpoint-reachable.md")),
    ("no-mcp-surface", include_str!("../../fixtures/rules/no-mcp-surface.md")),
    ("nosql-injection", include_str!("../../fixtures/rules/nosql-injection.md")),
    ("oauth-redirect-wildcard", include_str!("../../fixtures/rules/oauth-redirect-wildcard.md")),
    ("open-url-injection", include_str!("../../fixtures/rules/open-url-injection.md")),
    ("output-unbounded", include_str!("../../fixtures/rules/output-unbounded.md")),
    ("package-publishes-secrets", include_str!("../../fixtures/rules/package-publishes-secrets.md")),
    ("panic-on-argument", include_str!("../../fixtures/rules/panic-on-argument.md")),
    ("path-prefix-check", include_str!("../../fixtures/rules/path-prefix-check.md")),
    ("path-symlink-escape", include_str!("../../fixtures/rules/path-symlink-escape.md")),
    ("path-traversal", include_str!("../../fixtures/rules/path-traversal.md")),
    ("pkce-missing", include_str!("../../fixtures/rules/pkce-missing.md")),
    ("policy-capability-mismatch", include_str!("../../fixtures/rules/policy-capability-mismatch.md")),
    ("policy-invalid", include_str!("../../fixtures/rules/policy-invalid.md")),
    ("policy-name-unknown", include_str!("../../fixtures/rules/policy-name-unknown.md")),
    ("policy-open-to-anyone", include_str!("../../fixtures/rules/policy-open-to-anyone.md")),
    ("predictable-handle", include_str!("../../fixtures/rules/predictable-handle.md")),
    ("provenance-missing", include_str!("../../fixtures/rules/provenance-missing.md")),
    ("publish-token-long-lived", include_str!("../../fixtures/rules/publish-token-long-lived.md")),
    ("pull-request-target-checkout", include_str!("../../fixtures/rules/pull-request-target-checkout.md")),
    ("quickstart-insecure", include_str!("../../fixtures/rules/quickstart-insecure.md")),
    ("rate-limit-missing", include_str!("../../fixtures/rules/rate-limit-missing.md")),
    ("rate-limit-weak", include_str!("../../fixtures/rules/rate-limit-weak.md")),
    ("raw-error-exposed", include_str!("../../fixtures/rules/raw-error-exposed.md")),
    ("redirect-unchecked", include_str!("../../fixtures/rules/redirect-unchecked.md")),
    ("refusal-untested", include_str!("../../fixtures/rules/refusal-untested.md")),
    ("regex-backtracking", include_str!("../../fixtures/rules/regex-backtracking.md")),
    ("registry-entry-unsafe", include_str!("../../fixtures/rules/registry-entry-unsafe.md")),
    ("registry-file-writable", include_str!("../../fixtures/rules/registry-file-writable.md")),
    ("remote-code-load", include_str!("../../fixtures/rules/remote-code-load.md")),
    ("request-state-unsigned", include_str!("../../fixtures/rules/request-state-unsigned.md")),
    ("resource-metadata-missing", include_str!("../../fixtures/rules/resource-metadata-missing.md")),
    ("resource-uri-traversal", include_str!("../../fixtures/rules/resource-uri-traversal.md")),
    ("route-auth-asymmetry", include_str!("../../fixtures/rules/route-auth-asymmetry.md")),
    ("runtime-copy-changed", include_str!("../../fixtures/rules/runtime-copy-changed.md")),
    ("runtime-fetch-unpinned", include_str!("../../fixtures/rules/runtime-fetch-unpinned.md")),
    ("sandbox-switch-parameter", include_str!("../../fixtures/rules/sandbox-switch-parameter.md")),
    ("scan-incomplete", include_str!("../../fixtures/rules/scan-incomplete.md")),
    ("schema-open-to-sink", include_str!("../../fixtures/rules/schema-open-to-sink.md")),
    ("schema-remote-ref", include_str!("../../fixtures/rules/schema-remote-ref.md")),
    ("scope-omnibus", include_str!("../../fixtures/rules/scope-omnibus.md")),
    ("script-host-injection", include_str!("../../fixtures/rules/script-host-injection.md")),
    ("scripts-missing", include_str!("../../fixtures/rules/scripts-missing.md")),
    ("secret-compare-timing", include_str!("../../fixtures/rules/secret-compare-timing.md")),
    ("secret-default", include_str!("../../fixtures/rules/secret-default.md")),
    ("secret-file-committed", include_str!("../../fixtures/rules/secret-file-committed.md")),
    ("secret-in-log", include_str!("../../fixtures/rules/secret-in-log.md")),
    ("secret-in-source", include_str!("../../fixtures/rules/secret-in-source.md")),
    ("secret-in-tool-result", include_str!("../../fixtures/rules/secret-in-tool-result.md")),
    ("secret-literal", include_str!("../../fixtures/rules/secret-literal.md")),
    ("secret-parameter", include_str!("../../fixtures/rules/secret-parameter.md")),
    ("security-policy-missing", include_str!("../../fixtures/rules/security-policy-missing.md")),
    ("server-manifest-mismatch", include_str!("../../fixtures/rules/server-manifest-mismatch.md")),
    ("session-id-dependence", include_str!("../../fixtures/rules/session-id-dependence.md")),
    ("session-not-bound", include_str!("../../fixtures/rules/session-not-bound.md")),
    ("session-unexpiring", include_str!("../../fixtures/rules/session-unexpiring.md")),
    ("shared-server-instance", include_str!("../../fixtures/rules/shared-server-instance.md")),
    ("shell-injection", include_str!("../../fixtures/rules/shell-injection.md")),
    ("sql-injection", include_str!("../../fixtures/rules/sql-injection.md")),
    ("ssrf", include_str!("../../fixtures/rules/ssrf.md")),
    ("ssrf-partial-guard", include_str!("../../fixtures/rules/ssrf-partial-guard.md")),
    ("stack-trace-exposed", include_str!("../../fixtures/rules/stack-trace-exposed.md")),
    ("stdout-noise", include_str!("../../fixtures/rules/stdout-noise.md")),
    ("stub-handler", include_str!("../../fixtures/rules/stub-handler.md")),
    ("subscribe-unimplemented", include_str!("../../fixtures/rules/subscribe-unimplemented.md")),
    ("suppression-invalid", include_str!("../../fixtures/rules/suppression-invalid.md")),
    ("suppression-unused", include_str!("../../fixtures/rules/suppression-unused.md")),
    ("temp-file-predictable", include_str!("../../fixtures/rules/temp-file-predictable.md")),
    ("template-injection", include_str!("../../fixtures/rules/template-injection.md")),
    ("test-script-placeholder", include_str!("../../fixtures/rules/test-script-placeholder.md")),
    ("tests-missing", include_str!("../../fixtures/rules/tests-missing.md")),
    ("tests-not-in-ci", include_str!("../../fixtures/rules/tests-not-in-ci.md")),
    ("timeout-missing", include_str!("../../fixtures/rules/timeout-missing.md")),
    ("tls-verify-disabled", include_str!("../../fixtures/rules/tls-verify-disabled.md")),
    ("token-in-query", include_str!("../../fixtures/rules/token-in-query.md")),
    ("token-passthrough", include_str!("../../fixtures/rules/token-passthrough.md")),
    ("tool-authorization-missing", include_str!("../../fixtures/rules/tool-authorization-missing.md")),
    ("tool-conceals", include_str!("../../fixtures/rules/tool-conceals.md")),
    ("tool-description-dynamic", include_str!("../../fixtures/rules/tool-description-dynamic.md")),
    ("tool-drift", include_str!("../../fixtures/rules/tool-drift.md")),
    ("tool-name-invalid", include_str!("../../fixtures/rules/tool-name-invalid.md")),
    ("tool-poisoning", include_str!("../../fixtures/rules/tool-poisoning.md")),
    ("tool-shadowing", include_str!("../../fixtures/rules/tool-shadowing.md")),
    ("tool-untested", include_str!("../../fixtures/rules/tool-untested.md")),
    ("tools-undocumented", include_str!("../../fixtures/rules/tools-undocumented.md")),
    ("typescript-strict-off", include_str!("../../fixtures/rules/typescript-strict-off.md")),
    ("unsafe-deserialization", include_str!("../../fixtures/rules/unsafe-deserialization.md")),
    ("upstream-path-injection", include_str!("../../fixtures/rules/upstream-path-injection.md")),
    ("vulnerable-sdk", include_str!("../../fixtures/rules/vulnerable-sdk.md")),
    ("weak-random", include_str!("../../fixtures/rules/weak-random.md")),
    ("websocket-origin-missing", include_str!("../../fixtures/rules/websocket-origin-missing.md")),
    ("workflow-injection", include_str!("../../fixtures/rules/workflow-injection.md")),
    ("workflow-permissions", include_str!("../../fixtures/rules/workflow-permissions.md")),
    ("xml-external-entity", include_str!("../../fixtures/rules/xml-external-entity.md")),
];
