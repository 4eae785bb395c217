//! A client downloads and runs whatever is newest, each time it starts.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{ServerEntry, Word},
        runner,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-runner-unpinned",
    group: "clients",
    title: "a client starts a server without a version",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "CWE-494", "MCP04", "SAFE-T1201"],
    docs: "
`npx -y package`, `uvx package`, `docker run image` in a client's configuration download whatever is newest at each start and
run it with the rights of the person, and with the tokens in the same entry. Whoever publishes the next version, by right or
with a stolen account, decides what that is, after everybody has reviewed and approved the entry.

Name the version: `package@1.2.3`, `package==1.2.3`, `image@sha256:...`; a commit for git. Ranges and tags such as `latest`
move, and are no version.

Programs that are installed already, local paths and scripts of the project are not reported. For packages of the protocol's
own project and of large vendors severity is low: their accounts are better guarded, and the version still moves. So it is for
the package of this repository: who changes the entry publishes the package.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let Some((runner, package)) = package(server) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            package.place.clone(),
            format!("`{runner}` starts the newest `{}` there is, each time", package.text),
            "whoever publishes the next version runs it on every machine that has this entry",
            "name an exact version or a digest",
        );
        if runner::is_well_known(&package.text) || is_own(project, &package.text) {
            finding.severity = context::lower(finding.severity, 1);
        }
        findings.push(finding);
    }
}

/// The runner and the package or image that it takes without a version.
fn package(server: &ServerEntry) -> Option<(String, Word)> {
    let fetched = runner::fetched(&server.launch())?;
    (!fetched.pinned).then_some((fetched.runner, fetched.package))
}

/// The package of this repository, with or without a tag.
fn is_own(project: &Project, package: &str) -> bool {
    let name = package.rfind('@').filter(|&at| at > 0).map_or(package, |at| &package[..at]);
    let alike = |own: &str| own.replace(['_', '.'], "-").eq_ignore_ascii_case(&name.replace(['_', '.'], "-"));
    project.manifests.iter().filter_map(|manifest| manifest.name.as_deref()).any(alike)
}
