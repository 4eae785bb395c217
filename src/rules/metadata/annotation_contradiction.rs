//! Promises that the code breaks.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Language, Project,
        facts::tools::{Effect, Offer},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "annotation-contradiction",
    group: "metadata",
    title: "a tool does what its annotations deny",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP03", "CWE-1059", "MCP specification: tool annotations"],
    docs: "
Hosts decide by annotations which calls a person has to approve. A tool that says `readOnlyHint: true` and deletes files is called
without asking; so is one with `destructiveHint: false` that drops a table.

Correct the annotation, or do the work in another tool. Followed are the functions of the project that the handler calls. Only calls
that are certain to change something count: writing, moving and deleting files, `PUT`, `PATCH` and `DELETE` requests, SQL that
begins with `INSERT`, `UPDATE`, `DELETE` or `DROP`. A `POST` may be a search, a program that is started may only read. Caches,
logs, temporary files and sessions are left out.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        let (Some(hints), Some(handler)) = (&offer.annotations, &offer.handler) else { continue };
        let any = |_: &&Effect| true;
        if let Some((true, place)) = &hints.read_only
            && let Some(effect) = handler.effects.iter().find(any)
        {
            findings.push(finding(project, offer, place, effect, "says that it only reads"));
        } else if let Some((false, place)) = &hints.destructive
            && let Some(effect) = handler.effects.iter().find(|effect| effect.kind.is_destructive())
        {
            findings.push(finding(project, offer, place, effect, "says that it destroys nothing"));
        }
    }
}

fn finding(project: &Project, offer: &Offer, hint: &Place, effect: &Effect, says: &str) -> Finding {
    let mut finding = context::finding(
        project,
        &RULE,
        hint.clone(),
        format!("{} {says}, and {} (`{}`)", offer.label(), effect.kind.clause(), effect.call),
        "the host lets the model call it without asking, and data is changed or gone",
        "correct the annotation, or move what changes data into another tool",
    );
    finding.related = vec![Related { place: effect.place.clone(), message: "this changes something".to_owned() }];
    finding
}
