//! Offered, and not there.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "stub-handler",
    group: "capabilities",
    title: "a tool is offered and does nothing yet",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-684", "MCP09"],
    docs: "
The model sees the tool, calls it, and gets \"not implemented\": it tries again, or takes a way around with a tool that it should
not use for this. A stub that returns a text instead of an error is worse: the model tells the person that the work is done.

Do not register the tool until it works. Reported are handlers whose only statement raises \"not implemented\" or returns a text that says
so.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        let Some(stub) = offer.handler.as_ref().and_then(|handler| handler.stub.as_ref()) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            stub.clone(),
            format!("{} is offered and not implemented", offer.label()),
            "the model works around the tool that fails, or reports work that was never done",
            "do not register it until it works",
        );
        finding.related = vec![Related { place: offer.place.clone(), message: "offered here".to_owned() }];
        findings.push(finding);
    }
}
