//! A container that owns its host.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Project,
        workload::{Platform, Right, Workload},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "container-privileged",
    group: "container",
    title: "a container has rights over its host",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-250", "CWE-269", "MCP02", "MSSS DEPLOY"],
    docs: "
A compose file, a Kubernetes manifest or a development container runs a container with `privileged`, with the container
engine's socket, with a folder of the host such as `/` or `/etc`, in the host's network or among its processes, or with a
capability such as `SYS_ADMIN`. A weakness in one tool is then a weakness of the whole machine: through the socket one starts a
container with `/` mounted, also where the socket is mounted read-only.

Take the right away. A server that serves needs none of them: publish a port instead of using the host's network, mount the one
folder that is worked on.

A server whose purpose is to manage containers needs the socket; put a proxy in front of it that allows single calls, and
suppress the finding with that reason. The host's network alone is medium, and so is a
development container. Services of well-known infrastructure (reverse
proxies, collectors of metrics and logs) are said with low confidence.
There is one finding for each file.
",
    applies,
    check,
};

/// Images whose purpose is to watch or steer the host.
const INFRASTRUCTURE: &[&str] = &[
    "traefik",
    "portainer",
    "watchtower",
    "cadvisor",
    "node-exporter",
    "promtail",
    "fluent",
    "datadog",
    "dind",
    "sig-storage",
    "vector",
];

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.workloads.is_empty() { Err("no compose file or manifest of a cluster was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (at, workload) in project.workloads.iter().enumerate() {
        let Some((right, place)) = workload.rights.first() else { continue };
        let same = |other: &&Workload| other.place.path == workload.place.path && !other.rights.is_empty();
        // One finding for each file: its first container stands for the others.
        if project.workloads[..at].iter().any(|other| same(&other)) {
            continue;
        }
        let message = format!("{} {}", owner(workload), words(right));
        let attack = "a weakness in one tool gives away the whole machine";
        let fix = "take the right away, and give the container only what it works on";
        let mut finding = context::finding(project, &RULE, place.clone(), message, attack, fix);
        let all: Vec<&Workload> = project.workloads[at..].iter().filter(same).collect();
        let mut rights = all.iter().flat_map(|workload| &workload.rights);
        if workload.platform == Platform::Devcontainer || rights.all(|(right, _)| *right == Right::HostNetwork) {
            finding.severity = finding.severity.min(Severity::Medium);
        }
        if all.iter().all(|workload| is_infrastructure(workload)) {
            finding.confidence = Confidence::Low;
        }
        let further = all.iter().flat_map(|workload| workload.rights.iter().map(move |it| (workload, it)));
        finding.related = further
            .skip(1)
            .map(|(workload, (right, place))| Related {
                place: place.clone(),
                message: format!("{} {}", owner(workload), words(right)),
            })
            .collect();
        findings.push(finding);
    }
}

fn is_infrastructure(workload: &Workload) -> bool {
    let image = workload.image.as_ref().map_or("", |image| image.text.as_str());
    INFRASTRUCTURE.iter().any(|name| image.contains(name))
}

fn owner(workload: &Workload) -> String {
    match workload.platform {
        Platform::Compose => format!("the service `{}`", workload.name),
        Platform::Kubernetes => format!("the container `{}`", workload.name),
        Platform::Devcontainer => "the development container".to_owned(),
    }
}

fn words(right: &Right) -> String {
    match right {
        Right::Privileged => "is privileged".to_owned(),
        Right::EngineSocket => "controls the container engine".to_owned(),
        Right::HostFiles(path) => format!("has the host's `{path}`"),
        Right::HostNetwork => "is in the host's network".to_owned(),
        Right::HostProcesses => "is among the host's processes".to_owned(),
        Right::Capability(name) => format!("has the capability `{name}`"),
    }
}
