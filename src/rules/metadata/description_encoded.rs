//! Text for the model alone.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};
use mcpsec_screen::orders::{self, Aim};

pub(super) static RULE: Rule = Rule {
    id: "description-encoded",
    group: "metadata",
    title: "a description holds text that nobody can read",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP03", "CWE-506"],
    docs: "
Base64 or hexadecimal in a description says nothing to the person who reviews it. A model decodes it without being asked, and follows
what it says.

Write plain text. Pictures as `data:` addresses, parts of addresses, paths and identifiers are not reported, nor is anything
under 120 characters.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        let found: Vec<_> = offer
            .texts()
            .into_iter()
            .flat_map(|(text, place)| orders::find(text).into_iter().map(move |order| (text, place, order)))
            .collect();
        // With orders beside it, it is one attack and reported as such.
        if found.iter().any(|(.., order)| order.aim != Aim::Encoded) {
            continue;
        }
        if let Some((text, place, order)) = found.first() {
            findings.push(context::finding(
                project,
                &RULE,
                context::phrase(project, place, &text[order.range.clone()]),
                format!("{} holds {} characters that nobody can read", offer.label(), order.range.len()),
                "the model decodes and follows what no reviewer has seen",
                "say it in plain words, or remove it",
            ));
        }
    }
}
