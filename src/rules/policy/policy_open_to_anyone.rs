//! The policy lets everybody in, in so many words.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::Project,
    rules::{Rule, context},
};

use super::policy_invalid::applies;

pub(super) static RULE: Rule = Rule {
    id: "policy-open-to-anyone",
    group: "policy",
    title: "the policy serves callers that prove nothing",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-306", "MCP07"],
    docs: "
`insecure_allow_anyone = true` makes a network transport start without authentication. Whoever reaches the port calls every
tool; a web page in the browser of somebody on the same machine reaches a loopback port as well.

Make a key with `mcpsec key new` and name its file in `[auth] api_keys`, then remove the line. Severity is low where only
this machine can connect. It is right for a server whose answers are public and cost nothing: then suppress it with that
reason.
",
    applies,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in &project.policies {
        let Some(policy) = file.policy.as_ref().filter(|policy| policy.auth.insecure_allow_anyone) else { continue };
        if !policy.server.transports.iter().any(|transport| transport.is_http()) {
            continue;
        }
        let node = file.tree.as_ref().and_then(|tree| tree.path(&["auth"])?.entry("insecure_allow_anyone"));
        let place = node.map_or_else(
            || Place::top(&file.path),
            |entry| Place::new(&file.path, entry.key_span.start, entry.node.span.end),
        );
        let mut finding = context::finding(
            project,
            &RULE,
            place,
            format!("anybody who reaches `{}` can call everything", policy.server.listen),
            "whoever reaches the port calls every tool",
            "make a key with `mcpsec key new`, and remove the line",
        );
        if policy.server.listen.is_local() {
            finding.severity = Severity::Low;
        }
        findings.push(finding);
    }
}
