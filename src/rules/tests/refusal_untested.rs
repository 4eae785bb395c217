//! Attacks that no test tries.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, Role, facts::Sink},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "refusal-untested",
    group: "tests",
    title: "tests send nothing that must be refused",
    severity: Severity::Info,
    confidence: Confidence::Low,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MSSS", "CWE-1053"],
    docs: "
Some tool hands its input to a shell, a path or an address. Tests that only send what honest callers send do not tell whether the checks in between hold,
and nobody notices when a change takes them away.

Add a test for each such tool that sends `../../etc/passwd`, `; rm -rf /` or `http://169.254.169.254/` and expects a refusal. Shown on request
only: whether a text in a test is an attack is a guess.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    if project.facts.tests.is_empty() || project.facts.tested.attacks {
        return;
    }
    let mut flows = project
        .facts
        .flows
        .iter()
        .filter(|flow| flow.sink != Sink::Code && context::role(project, &flow.place) == Role::Product);
    let Some(flow) = flows.next() else { return };
    findings.push(context::finding(
        project,
        &RULE,
        flow.place.clone(),
        format!("`{}` reaches `{}`, and no test sends what must be refused", flow.parameter, flow.call),
        "a change that takes a check away is noticed by whoever attacks",
        "add tests that send `../../etc/passwd`, `; rm -rf /` and the like, and expect a refusal",
    ));
}
