//! A credential stands in the source under its name.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{Language, Project, facts::SecretLiteral},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-literal",
    group: "secrets",
    title: "a credential is a literal in the source",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-798", "CWE-259", "MCP01"],
    docs: "
A password, key or token is written into the program: assigned to a name that says so, sent as `Authorization`, or compared with
what a caller presents. Everybody who reads the repository, a package or an image that was built from it has it, and it cannot
be changed without a release. Where a caller is compared with it, everybody who has read the source is let in.

Read it from the environment or a secret store, and refuse to start without it. Then revoke the old one: it stays in the history.

A value is recognised by its randomness, or by letters and digits under a name of two words; literals that admit callers are
recognised whatever they are. Placeholders, references (`${KEY}`, `vault:...`, addresses, paths), names of variables and headers,
UUIDs, keys for browsers (beside `authDomain` or `indexName`), and names that only mention a credential (`token_endpoint`,
`page_token`, `has_password`) are not reported; a short password of letters alone is missed. Defaults behind an environment
variable are `secret-default`.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for literal in project.facts.secret_literals.iter().filter(|literal| !is_default(project, literal)) {
        let (message, attack) = if literal.admits {
            (
                format!("callers are let in by a literal that `{}` is compared with", literal.name),
                "whoever has read the source presents this value and is let in",
            )
        } else {
            (
                format!("the value of `{}` is written in the source", literal.name),
                "whoever reads the repository or a copy of the program acts with this credential",
            )
        };
        let fix = "read it from the environment, refuse to start without it, and revoke this one";
        let mut finding = context::finding(project, &RULE, literal.place.clone(), message, attack, fix);
        finding.confidence = finding.confidence.min(literal.confidence);
        findings.push(finding);
    }
}

/// The literal is what an environment variable falls back to: that is reported where it does.
fn is_default(project: &Project, literal: &SecretLiteral) -> bool {
    let defaults = project.facts.secret_defaults.iter().filter(|secret| secret.place.path == literal.place.path);
    let text = |place: &Place| project.file(&place.path).and_then(|file| file.text.get(place.start..place.end));
    defaults.filter_map(|secret| text(&secret.place)).any(|fallback| {
        let mut words = fallback.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| word == literal.name)
    })
}
