//! Nobody may use it.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::Project,
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "license-missing",
    group: "repo",
    title: "there is no licence file",
    severity: Severity::Info,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &[],
    docs: "
Without a licence nobody may use, change or pass on the code, whatever a field in a manifest says: the field names a licence,
the file grants it. For a security fix this matters, too: nobody else may publish one.

Add `LICENSE` (or `LICENCE`, `COPYING`, `UNLICENSE`, with any ending) in the project's folder or one above it up to the
repository's. For code that is not meant to be passed on, suppress this rule.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let skipped = project.skipped.iter().map(|skipped| skipped.path.as_str());
    let files = project.files.iter().map(|file| file.path.as_str());
    let mut paths = files.chain(skipped).chain(project.above.names.iter().map(String::as_str));
    if project.files.is_empty() || paths.any(is_license) {
        return;
    }
    findings.push(context::finding(
        project,
        &RULE,
        context::front(project),
        "there is no licence file here or above".to_owned(),
        "nobody but the author may publish a mended version",
        "add a licence file",
    ));
}

fn is_license(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.trim_start_matches("../");
    name.starts_with("licenses/")
        || !name.contains('/')
            && ["license", "licence", "copying", "unlicense"].iter().any(|word| name.starts_with(word))
}
