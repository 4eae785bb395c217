//! As many processes as there are calls.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "concurrency-cap-missing",
    group: "limits",
    title: "each call of a tool starts a process, and nothing counts them",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-770", "CWE-400"],
    docs: "
A process, a browser or a container costs memory and time of the machine, not of the caller. A tool that starts one per call
starts as many as it is called, and models call in parallel.

Let in a few at a time: `p-limit` in TypeScript, `asyncio.Semaphore` or `anyio.CapacityLimiter` in Python, `tokio::sync::Semaphore` in Rust,
`errgroup.SetLimit` or a channel in Go.

A project that speaks of a semaphore, a queue or a pool anywhere is believed; calls that block the whole server run alone and
are not reported. On standard output alone it is informational. It is said once per project.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let launches = &project.facts.conduct.launches;
    let Some(first) = launches.iter().min_by_key(|launch| context::role(project, &launch.place)) else { return };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!("`{}` runs once per call, however many calls there are", first.what),
        "some hundred calls at once start as many processes, and the machine stands still",
        "let in a few calls at a time, with a semaphore or a pool",
    );
    if project.facts.endpoints.iter().all(context::is_local) {
        finding.severity = Severity::Info;
    }
    let others = launches.iter().filter(|launch| launch.place != first.place).take(20);
    finding.related = others
        .map(|launch| Related { place: launch.place.clone(), message: format!("`{}` as well", launch.what) })
        .collect();
    findings.push(finding);
}
