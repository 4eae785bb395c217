//! A proxy that consents in its users' place.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Protects},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "confused-deputy",
    group: "auth",
    title: "an OAuth proxy does not ask its users for consent",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[Language::Python],
    since: "0.1.0",
    references: &["CWE-441", "CWE-863", "MCP07", "MCP security best practices: confused deputy"],
    docs: "
A proxy that signs every client in with one identity at the provider asks the user only once: the provider remembers the
consent and sends the next code at once. A client that registers itself, and sends the user a link, gets a token in the
user's name without any question.

Ask for consent per client before the redirect to the provider. `OAuthProxy` of FastMCP does so unless it is told not to:
remove `require_authorization_consent=False`.

Only this switch is known. A proxy that is written by hand is not judged.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for option in project.facts.conduct.weak_options.iter().filter(|option| option.protects == Protects::Consent) {
        findings.push(context::finding(
            project,
            &RULE,
            option.place.clone(),
            format!("`{}` lets any client get a token without asking the user", option.written),
            "a client that registers itself sends the user a link, and holds a token in the user's name after one click",
            "ask the user for consent for each client, before the redirect to the provider",
        ));
    }
}
