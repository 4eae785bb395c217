//! Something that should have been checked was not.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::Project,
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "scan-incomplete",
    group: "doctor",
    title: "a file or folder could not be checked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1059"],
    docs: "
A source file, manifest or folder could not be read, is larger than its limit (1 MiB for source, 8 MiB for lockfiles), is
nested too deeply, or cannot be parsed in a considerable part. What was not checked is not clean: the run ends with exit code 3
and says which files those are.

Mend the file or its permissions. What somebody else wrote or a tool made is not judged and not reported here; where such a
file is not recognised as one, name it in `[doctor] exclude` of `mcpsec.toml`. A weakness hides well in a file that scanners
give up on.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for skipped in project.skipped.iter().filter(|skipped| skipped.incomplete) {
        let mut finding = context::finding(
            project,
            &RULE,
            Place::top(&skipped.path),
            format!("`{}` was not checked: {}", skipped.path, skipped.explanation()),
            "a weakness in there is found by nobody",
            "mend it, or exclude it in `mcpsec.toml` if it is not yours",
        );
        (finding.severity, finding.confidence) = (RULE.severity, RULE.confidence);
        findings.push(finding);
    }
}
