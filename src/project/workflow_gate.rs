//! Who gets a workflow's job to run: the events that strangers cause, and the conditions that keep them out.

use super::{
    expression::mentions,
    workflow::{Job, Step, Workflow},
};

/// Events that anybody with an account causes, while the job has the repository's secrets and rights.
const OPEN_EVENTS: &[&str] = &[
    "pull_request_target",
    "issues",
    "issue_comment",
    "discussion",
    "discussion_comment",
    "workflow_run",
    "watch",
    "fork",
];

/// Fields that say who has caused an event, or where a change comes from.
const WHO: &[&str] = &[
    "author_association",
    "github.actor",
    "github.triggering_actor",
    "github.event.sender",
    ".user.login",
    "head.repo.full_name",
    "head.repo.owner",
    "head.repo.fork",
    "head_repository",
    "github.repository_owner",
    "getcollaboratorpermissionlevel",
    "/collaborators/",
    "check-membership",
    "has-permission",
];

/// The first event of a workflow that a stranger causes.
pub fn open_event(workflow: &Workflow) -> Option<&str> {
    workflow.triggers.iter().map(|trigger| trigger.event.as_str()).find(|event| OPEN_EVENTS.contains(event))
}

/// A condition of the step, its job, or a job that must have succeeded before asks who has caused the event; or a
/// person has to let the job into its environment.
pub fn asks_who(workflow: &Workflow, job: &Job, step: Option<&Step>) -> bool {
    let own = |condition: &Option<String>| condition.as_deref().is_some_and(is_about_who);
    if job.deployment.is_some() || own(&job.condition) || step.is_some_and(|step| own(&step.condition)) {
        return true;
    }
    if job.steps.iter().take_while(|other| step.is_none_or(|step| other.place != step.place)).any(checks_who) {
        return true;
    }
    let needed = workflow.jobs.iter().filter(|other| job.needs.contains(&other.id));
    needed.into_iter().any(|other| own(&other.condition) || other.steps.iter().any(checks_who))
}

/// A person has to put a label on the change first.
pub fn asks_label(workflow: &Workflow, job: &Job) -> bool {
    let label = |condition: &Option<String>| {
        condition.as_deref().is_some_and(|text| mentions(text, ".label.name") || mentions(text, ".labels"))
    };
    let needed = workflow.jobs.iter().filter(|other| job.needs.contains(&other.id));
    let types = workflow.trigger("pull_request_target").map(|trigger| trigger.filters.as_slice()).unwrap_or_default();
    let only_labeled = types.iter().any(|(key, values)| key == "types" && values.iter().all(|it| it == "labeled"));
    only_labeled || label(&job.condition) || needed.into_iter().any(|other| label(&other.condition))
}

/// A step that asks for the rights of whoever has caused the event.
fn checks_who(step: &Step) -> bool {
    let script = step.input("script").or(step.run.as_ref()).map_or("", |word| word.text.as_str());
    let action = step.action().unwrap_or_default();
    is_about_who(script) || ["permission", "membership", "is-member", "check-user"].iter().any(|it| action.contains(it))
}

fn is_about_who(text: &str) -> bool {
    WHO.iter().any(|field| mentions(text, field))
}
