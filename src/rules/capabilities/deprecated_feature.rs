//! Features on their way out.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project, facts::Leftover},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "deprecated-feature",
    group: "capabilities",
    title: "a server for the newest revision uses what that revision has left behind",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["SEP-2577", "SEP-2596", "MCP specification 2026-07-28"],
    docs: "
Revision 2026-07-28 of the protocol deprecates sampling, roots and logging through the protocol: clients of that revision need not answer.
What a server does after such a request may wait for ever, or go on without the check that the answer was meant to be.

Ask a model of your own instead of the client's, take folders from the configuration, and log to standard error. Only projects that are written
for that revision are reported, once; projects for earlier ones may use all of this.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut used = project.facts.leftovers.iter().filter(|(leftover, _)| *leftover != Leftover::SessionId);
    let Some((first, place)) = used.next() else { return };
    let mut finding = context::finding(
        project,
        &RULE,
        place.clone(),
        format!("{} is deprecated in the revision that this project is written for", first.name()),
        "a client of this revision does not answer, and what depends on the answer hangs or is skipped",
        "use a model, folders and a log of the server's own",
    );
    let more =
        used.map(|(leftover, place)| Related { place: place.clone(), message: format!("also {}", leftover.name()) });
    finding.related = more.collect();
    findings.push(finding);
}
