//! A dependency comes from somewhere else than the registry.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Project,
        lockfile::Locked,
        manifest::{Dependency, Purpose, Source},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "dependency-from-url",
    group: "supply_chain",
    title: "a dependency comes from an address that moves",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "CWE-494", "MCP04"],
    docs: "
A dependency is named by a branch of a repository, or by an archive at some address. No registry keeps what was there yesterday,
nobody is told when it changes, and advisories do not count for it. Whoever can push to that branch, or takes over the address,
decides what the next installation runs. With `http://` so does everybody on the way.

Take a published version, or name the full commit: `github:owner/name#<commit>`, `git+https://...@<commit>`,
`rev = \"<commit>\"`.

Commits, versions' tags and dependencies of the same workspace are not reported. With a lockfile, which holds the commit, severity
is low; so it is for what only development needs.
",
    applies: context::has_own_dependencies,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for manifest in project.manifests.iter().filter(|manifest| context::is_own(project, manifest)) {
        let moving: Vec<(&Dependency, &str)> =
            manifest.dependencies.iter().filter_map(|one| Some((one, address(one)?))).collect();
        let Some((first, address)) = moving.first() else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            format!("`{}` is whatever `{address}` holds next", first.name),
            "whoever can push there, or takes over the address, runs code in the next installation",
            "take a published version, or name the full commit",
        );
        let runs = moving.iter().any(|(one, _)| one.purpose == Purpose::Runtime);
        let clear = moving.iter().any(|(_, address)| address.contains("http://"));
        if !clear && (matches!(project.locked(manifest), Locked::By(_)) || !runs) {
            finding.severity = finding.severity.min(Severity::Low);
        }
        finding.related = moving[1..]
            .iter()
            .map(|(one, _)| Related { place: one.place.clone(), message: format!("`{}` moves, too", one.name) })
            .collect();
        findings.push(finding);
    }
}

/// The address of a dependency that may be something else tomorrow.
fn address(dependency: &Dependency) -> Option<&str> {
    match &dependency.source {
        Source::Remote { address, fixed } if !fixed || address.starts_with("http://") => Some(address),
        _ => None,
    }
}
