//! Rules of this group.

use super::Rule;
use crate::project::{
    Project,
    workflow::{Job, Workflow},
};

/// For rules about workflows.
fn has_workflow(project: &Project) -> Result<(), &'static str> {
    if workflows(project).next().is_some() { Ok(()) } else { Err("no workflow was found") }
}

/// The project's own workflows and actions.
fn workflows(project: &Project) -> impl Iterator<Item = &Workflow> {
    project.workflows.iter().filter(|workflow| workflow.is_own() && workflow.error.is_none())
}

/// A job as it is written.
fn job_text<'a>(project: &'a Project, job: &Job) -> &'a str {
    let text = project.file(&job.body.path).and_then(|file| file.text.get(job.body.start..job.body.end));
    text.unwrap_or_default()
}

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod action_unpinned;
mod agent_on_untrusted_trigger;
mod doctor_not_in_ci;
mod publish_token_long_lived;
mod pull_request_target_checkout;
mod workflow_injection;
mod workflow_permissions;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &action_unpinned::RULE,
    &agent_on_untrusted_trigger::RULE,
    &doctor_not_in_ci::RULE,
    &publish_token_long_lived::RULE,
    &pull_request_target_checkout::RULE,
    &workflow_injection::RULE,
    &workflow_permissions::RULE,
];
