//! The inside of the program in an answer.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Leak},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "stack-trace-exposed",
    group: "output",
    title: "an answer holds a stack trace",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-209", "MCP10"],
    docs: "
A stack trace names files, functions, versions and often values. In a tool's result it goes to the model, to whoever can make
the model repeat it, and into the logs of everything in between; in an HTTP answer it goes to whoever sent the request.

Write it to standard error or the log, with an id, and answer with the id and one sentence.

A trace that is logged is not reported, nor one that is sent only under a condition about debugging. What is put into a field
of an object and read elsewhere is not followed.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for exposure in project.facts.conduct.exposures.iter().filter(|exposure| exposure.leak == Leak::Stack) {
        findings.push(context::finding(
            project,
            &RULE,
            exposure.place.clone(),
            format!("`{}` goes into an answer", exposure.written),
            "whoever can make the tool fail learns files, functions and versions to aim at",
            "log it with an id, and answer with the id and one sentence",
        ));
    }
}
