//! A server is started with everything that its client knows.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "child-full-environment",
    group: "secrets",
    title: "a client starts servers with its whole environment",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-526", "CWE-668", "MCP10"],
    docs: "
A server that a client starts is somebody else's program. With `env: process.env` it receives every token that the client was started
with: of clouds, of repositories, of other servers. The SDKs for TypeScript and Python hand on a short list of harmless variables
(`PATH`, `HOME`, ...) unless they are told otherwise.

Leave the environment out, or name the variables that this server needs: `{ ...getDefaultEnvironment(), API_KEY }`.

Reported is the whole environment in the options of a client's transport. A program that starts itself or a part of its own is not;
neither is the silence of Rust's and Go's `Command`, which hand on everything unless they are told otherwise.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for inherited in &project.facts.inherited_environments {
        findings.push(context::finding(
            project,
            &RULE,
            inherited.place.clone(),
            format!("the server is started with all of `{}`", inherited.source),
            "a server that somebody else wrote reads every token that this program was started with",
            "name the variables that the server needs",
        ));
    }
}
