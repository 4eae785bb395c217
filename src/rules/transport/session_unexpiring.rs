//! Sessions that nobody ends.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Keeping},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "session-unexpiring",
    group: "transport",
    title: "sessions are kept for ever",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-613", "CWE-770", "CVE-2026-59951"],
    docs: "
Each session keeps a transport, its server object and what they hold. Clients go away without saying so. Where nothing takes
their sessions out of the collection, memory fills, and an id that leaked years ago still works.

Delete a session when its transport closes, and after some minutes without a request. In Go set `SessionTimeout`, or serve
without sessions (`Stateless: true`).

A collection is reported when its file never deletes from it. That a session ends when its transport closes is believed,
though an idle one may never close. Rust's SDK ends idle sessions by itself.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for session in &project.facts.conduct.sessions {
        let message = match session.keeping {
            Keeping::Forever => format!("sessions are put into `{}`, and nothing takes them out", session.written),
            Keeping::IdleForever => {
                format!("`{}` keeps idle sessions for ever unless it is told otherwise", session.written)
            }
            _ => continue,
        };
        let attack = "who opens sessions and leaves fills the memory, and an id that leaks works for ever";
        let fix = "end sessions that were idle for some minutes, and forget them when they close";
        findings.push(context::finding(project, &RULE, session.place.clone(), message, attack, fix));
    }
}
