//! Destruction without a word.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::tools::OfferKind},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "annotations-missing",
    group: "metadata",
    title: "a tool destroys something and has no annotations",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification: tool annotations", "MCP03"],
    docs: "
Hosts ask people before calls that destroy something, and tell such tools by their annotations. The defaults of the specification are
careful, but not every host keeps to them; a tool that deletes should say so.

Set `destructiveHint: true`. Only tools whose handler deletes files, rows or remote objects are reported, and as information.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.kind == OfferKind::Tool && !offer.listed) {
        let (None, Some(handler)) = (&offer.annotations, &offer.handler) else { continue };
        let Some(effect) = handler.effects.iter().find(|effect| effect.kind.is_destructive()) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            offer.place.clone(),
            format!("{} {} (`{}`) and has no annotations", offer.label(), effect.kind.clause(), effect.call),
            "a host that does not ask by default lets the model delete without a question",
            "add annotations with `destructiveHint: true`",
        );
        finding.related = vec![Related { place: effect.place.clone(), message: "this destroys something".to_owned() }];
        findings.push(finding);
    }
}
