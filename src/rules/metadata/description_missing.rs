//! A tool that says nothing.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::tools::{Description, Offer, OfferKind},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "description-missing",
    group: "metadata",
    title: "a tool does not say what it does",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP06", "MCP specification: tools"],
    docs: "
A model chooses tools by their descriptions. Without one it guesses from the name, calls the wrong tool, or calls the right one with the
wrong arguments; a person who has to approve the call knows no more.

Say in a sentence what the tool does and what it changes. Docstrings and doc comments count where the SDK reads them. Descriptions that
are computed are not judged.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.kind == OfferKind::Tool) {
        let what = match &offer.description {
            Description::Absent => "has no description",
            Description::Constant(said) if said.text.trim().is_empty() => "has an empty description",
            Description::Constant(said) if repeats(offer, &said.text) => "describes itself by its name alone",
            _ => continue,
        };
        let place = offer.description.place().unwrap_or(&offer.place).clone();
        findings.push(context::finding(
            project,
            &RULE,
            place,
            format!("{} {what}", offer.label()),
            "the model guesses what the tool does, and the person who approves a call does not know either",
            "say in one sentence what the tool does and what it changes",
        ));
    }
}

/// The name again, perhaps with blanks between its words.
fn repeats(offer: &Offer, text: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    offer.name.as_ref().is_some_and(|name| plain(&name.text) == plain(text))
}
