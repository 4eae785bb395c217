//! A secret that others can predict.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "weak-random",
    group: "secrets",
    title: "a secret or session id can be predicted",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-338", "CWE-330", "MCP07"],
    docs: "
`Math.random`, Python's `random` and Go's `math/rand` are made for simulations: who has seen some of their numbers computes the next
ones. The clock and version 1 of UUIDs are worse. A token, session id, nonce or verifier that is drawn from them can be guessed,
and with a session id of MCP the guesser continues somebody else's session.

Draw it from the operating system: `crypto.randomUUID()`, `crypto.randomBytes(32)`, `secrets.token_urlsafe(32)`, `crypto/rand`,
`rand::rngs::OsRng`; or let the SDK choose the session id.

Reported is what becomes a value whose name says that others must not guess it, or what a function such as `generateToken` returns.
Jitter, samples, colours and counters are not, nor is a value with a strong generator in it. Where the clock alone decides,
severity is medium.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for weak in &project.facts.weak_randoms {
        let mut finding = context::finding(
            project,
            &RULE,
            weak.place.clone(),
            format!("`{}` is drawn from `{}`, which others can predict", weak.purpose, weak.source),
            "whoever predicts the next value takes over a session or passes for somebody else",
            "draw it from a generator for cryptography",
        );
        if weak.clock {
            finding.severity = context::lower(finding.severity, 1);
            // Behind a pipe there is nobody else whose sessions could be guessed.
            if !context::is_networked(project, &weak.place) && weak.purpose.to_lowercase().contains("session") {
                finding.confidence = Confidence::Low;
            }
        }
        findings.push(finding);
    }
}
