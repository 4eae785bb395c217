//! Tools that no test calls.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Language, Project, Role,
        facts::tools::{Offer, OfferKind},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tool-untested",
    group: "tests",
    title: "no test speaks of a tool",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-1053"],
    docs: "
A tool that no test names can be broken, or do more than it should, without anybody noticing. What nobody tests, an attacker tests first.

Call each tool in a test, at least once well and once with arguments that must be refused. A tool counts as tested when its name or its handler
is named in a test. One finding names all tools; projects without tests are `tests-missing`, and tests that go through the list of all
tools count for every tool.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let tested = &project.facts.tested;
    if project.facts.tests.is_empty() || tested.lists_tools {
        return;
    }
    let product =
        |offer: &&Offer| offer.kind == OfferKind::Tool && matches!(context::role(project, &offer.place), Role::Product);
    let named: Vec<(&Offer, &str)> = project
        .facts
        .offers
        .iter()
        .filter(product)
        .filter_map(|offer| Some((offer, offer.name.as_ref()?.text.as_str())))
        .collect();
    let handler = |offer: &Offer| offer.handler.as_ref().and_then(|handler| handler.name.clone());
    let untested: Vec<&(&Offer, &str)> = named
        .iter()
        .filter(|(offer, name)| !tested.names(name) && !handler(offer).is_some_and(|handler| tested.names(&handler)))
        .collect();
    let Some((first, _)) = untested.first() else { return };
    let names = context::names(untested.iter().map(|(_, name)| *name));
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("{} of {} tools are named in no test: {names}", untested.len(), named.len()),
        "a tool that does too much is found by whoever tries it first",
        "call each tool in a test, also with arguments that must be refused",
    );
    let others = untested.iter().skip(1).take(20);
    finding.related =
        others.map(|(offer, name)| Related { place: offer.place.clone(), message: format!("`{name}`") }).collect();
    findings.push(finding);
}
