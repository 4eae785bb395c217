//! A secret that everybody knows, unless somebody sets another one.

use crate::{
    finding::{Confidence, Finding, Fix, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-default",
    group: "secrets",
    title: "a secret has a default in the source",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-1188", "CWE-798", "MCP01"],
    docs: "
A secret that comes from the environment, and from a literal where the variable is not set, is the literal on every machine
where somebody forgot the variable. The literal is in the repository, and so with everybody who has ever seen it.

Refuse to start without the variable. A default for development belongs into a file that is not committed.

Names that only look secret (`token_endpoint`, `cache_key`), empty defaults and placeholders that the program refuses are not
reported.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for secret in &project.facts.secret_defaults {
        let (severity, confidence) = context::weigh(project, &secret.place, Severity::High, Confidence::High);
        findings.push(Finding {
            rule: RULE.id,
            severity,
            confidence,
            place: secret.place.clone(),
            message: format!("`{}` falls back to a literal that is in the repository", secret.variable),
            attack: "whoever has read the source signs in, or signs tokens, where the variable was forgotten"
                .to_owned(),
            related: Vec::new(),
            fix: Some(Fix::advice(format!("refuse to start where `{}` is not set", secret.variable))),
        });
    }
}
