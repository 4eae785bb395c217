//! Listed, and nobody can use it.

use crate::{
    finding::{Confidence, Finding, Fix, Severity},
    project::{
        Language, Project,
        facts::{Registered, Server},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "list-without-call",
    group: "capabilities",
    title: "a list is served and the method that uses its entries is not",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-684", "MCP specification: tools/call, resources/read, prompts/get"],
    docs: "
A low-level server handles each method by itself. One that answers `tools/list` and not `tools/call` shows tools to the
model that fail with `-32601 method not found` each time they are used; the same goes for `resources/list` without
`resources/read` and `prompts/list` without `prompts/get`.

Add the missing handler, or use the SDK's high-level server, which keeps the two together. A fallback handler and a
proxy that forwards every method count as handlers.
",
    applies: context::has_server,
    check,
};

/// What is listed, and what its entries are for.
const PAIRS: [(&str, &str); 3] =
    [("tools/list", "tools/call"), ("resources/list", "resources/read"), ("prompts/list", "prompts/get")];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in &project.facts.servers {
        for (list, call) in PAIRS {
            let Some(listed) = handler(server, list) else { continue };
            // A registration without a method is high-level: the SDK serves both.
            let high_level = |it: &Registered| it.capability == listed.capability && it.method.is_none();
            if handler(server, call).is_none() && !server.registered.iter().any(high_level) {
                findings.push(finding(project, server, listed, (list, call)));
            }
        }
    }
}

fn handler<'a>(server: &'a Server, method: &str) -> Option<&'a Registered> {
    server.registered.iter().find(|registered| registered.method == Some(method))
}

fn finding(project: &Project, server: &Server, listed: &Registered, (list, call): (&str, &str)) -> Finding {
    let sure = if server.incomplete.is_empty() { Confidence::High } else { Confidence::Low };
    let (severity, confidence) = context::weigh(project, &listed.place, Severity::High, sure);
    Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: listed.place.clone(),
        message: format!("`{list}` is handled and `{call}` is not: what is listed here fails when it is used"),
        attack:
            "a model that meets the failing entry tries again, or works around it with a tool that it should not use"
                .to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice(format!("handle `{call}`, or remove the handler of `{list}`"))),
    }
}
