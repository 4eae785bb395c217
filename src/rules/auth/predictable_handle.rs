//! A handle that others can guess.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Handle},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "predictable-handle",
    group: "auth",
    title: "handles that clients bring back can be guessed",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-340", "CWE-639", "MCP07", "MCP specification: state handles must be secure and random"],
    docs: "
A tool that takes long gives its caller a handle, and another tool takes it back: the id of a job, an export, a process. Where
it is a counter or a time, every client can name the jobs of the others, read what they found and end them.

Make handles from 128 random bits (`randomUUID`, `secrets.token_urlsafe`, `uuid.New`), and compare the owner where callers are
authenticated.

Only names of handles (`jobId`, `task_id`, ..) that are made from a clock, a counter or a weak generator, and kept under that
name in a tool, are reported, and only for servers on a network; in a repository of several packages by package. Ids of data, such as a note's, are no handles.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let open = |handle: &&Handle| context::is_networked(project, &handle.place);
    for handle in project.facts.conduct.handles.iter().filter(open) {
        findings.push(context::finding(
            project,
            &RULE,
            handle.place.clone(),
            format!("`{}` can be guessed by whoever has one", handle.name),
            "a client counts up or down, and reads or ends what another client has started",
            "make the handle from 128 random bits, and compare its owner",
        ));
    }
}
