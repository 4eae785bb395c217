//! Descriptions that change.

use std::collections::BTreeSet;

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Language, Project,
        facts::tools::{Description, Offer, Origin},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tool-description-dynamic",
    group: "metadata",
    title: "what a tool says of itself comes from outside of the program",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP03", "SAFE-T1201", "CWE-494"],
    docs: "
People approve a tool once, by its description. A description that is fetched from the network, drawn from a file or changed while
the server runs can say something else tomorrow: whoever controls that source gives orders to every model that is connected, and
no release, review or hash shows it.

Write descriptions as constants. Texts from files that come with the program, parts of the program itself (lists of its own
options, versions) and translations are not reported; a text from the environment is low, since the person who runs the server sets
it.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        if let Description::Computed { origins, .. } = &offer.description
            && let Some((origin, place)) = origins.iter().max_by_key(|(origin, _)| weight(*origin))
        {
            findings.push(finding(project, offer, *origin, place));
        }
    }
    let mut said = BTreeSet::new();
    for (place, name) in
        project.facts.rewritten_descriptions.iter().filter(|(place, name)| said.insert((&place.path, name)))
    {
        findings.push(context::finding(
            project,
            &RULE,
            place.clone(),
            format!("the description of `{name}` is replaced while the server runs"),
            "a tool that was approved says something else later, and the model follows it",
            "keep descriptions constant; offer another tool where another one is meant",
        ));
    }
}

fn weight(origin: Origin) -> u8 {
    match origin {
        Origin::Network => 3,
        Origin::File | Origin::Time => 2,
        Origin::Environment => 1,
    }
}

fn finding(project: &Project, offer: &Offer, origin: Origin, place: &Place) -> Finding {
    let (severity, from) = match origin {
        Origin::Network => (Severity::High, "the network"),
        Origin::File => (Severity::Medium, "a file that can be changed"),
        Origin::Time => (Severity::Medium, "the clock or chance"),
        Origin::Environment => (Severity::Low, "the environment"),
    };
    let mut finding = context::finding(
        project,
        &RULE,
        place.clone(),
        format!("the description of {} comes from {from}", offer.label()),
        "whoever controls that source changes what an approved tool tells the model",
        "write the description as a constant",
    );
    finding.severity = context::weigh(project, place, severity, RULE.confidence).0;
    finding
}
