//! Announced, and nobody serves it.

use crate::{
    edits,
    finding::{Confidence, Finding, Related, Safety, Severity},
    project::{
        Language, Project,
        facts::{Capability, Declared, Mismatch, Server},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "capability-unregistered",
    group: "capabilities",
    title: "a capability is declared and nothing of its kind is registered",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-684", "MCP09", "MCP specification: servers must answer what they declare"],
    docs: "
A server that declares `resources`, `prompts` or `tools` promises to answer their methods. Where nothing is registered,
clients ask and get `-32601 method not found`, or an empty list, depending on the SDK and its version. Some clients then
give up on the whole server; people look for a feature that is not there.

Register what was meant, or remove the declaration. Declarations that the SDK adds by itself are not reported.

The severity follows what a client meets: an error is medium, an empty list low. Where registrations cannot be followed
(a loop over loaded plugins, a proxy), the finding has low confidence and is shown only on request.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in &project.facts.servers {
        for declared in server.declared.iter().filter(|declared| !serves(server, declared.capability)) {
            findings.extend(judge(project, server, declared));
        }
    }
}

fn serves(server: &Server, capability: Capability) -> bool {
    let tools = capability == Capability::Tools && !server.tools.is_empty();
    tools || server.registered.iter().any(|registered| registered.capability == capability)
}

fn judge(project: &Project, server: &Server, declared: &Declared) -> Option<Finding> {
    let name = declared.capability.name();
    let (severity, consequence) = match server.unserved(declared.capability) {
        Mismatch::Impossible => return None,
        Mismatch::EmptyList => (Severity::Low, "clients get an empty list"),
        Mismatch::MethodNotFound => (Severity::Medium, "clients get `-32601 method not found`"),
        Mismatch::FailsAtStart => (Severity::High, "the server fails when it starts"),
        Mismatch::Hidden => (Severity::Low, "no client sees anything of it"),
    };
    let sure = if server.incomplete.is_empty() { Confidence::High } else { Confidence::Low };
    let (severity, confidence) = context::weigh(project, &declared.place, severity, sure);
    Some(Finding {
        rule: RULE.id,
        severity,
        confidence,
        place: declared.place.clone(),
        message: format!("`{name}` is declared and nothing of its kind is registered: {consequence}"),
        attack: format!("clients rely on what `{name}` promises, and fail or hang where nobody answers"),
        related: vec![Related { place: server.place.clone(), message: format!("this `{}` declares it", server.kind) }],
        fix: Some(edits::fix(
            format!("register what `{name}` promises, or remove the declaration"),
            Safety::Unsafe,
            edits::capabilities::retract(project, server, declared),
        )),
    })
}
