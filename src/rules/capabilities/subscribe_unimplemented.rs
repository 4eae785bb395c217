//! Promised updates.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Promise},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "subscribe-unimplemented",
    group: "capabilities",
    title: "subscriptions are announced and nobody handles them",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification: resources/subscribe", "CWE-684"],
    docs: "
A client that reads `subscribe: true` subscribes instead of asking again, and gets `-32601 method not found`, or waits for updates that never
come: people look at a state that is long gone.

Handle `resources/subscribe` and send `notifications/resources/updated`, or do not announce it. In Go's official SDK the handler is
`SubscribeHandler`; in mcp-go there is none, so that the first argument of `WithResourceCapabilities` should be false. SDKs of the newest
revision that handle `subscriptions/listen` themselves are not reported.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let announced = project.facts.announced.iter();
    for it in announced.filter(|it| it.promise == Promise::Subscribe && !it.kept) {
        findings.push(context::finding(
            project,
            &RULE,
            it.place.clone(),
            "subscriptions are announced and nothing here handles `resources/subscribe`".to_owned(),
            "clients rely on updates that never come, and act on what is long out of date",
            "handle subscriptions, or do not announce them",
        ));
    }
}
