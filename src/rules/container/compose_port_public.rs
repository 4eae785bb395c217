//! A published port is open to the whole network.

use crate::{
    edits,
    finding::{Confidence, Edit, Finding, Place, Related, Safety, Severity},
    project::{
        Project,
        workload::{Platform, Port, Workload},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "compose-port-public",
    group: "container",
    title: "a published port is open to every network",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1327", "CWE-668", "MCP07"],
    docs: "
`ports: [\"8080:8080\"]` publishes the port on every interface of the host, and the container engine opens the host's firewall
for it. On a laptop that is the network of the café; on a server it is the internet. The MCP server or database behind it was
often written for one machine, and asks nobody for a password.

Publish on the loopback address: `127.0.0.1:8080:8080`. What only other services need is not published at all; they reach it by
its name.

Ports 80 and 443 are there for everybody and not reported. For a service that is built here severity is low where all network
transports authenticate. A variable for the address is judged by its default. There is one finding
for each file. Where it describes a public deployment on purpose, suppress the finding.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    let compose = project.workloads.iter().any(|workload| workload.platform == Platform::Compose);
    if compose { Ok(()) } else { Err("no compose file was found") }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut open: Vec<(&Workload, &Port)> = Vec::new();
    for workload in project.workloads.iter().filter(|workload| workload.platform == Platform::Compose) {
        let ports = workload.ports.iter().filter(|port| !port.is_local && !is_for_everybody(port));
        open.extend(ports.map(|port| (workload, port)));
    }
    // What weighs most comes first, and stands for its file.
    open.sort_by_key(|(workload, _)| is_expected(project, workload));
    let mut files: Vec<&str> = open.iter().map(|(workload, _)| workload.place.path.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let here: Vec<_> = open.iter().filter(|(workload, _)| workload.place.path == file).collect();
        let Some((workload, first)) = here.first() else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            format!("`{}` of the service `{}` is published to every network", first.text, workload.name),
            "anybody in the same network talks to the service, past the host's firewall",
            format!("publish on the loopback address: `127.0.0.1:{}`", first.text),
        );
        if is_expected(project, workload) {
            finding.severity = finding.severity.min(Severity::Low);
        }
        // On the machine of whoever works on it: `docker-compose.dev.yml`.
        let name = file.rsplit('/').next().unwrap_or(file);
        if name.split(['.', '-', '_']).any(|word| matches!(word, "dev" | "development" | "local" | "override")) {
            finding.severity = finding.severity.min(Severity::Low);
        }
        let further = here[1..].iter().map(|(workload, port)| Related {
            place: port.place.clone(),
            message: format!("so is `{}` of `{}`", port.text, workload.name),
        });
        finding.related = further.collect();
        let all: Option<Vec<Edit>> = here.iter().map(|(_, port)| narrow(project, port)).collect();
        finding.fix = finding.fix.map(|fix| edits::fix(fix.title, Safety::Unsafe, all));
        findings.push(finding);
    }
}

/// It asks who is calling, or to be reached is its purpose.
fn is_expected(project: &Project, workload: &Workload) -> bool {
    workload.is_built && is_guarded(project) || is_proxy(workload)
}

/// Every network transport of the project asks who is calling.
fn is_guarded(project: &Project) -> bool {
    let endpoints = &project.facts.endpoints;
    !endpoints.is_empty() && endpoints.iter().all(context::is_authenticated)
}

/// A reverse proxy.
fn is_proxy(workload: &Workload) -> bool {
    let image = workload.image.as_ref().map_or("", |image| image.text.as_str());
    ["nginx", "traefik", "caddy", "haproxy", "envoy"].iter().any(|name| image.contains(name))
}

/// The address before both ports, where they are written as numbers; a key of its own where each part has one.
fn narrow(project: &Project, port: &Port) -> Option<Edit> {
    let text = &project.file(&port.place.path)?.text;
    let written = text.get(port.place.start..port.place.end)?;
    let edit = |start: usize, end: usize, replacement: String| Edit {
        place: Place::new(&port.place.path, start, end),
        replacement,
    };
    if written.starts_with("target:") || written.starts_with("published:") {
        let line = edits::line_start(text, port.place.start);
        let indentation = text.get(line..port.place.start)?.replace('-', " ");
        let alone = indentation.trim().is_empty() && written.contains('\n');
        let key = format!("host_ip: 127.0.0.1\n{indentation}");
        return alone.then(|| edit(port.place.start, port.place.start, key));
    }
    let inner = written.trim_matches(['"', '\'']);
    let start = port.place.start + written.find(inner)?;
    let (wide, ports) = inner.strip_prefix("0.0.0.0:").map_or((0, inner), |ports| ("0.0.0.0:".len(), ports));
    let ports = ports.trim_end_matches("/tcp").trim_end_matches("/udp");
    let plain = ports.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'-'));
    (plain && ports.matches(':').count() == 1).then(|| edit(start, start + wide, "127.0.0.1:".to_owned()))
}

fn is_for_everybody(port: &Port) -> bool {
    let published = port.text.split(':').rev().nth(1).unwrap_or(&port.text);
    matches!(published, "80" | "443")
}
