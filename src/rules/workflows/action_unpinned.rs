//! An action is whatever its authors push next.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Project,
        client::Word,
        container::{Pin, pin},
        runner::is_commit,
        workflow::Workflow,
    },
    rules::{Rule, context},
};

use super::{has_workflow, workflows};

pub(super) static RULE: Rule = Rule {
    id: "action-unpinned",
    group: "workflows",
    title: "an action is named by a tag or branch",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-829", "CWE-1357", "CVE-2025-30066", "MCP04"],
    docs: "
Tags and branches of an action can be moved by whoever can push to its repository. In March 2025 the tags of
`tj-actions/changed-files` were moved to a version that printed the secrets of every job that used it; 23,000 repositories
did.

Name the commit, and keep the version in a comment that update bots maintain:

    - uses: owner/action@1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b # v4.1.0

Where only GitHub's own actions (`actions/...`, `github/...`) move, there is one informational finding. Actions of this repository (`./...`),
commits and images with a digest are not reported. All of them are one finding. Where your organisation makes its own
actions immutable, a tag of those is as good as a commit: suppress the finding.
",
    applies: has_workflow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let moving = workflows(project).flat_map(uses).filter(|word| moves(&word.text));
    let (official, others): (Vec<&Word>, Vec<&Word>) = moving.partition(|word| is_official(&word.text));
    if others.is_empty() {
        findings.extend(finding(project, &official).map(|found| Finding { severity: Severity::Info, ..found }));
    } else {
        // They are named as well: nobody should have to pin twice.
        findings.extend(finding(project, &others).map(|found| {
            let own = places(&official)
                .map(|(place, name)| Related { place, message: format!("{name} moves, too; it is GitHub's own") });
            let related = found.related.into_iter().chain(own).collect();
            Finding { related, ..found }
        }));
    }
}

/// One finding for all of these, at the first.
fn finding(project: &Project, moving: &[&Word]) -> Option<Finding> {
    let first = moving.first()?;
    let mut names: Vec<&str> = moving.iter().map(|word| word.text.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let verb = if names.len() == 1 { "is" } else { "are" };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("{} {verb} not pinned to a commit", context::names(names)),
        "whoever takes over the action's account moves the tag, and runs in the next job with its secrets",
        "name the full commit, with the version in a comment",
    );
    finding.related =
        places(moving).skip(1).map(|(place, name)| Related { place, message: format!("{name} moves, too") }).collect();
    Some(finding)
}

/// Where each of these is named first, and how.
fn places<'a>(moving: &'a [&'a Word]) -> impl Iterator<Item = (Place, String)> + 'a {
    let first = moving.iter().enumerate().filter(|(at, word)| moving[..*at].iter().all(|it| it.text != word.text));
    first.map(|(_, word)| (word.place.clone(), format!("`{}`", word.text)))
}

fn uses(workflow: &Workflow) -> impl Iterator<Item = &Word> {
    let called = workflow.jobs.iter().filter_map(|job| job.uses.as_ref());
    called.chain(workflow.steps().filter_map(|(_, step)| step.uses.as_ref()))
}

fn moves(action: &str) -> bool {
    if action.starts_with("./") || action.contains("${{") || action.is_empty() {
        return false;
    }
    if let Some(image) = action.strip_prefix("docker://") {
        return pin(image) != Pin::Digest;
    }
    !action.rsplit_once('@').is_some_and(|(_, revision)| revision.len() >= 40 && is_commit(revision))
}

fn is_official(action: &str) -> bool {
    action.starts_with("actions/") || action.starts_with("github/")
}
