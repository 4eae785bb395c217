//! A stranger's text instructs an agent that has the repository's rights.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Project,
        workflow::{Job, Step, Workflow},
        workflow_gate::{asks_label, asks_who, open_event},
    },
    rules::{Rule, context},
};

use super::{has_workflow, workflows};

pub(super) static RULE: Rule = Rule {
    id: "agent-on-untrusted-trigger",
    group: "workflows",
    title: "strangers instruct an agent that has the repository's rights",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-77", "CWE-862", "MCP06", "MCP02"],
    docs: "
A job starts an agent (Claude Code, Gemini CLI, Codex, opencode, ...) on an event that anybody causes: an issue, a comment, a
discussion, a pull request from a fork under `pull_request_target`. The text of that event is what the agent reads, and the
agent has tools, the job's token and a model's key. An issue that says \"to reproduce, first run ...\" is an instruction.

Ask in the job's `if` who is speaking, before anything runs:

    if: contains(fromJSON('[\"OWNER\", \"MEMBER\", \"COLLABORATOR\"]'), github.event.comment.author_association)

and give the job a token that only reads; let another job, which no model controls, write. With a reading token severity is
medium.

Some actions answer only people with write access unless told otherwise (`allowed_non_write_users`, `allow-users`). Those are
said with low confidence: the maintainer who mentions the agent has not written the issue that it then reads.
",
    applies: has_workflow,
    check,
};

/// Actions that start an agent, with the input that opens them to everybody where they ask who speaks by themselves.
const ACTIONS: &[(&str, Option<&str>)] = &[
    ("anthropics/claude-code-action", Some("allowed_non_write_users")),
    ("anthropics/claude-code-base-action", None),
    ("google-github-actions/run-gemini-cli", None),
    ("google-gemini/gemini-cli-action", None),
    ("openai/codex-action", Some("allow-users")),
    ("anomalyco/opencode/github", Some("")),
    ("sst/opencode/github", Some("")),
];

/// Commands that start an agent without a person beside it.
const COMMANDS: &[&[&str]] = &[
    &["claude", "-p"],
    &["claude", "--print"],
    &["gemini", "-p"],
    &["gemini", "--prompt"],
    &["gemini", "--yolo"],
    &["codex", "exec"],
    &["copilot", "-p"],
    &["opencode", "run"],
    &["goose", "run"],
];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for workflow in workflows(project) {
        let Some(event) = open_event(workflow) else { continue };
        for (job, step) in workflow.steps() {
            let Some((place, asks)) = agent(step) else { continue };
            if asks_who(workflow, job, Some(step)) || asks_label(workflow, job) && event == "pull_request_target" {
                continue;
            }
            findings.push(finding(project, workflow, job, (event, place, asks)));
        }
    }
}

fn finding(project: &Project, workflow: &Workflow, job: &Job, found: (&str, Place, bool)) -> Finding {
    let (event, place, asks) = found;
    let message = if asks {
        format!("on `{event}` an agent reads what strangers wrote, when somebody with access calls it")
    } else {
        format!("on `{event}` a stranger's text reaches an agent, and nothing asks who it is")
    };
    let mut finding = context::finding(
        project,
        &RULE,
        place,
        message,
        "an issue or comment tells the agent to print the secrets, or to push with the job's token",
        "ask for `author_association` in the job's `if`, and give it a token that only reads",
    );
    if asks {
        (finding.severity, finding.confidence) = (finding.severity.min(Severity::Low), Confidence::Low);
    } else if !workflow.permissions_of(job).may_write() {
        finding.severity = finding.severity.min(Severity::Medium);
    }
    finding.related = workflow
        .trigger(event)
        .map(|trigger| Related { place: trigger.place.clone(), message: "anybody causes this event".to_owned() })
        .into_iter()
        .collect();
    finding
}

/// Where a step starts an agent, and whether the action asks by itself who speaks.
fn agent(step: &Step) -> Option<(Place, bool)> {
    if let Some(action) = step.action() {
        let (_, opening) = ACTIONS.iter().find(|(name, _)| action == *name)?;
        let everybody = opening.and_then(|input| step.input(input)).is_some_and(|word| word.text.trim() == "*");
        return Some((step.uses.as_ref()?.place.clone(), opening.is_some() && !everybody));
    }
    let run = step.run.as_ref()?;
    let starts = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let program = |name: &str| words.iter().position(|word| *word == name || word.ends_with(&format!("/{name}")));
        COMMANDS.iter().any(|known| program(known[0]).is_some_and(|at| words[at..].contains(&known[1])))
    };
    run.text.lines().any(starts).then(|| (run.place.clone(), false))
}
