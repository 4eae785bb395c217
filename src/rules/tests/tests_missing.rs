//! Nothing is tested.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{File, Language, Project, Role},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tests-missing",
    group: "tests",
    title: "there are no tests",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1053", "CWE-1059"],
    docs: "
No case that a test runner would collect was found: `test` and `it` of vitest, jest, mocha, `node:test` and bun;
`test_` functions of pytest and methods of unittest; `#[test]`; `func Test`; `@Test` of JUnit; `[Fact]`, `[Test]`,
`[TestMethod]`. Cases are counted, not file names: a `tests` folder with nothing in it tests nothing.

What a server refuses (a path outside of its root, a key that has expired, an argument that is too large) is seen only where
somebody tries it. Without tests the next change takes the refusal away, and nobody notices.

Begin with one test that starts the server and calls a tool through a real client, and one for each refusal. Where the tests
of a repository lie outside of the folder that is checked, check the repository's folder instead.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.files.iter().any(|file| file.language.is_some() && file.role == Role::Product) {
        Ok(())
    } else {
        Err("there is no source that could be tested")
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let tested = project.files.iter().any(|file| collects(file) && has_case(file))
        || project.facts.tests.iter().any(|place| project.file(&place.path).is_none_or(collects));
    // What could not be read may hold the tests: that is said elsewhere, and no absence.
    let unknown = project
        .skipped
        .iter()
        .any(|skipped| skipped.incomplete && crate::project::role::of(&skipped.path) == Role::Test);
    let shell = project.files.iter().any(|file| file.path.ends_with(".bats"));
    if tested || unknown || shell {
        return;
    }
    findings.push(context::finding(
        project,
        &RULE,
        context::front(project),
        "no test case was found".to_owned(),
        "a change that removes a check goes unnoticed",
        "add a test that calls a tool through a client, and one for each refusal",
    ));
}

/// pytest looks into files that are named for it: a tool called `test_connection` is no test.
fn collects(file: &File) -> bool {
    file.language != Some(Language::Python) || file.role == Role::Test
}

fn has_case(file: &File) -> bool {
    file.module.as_ref().is_some_and(|module| module.functions.iter().any(|function| function.is_test))
}
