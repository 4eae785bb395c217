//! Names that do not travel.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::tools::OfferKind},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tool-name-invalid",
    group: "metadata",
    title: "a tool has a name that clients refuse or confuse",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification: tool names", "CWE-1286"],
    docs: "
The specification asks for names of 1 to 128 characters out of `A-Z a-z 0-9 _ - .`. Clients drop tools with other names, or change the
name and then call something that is not there. Several hosts accept 64 characters at most, with their own prefix included:
longer names are reported as information.

Use letters, digits, `_`, `-` and `.`. Names that are computed are not judged.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.kind == OfferKind::Tool) {
        let Some(name) = &offer.name else { continue };
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let length = name.text.chars().count();
        let (severity, what) = if let Some(odd) = name.text.chars().find(|c| !allowed(*c)) {
            (Severity::Medium, format!("has `{}` in its name", odd.escape_default()))
        } else if length == 0 {
            (Severity::Medium, "has no name".to_owned())
        } else if length > 128 {
            (Severity::Medium, format!("has a name of {length} characters, and 128 are allowed"))
        } else if length > 64 {
            (Severity::Info, format!("has a name of {length} characters, and some clients allow 64"))
        } else {
            continue;
        };
        let mut finding = context::finding(
            project,
            &RULE,
            name.place.clone(),
            format!("a tool {what}"),
            "clients drop the tool or rename it, and another tool answers in its place",
            "use 1 to 64 letters, digits, `_`, `-` and `.`",
        );
        finding.severity = context::weigh(project, &name.place, severity, RULE.confidence).0;
        findings.push(finding);
    }
}
