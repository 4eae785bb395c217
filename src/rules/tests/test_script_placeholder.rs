//! `npm test` does nothing.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{Project, Role},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "test-script-placeholder",
    group: "tests",
    title: "the test script runs no test",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1053"],
    docs: "
`npm init` writes a test script that prints `no test specified` and fails; people turn it into one that succeeds. A pipeline
that runs it is green whatever the server does.

Let the script run the tests, or remove it until there are some: a missing script fails loudly.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.manifests.iter().any(|manifest| manifest.script("test").is_some()) {
        Ok(())
    } else {
        Err("no manifest has a test script")
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for script in project.manifests.iter().filter_map(|manifest| manifest.script("test")) {
        let judged = matches!(context::role(project, &Place::top(&script.place.path)), Role::Product | Role::Script);
        if script.place.path.starts_with("../") || !judged || !is_placeholder(&script.command) {
            continue;
        }
        findings.push(context::finding(
            project,
            &RULE,
            script.place.clone(),
            "the test script runs no test".to_owned(),
            "a change that opens the server passes every check",
            "run the tests, or remove the script",
        ));
    }
}

/// Only commands that say or do nothing: `echo`, `true`, `:`, `exit`.
fn is_placeholder(command: &str) -> bool {
    let mut parts = command.split("&&").flat_map(|part| part.split([';', '|'])).map(str::trim);
    command.contains("no test specified")
        || parts.all(|part| {
            let first = part.split_whitespace().next().unwrap_or_default();
            matches!(first, "" | "echo" | "true" | ":" | "exit")
        })
}
