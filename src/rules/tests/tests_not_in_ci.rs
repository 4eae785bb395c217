//! There are tests, and the pipeline does not run them.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, options::Options, pipeline},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tests-not-in-ci",
    group: "tests",
    title: "the pipeline does not run the tests",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1053", "MCP04"],
    docs: "
The project has tests and a pipeline, and no step runs one. Tests that nobody runs are broken by the next change, and the check
that they held (a path that is refused, a key that has expired) goes with them.

Run them for each pull request: `npm test`, `pytest`, `cargo test`, `go test ./...`.

Scripts of packages, task runners and shell scripts that a step calls are followed. Workflows of other repositories and other
systems than GitHub's cannot be seen: where one is used, nothing is reported.
",
    applies,
    check,
};

/// Parts of commands that run tests. A test runner's name is enough: nobody installs one alone.
const RUNNERS: &[&str] = &[
    "test",
    "pytest",
    "tox",
    "nox",
    "vitest",
    "jest",
    "mocha",
    "karma",
    "cypress",
    "playwright",
    "tarpaulin",
    "llvm-cov",
    "coverage",
    "cargo ci",
    "nextest",
    "gotestsum",
    "bats",
    "verify",
    "run ci",
    "hatch run",
    "mvn",
    "mvnw",
    "gradlew",
    "gradle build",
    "gradle check",
];

fn applies(project: &Project) -> Result<(), &'static str> {
    pipeline::of(project).map(drop).ok_or("no pipeline was found")
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let Some(pipeline) = pipeline::of(project) else { return };
    let options = Options::of(&project.files);
    let own: Vec<&str> = options.texts(RULE.id, "commands").iter().map(String::as_str).collect();
    let marked = |file: &crate::project::File| {
        file.module.as_ref().is_some_and(|module| module.functions.iter().any(|function| function.is_test))
    };
    let tested = !project.facts.tests.is_empty() || project.files.iter().any(marked);
    if !tested || pipeline.unseen || pipeline.runs(RUNNERS) || pipeline.runs(&own) {
        return;
    }
    findings.push(context::finding(
        project,
        &RULE,
        context::front(project),
        "there are tests, and no step of the pipeline runs them".to_owned(),
        "a change that removes a check is merged although a test would have failed",
        "run the tests for each pull request",
    ));
}
