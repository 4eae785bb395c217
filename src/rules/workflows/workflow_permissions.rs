//! The token of a job can do more than the job needs.

use crate::{
    edits,
    finding::{Confidence, Edit, Finding, Place, Related, Safety, Severity},
    project::{
        Project,
        workflow::{Permissions, Workflow},
    },
    rules::{Rule, context},
};

use super::{has_workflow, workflows};

pub(super) static RULE: Rule = Rule {
    id: "workflow-permissions",
    group: "workflows",
    title: "the token of a workflow may write everywhere",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-250", "CWE-272", "MCP02", "GitHub: permissions for the GITHUB_TOKEN"],
    docs: "
A workflow that says nothing about `permissions` gets what the repository's setting gives, which in older repositories and
organisations is the right to write everything; `write-all` gets that everywhere. Each action and each package that is installed
in the job can use the token: one that somebody has taken over pushes a commit or replaces a release.

Write `permissions: {}` (or `contents: read`) at the top of the workflow, and give single jobs what they need:

    permissions: {}
    jobs:
      release:
        permissions:
          contents: write

`write-all` is reported in each place with high confidence. Where nothing is said, all workflows make one finding of low
severity, since the setting cannot be seen from here. A workflow that only others call (`workflow_call`) has their rights and is
not reported.
",
    applies: has_workflow,
    check,
};

const ADVICE: &str = "write `permissions: {}` at the top, and give single jobs what they need";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut unstated: Vec<(Place, &Workflow)> = Vec::new();
    for workflow in workflows(project).filter(|workflow| !workflow.is_action && !workflow.is_only_called()) {
        let jobs = workflow.jobs.iter().map(|job| &job.permissions);
        for permissions in std::iter::once(&workflow.permissions).chain(jobs) {
            if let Permissions::Write(place) = permissions {
                let message = "`write-all` gives each step of the job every right".to_owned();
                let mut found = finding(project, place.clone(), message);
                found.confidence = found.confidence.max(Confidence::High);
                findings.push(found);
            }
        }
        let silent = workflow.jobs.iter().find(|job| *workflow.permissions_of(job) == Permissions::Unstated);
        if let Some(job) = silent {
            unstated.push((job.place.clone(), workflow));
        }
    }
    let Some((first, workflow)) = unstated.first() else { return };
    let name = workflow.path.rsplit('/').next().unwrap_or(&workflow.path);
    let mut found = finding(project, first.clone(), format!("`{name}` does not say what its token may do"));
    found.severity = found.severity.min(Severity::Low);
    found.related = unstated[1..]
        .iter()
        .map(|(place, _)| Related { place: place.clone(), message: "nor does this one".to_owned() })
        .collect();
    let all: Option<Vec<Edit>> = unstated.iter().map(|(_, workflow)| state(project, workflow)).collect();
    found.fix = Some(edits::fix(ADVICE, Safety::Unsafe, all));
    findings.push(found);
}

/// Words of workflows that do more with their token than read.
const WRITES: &[&str] = &[
    "github_token",
    "github.token",
    "git push",
    "release",
    "publish",
    "deploy",
    "pages",
    "packages",
    "ghcr.io",
    "id-token",
    "codeql",
    "sarif",
    "comment",
    "label",
    "pull-request",
    "stale",
    "claude",
    "commit",
    "gh ",
];

/// The right to read, before the jobs; nothing where the token seems to be used for more.
fn state(project: &Project, workflow: &Workflow) -> Option<Edit> {
    let text = &project.file(&workflow.path)?.text;
    let lower = text.to_lowercase();
    if WRITES.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let jobs = text.find("\njobs:")? + 1;
    Some(Edit {
        place: Place::new(&workflow.path, jobs, jobs),
        replacement: "permissions:\n  contents: read\n\n".to_owned(),
    })
}

fn finding(project: &Project, place: Place, message: String) -> Finding {
    context::finding(
        project,
        &RULE,
        place,
        message,
        "an action or package that somebody has taken over pushes commits with the job's token",
        ADVICE,
    )
}
