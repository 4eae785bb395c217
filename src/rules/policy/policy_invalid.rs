//! The runtime would not start with this policy.

use crate::{
    finding::{Confidence, Finding, Fix, Severity},
    project::Project,
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "policy-invalid",
    group: "policy",
    title: "mcpsec.toml cannot be enforced",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1188", "CWE-16"],
    docs: "
A key that does not exist, a value that cannot be, or a section that this version does not enforce. The runtime refuses to
start with such a policy rather than ignore a line that reads like protection; this finding says so before the deployment does.

`mcpsec policy check` shows the same with the line and what was probably meant; `mcpsec policy schema` prints a schema that
editors complete from. Variables of the environment that are not set here are no fault of the file and not reported.
",
    applies,
    check,
};

pub(super) fn applies(project: &Project) -> Result<(), &'static str> {
    if project.policies.is_empty() { Err("there is no mcpsec.toml") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for problem in project.policies.iter().flat_map(|policy| &policy.problems) {
        let mut finding = context::finding(
            project,
            &RULE,
            problem.place.clone(),
            problem.message.clone(),
            "the server does not start, or somebody starts it without its policy",
            "",
        );
        finding.fix = (!problem.help.is_empty()).then(|| Fix::advice(problem.help.join("; ")));
        findings.push(finding);
    }
}
