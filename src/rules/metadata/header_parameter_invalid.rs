//! Headers that no client can send.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::tools::FieldType},
    rules::{Rule, context},
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    id: "header-parameter-invalid",
    group: "metadata",
    title: "clients cannot copy a parameter into the header that it names",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification 2026-07-28: x-mcp-header"],
    docs: "
A client that finds a wrong `x-mcp-header` drops the whole tool: the name has to be a token of HTTP, no two parameters may have the same name
(case does not matter), only text, whole numbers and truth values can be copied, and the parameter must always be where the client looks for
it, not in a list or an alternative.

Mend the annotation. Schemas that are computed are not judged.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        let mut seen = BTreeSet::new();
        for field in &offer.input.fields {
            let Some(header) = &field.header else { continue };
            let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            let what = if header.text.is_empty() {
                "is empty"
            } else if !header.text.chars().all(token) {
                "is no token of HTTP"
            } else if !seen.insert(header.text.to_lowercase()) {
                "is used for two parameters"
            } else if matches!(field.kind, FieldType::Object | FieldType::List | FieldType::Number) {
                "is on a parameter that is no text, whole number or truth value"
            } else if field.uncertain {
                "is on a parameter in a list or an alternative"
            } else {
                continue;
            };
            findings.push(context::finding(
                project,
                &RULE,
                header.place.clone(),
                format!("the header of `{}` {what}: clients drop {}", field.name, offer.label()),
                "a proxy that routes or limits by the header sees calls without it",
                "give it a name of letters and dashes that no other parameter has, on a plain parameter",
            ));
        }
    }
}
