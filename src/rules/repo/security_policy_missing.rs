//! Nobody knows where to report a weakness.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::Project,
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "security-policy-missing",
    group: "repo",
    title: "there is no security policy",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1059"],
    docs: "
Who finds a weakness looks for `SECURITY.md`. Without one the report goes into a public issue, where attackers read it first,
or nowhere.

Write a `SECURITY.md`: which versions are supported, a private way to report, how soon somebody answers. It is found in the
project's folder, in `.github` and in `docs`, and in those of the folders above it up to the repository's.

An organisation's policy in its own `.github` repository cannot be seen from here: where there is one, suppress this rule.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    if project.files.is_empty() || paths(project).any(is_policy) {
        return;
    }
    findings.push(context::finding(
        project,
        &RULE,
        context::front(project),
        "there is no `SECURITY.md` here, in `.github`, in `docs`, or above".to_owned(),
        "a weakness that somebody finds becomes public before it is mended",
        "write a `SECURITY.md` with a private way to report",
    ));
}

/// Files of the project and of the folders above.
fn paths(project: &Project) -> impl Iterator<Item = &str> {
    project.files.iter().map(|file| file.path.as_str()).chain(project.above.names.iter().map(String::as_str))
}

fn is_policy(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let lower = lower.trim_start_matches("../");
    let name = lower.strip_prefix(".github/").or_else(|| lower.strip_prefix("docs/")).unwrap_or(lower);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    !name.contains('/')
        && matches!(stem, "security" | "security-policy" | "security_policy")
        && matches!(
            name.rsplit_once('.').map_or("", |(_, ending)| ending),
            "" | "md" | "txt" | "rst" | "adoc" | "markdown"
        )
}
