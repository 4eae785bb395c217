//! A registry starts a server with more than it needs, or another one each time.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, registry::DangerKind},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "registry-entry-unsafe",
    group: "registry",
    title: "a registry of servers has an unsafe entry",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-250", "CWE-1357", "MCP04", "MCP02"],
    docs: "
A proxy starts what its registry (`mcp-docker-registry.json`, `server.json`) says, without asking anybody. An entry with a privileged
container, the file system or the socket of the container engine as a volume, or the network of the machine gives a tool that
can be made to run one command the whole machine. An image without a version, or with `latest`, is whatever was published last.

Name a version or, better, the digest of an image. Mount the folder that is needed, publish the port that is needed, and leave the
rest away.

For images that move severity is medium; where the image is built on the same machine, name the build. Folders of the project and
images with a version are not reported.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.registries.is_empty() { Err("no registry of servers was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for entry in project.registries.iter().flat_map(|registry| &registry.entries) {
        for danger in &entry.dangers {
            let (what, attack, fix) = match danger.kind {
                DangerKind::Moving => (
                    "is whatever was published last".to_owned(),
                    "whoever publishes the next version, by right or with a stolen account, runs it on every machine",
                    "name a version or a digest",
                ),
                kind => (
                    described(kind),
                    "a tool that can be made to run one command takes over the machine, not only the container",
                    "remove it, and grant the one folder, port or capability that is needed",
                ),
            };
            let message = format!("`{}` {what}", entry.name);
            let mut finding = context::finding(project, &RULE, danger.place.clone(), message, attack, fix);
            if matches!(danger.kind, DangerKind::Moving | DangerKind::Namespace) {
                finding.severity = context::lower(finding.severity, 1);
            }
            findings.push(finding);
        }
    }
}

fn described(kind: DangerKind) -> String {
    match kind {
        DangerKind::Moving => "moves".to_owned(),
        DangerKind::Privileged => "is privileged".to_owned(),
        DangerKind::Mount(reach) => format!("is given {}", reach.name()),
        DangerKind::Namespace => "shares the network, processes or users of the machine".to_owned(),
        DangerKind::Capability => "has a capability that leads out of its container".to_owned(),
    }
}
