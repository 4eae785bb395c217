//! Safeguards of the container engine that nobody switched on.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Project,
        workload::{Platform, Workload},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "container-hardening",
    group: "container",
    title: "safeguards of the container engine are not used",
    severity: Severity::Info,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-250", "CWE-770", "MSSS DEPLOY"],
    docs: "
The container engine can make the file system read-only, forbid that a program gains rights, drop all capabilities and limit
memory. None of that is on by itself. Each takes a step away from whoever gets to run something through a tool.

In a compose file:

    read_only: true
    security_opt: [no-new-privileges:true]
    cap_drop: [ALL]
    mem_limit: 512m

In Kubernetes `readOnlyRootFilesystem`, `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}` and
`resources.limits`.

Only what is built here is asked in compose files: databases and the like have needs of their own. There is one finding for
each file. A development container, where people compile and install, is not asked.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if asked(project).next().is_some() { Ok(()) } else { Err("no service that is built here was found") }
}

fn asked(project: &Project) -> impl Iterator<Item = &Workload> {
    project.workloads.iter().filter(|workload| match workload.platform {
        Platform::Compose => workload.is_built,
        Platform::Kubernetes => true,
        Platform::Devcontainer => false,
    })
}

const ALL: [&str; 4] = ["read_only", "no-new-privileges", "cap_drop", "limits"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut files: Vec<&str> = asked(project).map(|workload| workload.place.path.as_str()).collect();
    files.dedup();
    for file in files {
        let bare = asked(project).filter(|workload| workload.place.path == file && !missing(workload).is_empty());
        let bare: Vec<&Workload> = bare.collect();
        let Some(first) = bare.first() else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            format!("`{}` runs without {}", first.name, context::names(missing(first))),
            "whoever gets to run something in the container keeps more ways out of it",
            "switch them on, and take back what the server really needs",
        );
        finding.related = bare[1..]
            .iter()
            .map(|workload| Related {
                place: workload.place.clone(),
                message: format!("`{}` runs without {}", workload.name, context::names(missing(workload))),
            })
            .collect();
        findings.push(finding);
    }
}

fn missing(workload: &Workload) -> Vec<&'static str> {
    ALL.into_iter().filter(|name| !workload.safeguards.contains(name)).collect()
}
