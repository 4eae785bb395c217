//! The policy and the code announce different things.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Language, Project,
        facts::{Capability, Registered, Server},
        policy::PolicyFile,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "policy-capability-mismatch",
    group: "policy",
    title: "the policy and the server disagree on what there is",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript],
    since: "0.1.0",
    references: &["CWE-684"],
    docs: "
`[capabilities]` in `mcpsec.toml` says what may be announced, and the runtime refuses the rest. Where the code registers
something that the policy does not allow, clients never see it. Where the policy allows what the code does not have, it is
wider than it needs to be: what somebody adds tomorrow is announced without anybody deciding so.

Write into the policy what the server has, and nothing else. Servers whose registrations cannot be seen completely (loops,
plug-ins) are compared in one direction only.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.policies.is_empty() {
        Err("there is no mcpsec.toml")
    } else if project.facts.servers.is_empty() {
        Err("no MCP server was found")
    } else {
        Ok(())
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in &project.policies {
        let Some(policy) = file.policy.as_ref().filter(|_| !is_settings(file)) else { continue };
        let folder = file.path.strip_suffix("mcpsec.toml").unwrap_or_default();
        let servers: Vec<&Server> =
            project.facts.servers.iter().filter(|server| server.place.path.starts_with(folder)).collect();
        if servers.is_empty() {
            continue;
        }
        let complete = servers.iter().all(|server| server.incomplete.is_empty());
        for (capability, allowed) in [
            (Capability::Tools, policy.capabilities.tools),
            (Capability::Resources, policy.capabilities.resources),
            (Capability::Prompts, policy.capabilities.prompts),
        ] {
            let mut all = servers.iter().flat_map(|server| &server.registered);
            let registered = all.find(|registered| registered.capability == capability);
            match (allowed, registered) {
                (false, Some(registered)) => findings.push(forbidden(project, file, capability, registered)),
                (true, None) if complete => findings.extend(unused(project, file, capability)),
                _ => {}
            }
        }
    }
}

/// Whether a file tells the doctor what to do, and no server what to allow.
fn is_settings(file: &PolicyFile) -> bool {
    let keys = file.tree.as_ref().map_or(&[][..], |tree| tree.entries());
    !keys.is_empty() && keys.iter().all(|entry| matches!(entry.key.as_str(), "version" | "doctor"))
}

/// Where the policy speaks of a capability, and whether it does.
fn place(file: &PolicyFile, capability: Capability) -> (Place, bool) {
    let section = file.tree.as_ref().and_then(|tree| tree.entry("capabilities"));
    let own = section.and_then(|section| section.node.entry(capability.name()));
    let entry = own.or(section);
    let place = entry.map_or_else(
        || Place::top(&file.path),
        |entry| Place::new(&file.path, entry.key_span.start, entry.key_span.end),
    );
    (place, own.is_some())
}

fn forbidden(project: &Project, file: &PolicyFile, capability: Capability, registered: &Registered) -> Finding {
    let name = capability.name();
    let mut finding = context::finding(
        project,
        &RULE,
        place(file, capability).0,
        format!("the server has {name}, and the policy does not allow them"),
        "nobody attacks with it: clients never see what was built for them",
        format!("write `{name} = true` into `[capabilities]`, or remove them from the server"),
    );
    finding.related.push(Related { place: registered.place.clone(), message: "registered here".to_owned() });
    finding
}

fn unused(project: &Project, file: &PolicyFile, capability: Capability) -> Option<Finding> {
    let name = capability.name();
    let (place, said) = place(file, capability);
    let mut finding = context::finding(
        project,
        &RULE,
        place,
        format!("the policy allows {name}, and the server has none"),
        "what somebody adds later is announced without anybody deciding so",
        format!("remove `{name}` from `[capabilities]`"),
    );
    finding.severity = Severity::Low;
    said.then_some(finding)
}
