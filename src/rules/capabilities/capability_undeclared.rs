//! Served, and nobody announces it.

use std::collections::BTreeSet;

use crate::{
    edits,
    finding::{Confidence, Finding, Related, Safety, Severity},
    project::{
        Language, Project,
        facts::{Mismatch, Registered, Server},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "capability-undeclared",
    group: "capabilities",
    title: "something is registered whose capability is not declared",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Rust, Language::Go, Language::Java],
    since: "0.1.0",
    references: &["CWE-684", "MCP09", "MCP specification: servers must declare the capabilities they have"],
    docs: "
Clients look at the declared capabilities and never ask for the rest. What is registered and not declared is invisible,
or, in some SDKs, the server refuses to start: the feature is written, tested perhaps, and nobody can use it.

Declare the capability where the server is made. In Rust, `#[tool_handler]` writes `get_info` with the declaration only
as long as nobody writes `get_info` by hand; then `.enable_tools()` has to be there as well.

High-level servers declare by themselves what is registered, and are not reported. There are exceptions: a handler for
logging on the server inside of one (`server.server`) has to be declared, and so has what completes arguments in mcp-go,
whose versions before 0.11.1 also panic when a resource or a prompt is added that was not declared.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in &project.facts.servers {
        let declared: BTreeSet<_> = server.declared.iter().map(|declared| declared.capability).collect();
        let mut said = BTreeSet::new();
        for registered in &server.registered {
            let capability = registered.capability;
            if !declared.contains(&capability) && said.insert(capability) {
                findings.extend(judge(project, server, registered));
            }
        }
    }
}

fn judge(project: &Project, server: &Server, registered: &Registered) -> Option<Finding> {
    let (severity, consequence) = match server.unannounced(registered) {
        Mismatch::Impossible => return None,
        Mismatch::FailsAtStart => (Severity::High, "the server fails when it starts"),
        Mismatch::Hidden => (Severity::High, "no client sees it"),
        Mismatch::MethodNotFound => (Severity::High, "clients get `-32601 method not found`"),
        Mismatch::EmptyList => (Severity::Medium, "clients get an empty list"),
    };
    let name = registered.capability.name();
    let sure = if server.incomplete.is_empty() { Confidence::High } else { Confidence::Low };
    let (severity, confidence) = context::weigh(project, &registered.place, severity, sure);
    Some(Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: registered.place.clone(),
        message: format!("`{name}` is registered here and not declared: {consequence}"),
        attack: "nobody attacks what nobody sees, but nobody can use it either, and its checks are never exercised"
            .to_owned(),
        related: vec![Related {
            place: server.place.clone(),
            message: format!("this `{}` does not declare `{name}`", server.kind),
        }],
        fix: Some(edits::fix(
            format!("declare `{name}` in the server's capabilities"),
            Safety::Safe,
            edits::capabilities::declare(project, server, registered),
        )),
    })
}
