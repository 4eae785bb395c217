//! One name, two tools.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Language, Project,
        facts::tools::{Offer, OfferKind},
    },
    rules::{Rule, context},
};
use std::collections::{BTreeMap, btree_map::Entry};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-tool-name",
    group: "capabilities",
    title: "two tools of one server have the same name",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["MCP03", "CWE-694", "MCP specification: names of tools are unique"],
    docs: "
One of the two is called, and which one depends on the SDK and its version: some throw when the server starts, some keep the first,
some the last. A call that was approved for one tool runs the other.

Rename one of them. Names that differ only in case count, since hosts compare them in different ways. Reported are tools of the same server
that are both registered without a condition; alternatives, versions of one tool (`version=`) and tools of different servers are not.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let tools =
        |offer: &&Offer| offer.kind == OfferKind::Tool && offer.unconditional && !offer.listed && !offer.versioned;
    let mut seen: BTreeMap<(&str, usize, String), &Offer> = BTreeMap::new();
    for offer in project.facts.offers.iter().filter(tools) {
        let (Some(name), Some(server)) = (&offer.name, &offer.server) else { continue };
        match seen.entry((server.path.as_str(), server.start, name.text.to_lowercase())) {
            Entry::Vacant(place) => drop(place.insert(offer)),
            Entry::Occupied(first) => {
                let mut finding = context::finding(
                    project,
                    &RULE,
                    name.place.clone(),
                    format!("`{}` is the name of another tool of the same server", name.text),
                    "a call that was approved for one tool runs the other",
                    "give one of the two another name",
                );
                let other = first.get();
                let place = other.name.as_ref().map_or(&other.place, |name| &name.place).clone();
                finding.related = vec![Related { place, message: "the other one".to_owned() }];
                findings.push(finding);
            }
        }
    }
}
