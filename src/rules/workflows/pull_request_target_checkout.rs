//! A stranger's change runs with the repository's secrets.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Project,
        workflow::{Job, Step, Workflow},
        workflow_gate::{asks_label, asks_who},
    },
    rules::{Rule, context},
};

use super::{has_workflow, job_text};

pub(super) static RULE: Rule = Rule {
    id: "pull-request-target-checkout",
    group: "workflows",
    title: "a workflow runs a stranger's change with the repository's rights",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-829", "CWE-94", "MCP04", "GitHub: keeping your workflows secure, preventing pwn requests"],
    docs: "
`pull_request_target` and `workflow_run` start with the secrets and the writing token of the repository, also for a change from
a fork. A job that then checks out the change itself and installs, builds or tests it runs code of whoever opened the pull
request: an install script, a test, a makefile. It takes the publishing token, writes to the cache that releases are built
from, or pushes to the repository.

Run the change under `pull_request`, which has neither secrets nor rights. What needs rights (a comment, a label) belongs into
a second workflow that reads the results as data and never checks the change out.

A checkout of the base branch is fine and not reported, nor is one after which nothing is run. Where a condition asks who sent
the change or from which repository it comes, nothing is reported. Where a person has to set a label first, or the token can
only read and no secret is used, severity is medium: a label stays when the change is replaced afterwards. A workflow that
follows others counts only where one of those can be started by a pull request.
",
    applies: has_workflow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for workflow in project.workflows.iter().filter(|workflow| workflow.is_own() && is_open(project, workflow)) {
        for job in &workflow.jobs {
            let Some((checkout, step)) = stranger_code(job) else { continue };
            if asks_who(workflow, job, Some(checkout)) {
                continue;
            }
            let harmless = !workflow.permissions_of(job).may_write() && !job_text(project, job).contains("secrets.");
            let mut finding = context::finding(
                project,
                &RULE,
                checkout.place.clone(),
                format!("the job `{}` checks out the change of a stranger, and then runs what is in it", job.id),
                "anybody who opens a pull request runs commands with the repository's secrets and token",
                "run the change under `pull_request`, and keep what needs rights in a workflow without a checkout of it",
            );
            if harmless || asks_label(workflow, job) {
                finding.severity = finding.severity.min(Severity::Medium);
            }
            finding.related.push(Related { place: step.place.clone(), message: "code of the change runs here".into() });
            findings.push(finding);
        }
    }
}

/// A pull request from a fork starts it, with rights.
fn is_open(project: &Project, workflow: &Workflow) -> bool {
    if workflow.trigger("pull_request_target").is_some() {
        return true;
    }
    let Some(trigger) = workflow.trigger("workflow_run") else { return false };
    let followed = trigger.filters.iter().filter(|(key, _)| key == "workflows").flat_map(|(_, names)| names);
    followed.into_iter().any(|name| {
        let mut known = project.workflows.iter().filter(|other| other.name.as_ref() == Some(name)).peekable();
        known.peek().is_none() || known.any(|other| other.trigger("pull_request").is_some())
    })
}

/// The checkout of a change, and the first step after it that runs what is in there.
fn stranger_code(job: &Job) -> Option<(&Step, &Step)> {
    let at = job.steps.iter().position(checks_out_change)?;
    let runs = job.steps[at + 1..].iter().find(|step| runs_code(step))?;
    Some((&job.steps[at], runs))
}

const HEADS: &[&str] = &[
    "github.head_ref",
    "event.pull_request.head.",
    "event.number",
    "event.pull_request.number",
    "event.pull_request.merge_commit_sha",
    "event.workflow_run.head_",
    "event.workflow_run.pull_requests",
];

fn checks_out_change(step: &Step) -> bool {
    let names = |text: &str| HEADS.iter().any(|head| text.contains(head));
    if step.action() == Some("actions/checkout") {
        let words = ["ref", "repository"].iter().filter_map(|key| step.input(key));
        return words.into_iter().any(|word| names(&word.text));
    }
    let Some(run) = &step.run else { return false };
    run.text.contains("gh pr checkout")
        || (run.text.contains("git checkout") || run.text.contains("git fetch") || run.text.contains("git pull"))
            && names(&run.text)
}

/// Programs that run what lies in the folder.
const RUNNERS: &[&str] = &[
    "npm", "pnpm", "yarn", "bun", "npx", "node", "deno", "pip", "pip3", "uv", "uvx", "poetry", "python", "python3",
    "pytest", "tox", "nox", "hatch", "make", "just", "task", "cargo", "go", "mvn", "gradle", "bundle", "composer",
    "bash", "sh", "source", "dotnet",
];

fn runs_code(step: &Step) -> bool {
    if let Some(action) = step.action() {
        let builds = matches!(action, "docker/build-push-action" | "pre-commit/action" | "changesets/action");
        return action.starts_with("./") || builds;
    }
    let Some(run) = &step.run else { return false };
    let commands = run.text.split(['\n', ';', '|', '&', '(']).map(str::trim);
    commands.into_iter().any(|command| {
        let mut words = command.split_whitespace().skip_while(|word| word.contains('=') || *word == "sudo");
        let program = words.next().unwrap_or_default();
        let inline = words.next().is_some_and(|word| matches!(word, "-c" | "-e"));
        !inline && (program.starts_with("./") || RUNNERS.contains(&program)) || command.starts_with("docker build")
    })
}
