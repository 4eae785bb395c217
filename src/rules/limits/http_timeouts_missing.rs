//! Connections that never say what they want.

use crate::{
    edits,
    finding::{Confidence, Finding, Safety, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "http-timeouts-missing",
    group: "limits",
    title: "a web server waits for headers without end",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[Language::Go],
    since: "0.1.0",
    references: &["CWE-400", "CWE-770"],
    docs: "
A connection that sends its headers one byte at a time keeps a goroutine and its buffers for as long as it likes. Some
thousands of them, from one machine, and nobody else is served. Go's `http.ListenAndServe` and an `http.Server` without
limits wait for ever.

Make an `http.Server` with `ReadHeaderTimeout`, such as ten seconds. Streams of events need a long `WriteTimeout`, so that only
the limit on headers is asked for.

Node limits headers by itself since version 18, and uvicorn closes idle connections. What limits the connections of Rust's
servers is not looked at. A proxy in front does as well.
",
    applies: context::has_endpoint,
    check,
};

const ADVICE: &str = "make an `http.Server` with `ReadHeaderTimeout: 10 * time.Second`";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for place in &project.facts.conduct.slow_servers {
        let mut finding = context::finding(
            project,
            &RULE,
            place.clone(),
            "nothing limits how long a connection may take for its headers".to_owned(),
            "one machine opens some thousands of connections, sends a byte now and then, and nobody else is served",
            ADVICE,
        );
        finding.fix = Some(edits::fix(ADVICE, Safety::Unsafe, edits::timeouts::headers(project, place)));
        findings.push(finding);
    }
}
