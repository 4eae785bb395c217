//! State that comes back from anybody.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "request-state-unsigned",
    group: "auth",
    title: "state that clients bring back is read without proof",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-565", "CWE-345", "MCP07", "MCP specification: request state must be protected against tampering"],
    docs: "
In the revision of 2026-07-28 a server that needs several rounds hands its state to the client and gets it back with the next
request. The client may write into it what it likes: who asked, what was approved, which step comes next.

Sign it, and bind it to the caller and the call: `createRequestStateCodec` in TypeScript, the SDK's codec in Python, an HMAC or
AEAD in Rust and Go. Verify before parsing.

Parsing a value whose name says that it is the request's state is reported, in a file that never speaks of a signature, a MAC
or a codec. State that is shown and never decides anything is better off without parsing, too.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for place in &project.facts.conduct.unsigned_states {
        findings.push(context::finding(
            project,
            &RULE,
            place.clone(),
            "what a client brings back is read as if the server had written it".to_owned(),
            "a client writes into the state that it was approved, or whose call it is",
            "sign the state, bind it to the caller, and verify before parsing",
        ));
    }
}
