//! Orders where descriptions should be.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{Language, Project, facts::tools::Offer},
    rules::{Rule, context},
};
use std::collections::BTreeSet;

use mcpsec_screen::orders::{self, Aim};

pub(super) static RULE: Rule = Rule {
    id: "tool-poisoning",
    group: "metadata",
    title: "a description gives orders that do not belong into it",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP03", "SAFE-T1001", "SAFE-T1501", "CWE-1427"],
    docs: "
A model takes what a tool says of itself for instructions. An attacker who can write a description (a dependency, a fork,
a merged pull request) has the model read files, hand over keys or lie to the person, without a line of code that a review
would question.

Looked for are signs that come from different intentions: marks that look as if the system spoke (`<IMPORTANT>`), an override
of other instructions, fetching files or resources with secrets, sending things to an address or handing over the
conversation, keeping something from the user, a threat that the tool fails otherwise, text that nobody can read. One sign
alone may be a mention (a scanner names attacks); two in the texts of one tool are an order.

Remove the orders and find out who wrote them. A description says what the tool does and what its parameters mean; \"always pass
an absolute path\" or \"call `list` first\" is welcome. Orders in other words or other languages than English are not recognised.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        let mut aims: BTreeSet<Aim> = BTreeSet::new();
        let mut places: Vec<Place> = Vec::new();
        for (text, place) in offer.texts() {
            for order in orders::find(text) {
                aims.insert(order.aim);
                places.push(context::phrase(project, place, &text[order.range]));
            }
        }
        if aims.len() >= 2 {
            findings.push(finding(project, offer, &aims, places));
        }
    }
}

fn finding(project: &Project, offer: &Offer, aims: &BTreeSet<Aim>, mut places: Vec<Place>) -> Finding {
    let clauses: Vec<&str> = aims.iter().map(|aim| aim.clause()).collect();
    let first = places.remove(0);
    let mut finding = context::finding(
        project,
        &RULE,
        first,
        format!("what {} says of itself {}", offer.label(), clauses.join(", ")),
        "the model follows the text as if the user had said it, and hands over what the text asks for",
        "remove the orders; a description says what the tool does and what its parameters mean",
    );
    places.dedup();
    finding.related = places.into_iter().map(|place| Related { place, message: "and here".to_owned() }).collect();
    finding
}
