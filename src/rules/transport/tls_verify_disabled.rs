//! Encryption with whoever answers.

use crate::{
    edits,
    finding::{Confidence, Finding, Place, Safety, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tls-verify-disabled",
    group: "transport",
    title: "certificates are not checked",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-295", "MCP07"],
    docs: "
A connection that takes every certificate is encrypted for whoever sits on the way: that machine shows a certificate of its own, reads
everything, tokens included, and answers in the name of the service. What it answers is read by a model as the truth.

Leave the check on. For a certificate of your own give its authority to the client: `ca`, `verify=\"/path/ca.pem\"`,
`add_root_certificate`, `RootCAs`; for tests use a name that a local authority has signed.

Read are the switches of the usual libraries in code, and `NODE_TLS_REJECT_UNAUTHORIZED` in the configurations of clients. Where a
condition stands before the switch, or before all that leads there, it is somebody's decision, and severity is low. A value that is
computed is not reported. Where the authority is checked and the name alone is not, severity is medium.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for unchecked in &project.facts.unchecked_certificates {
        let mut finding = finding(project, unchecked.place.clone(), &unchecked.switch);
        if unchecked.conditional {
            finding.severity = context::lower(finding.severity, 2);
        } else if let Some(edits) = edits::without(project, &unchecked.place) {
            finding.fix = finding.fix.map(|fix| edits::fix(fix.title, Safety::Unsafe, Some(edits)));
        }
        findings.push(finding);
    }
    for client in &project.clients {
        let servers = client.servers.iter().flat_map(|server| &server.environment);
        for (name, word) in servers.chain(&client.settings.environment) {
            let off = matches!(name.as_str(), "NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY") && word.text == "0"
                || name == "GIT_SSL_NO_VERIFY" && matches!(word.text.as_str(), "1" | "true");
            if off {
                findings.push(finding(project, word.place.clone(), name));
            }
        }
    }
}

fn finding(project: &Project, place: Place, switch: &str) -> Finding {
    // The certificate must still come from a known authority; it may be anybody's.
    let names = matches!(switch, "check_hostname" | "danger_accept_invalid_hostnames");
    let what = if names { "the check of names in certificates" } else { "the check of certificates" };
    let finding = context::finding(
        project,
        &RULE,
        place,
        format!("`{switch}` switches {what} off"),
        "whoever sits on the way shows a certificate of its own, reads the tokens, and answers as the service",
        "leave the check on, and give the client the authority that signed the certificate",
    );
    Finding { severity: context::lower(finding.severity, usize::from(names)), ..finding }
}
