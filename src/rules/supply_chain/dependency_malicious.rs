//! A package that was published to do harm.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, advisories, installed},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "dependency-malicious",
    group: "supply_chain",
    title: "a package is known to do harm",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-506", "MCP04"],
    docs: "
A manifest, lockfile or client configuration names a package, in a version that somebody published to do harm: `postmark-mcp` from
1.0.16 on sends a copy of every mail to its author, versions of popular packages published with stolen accounts steal
credentials when they are installed.

Remove it, and treat the machines that installed it as open: replace the credentials they had. Versions before and after the
harmful ones are not reported.

Names and versions come from a list that is part of this command, each with its source; nothing is looked up. A list is always
late: that nothing is reported does not make a package a good one. A range is judged by the version in the lockfile.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    let known = !project.manifests.is_empty() || !project.lockfiles.is_empty() || !project.clients.is_empty();
    if known { Ok(()) } else { Err("no manifest, lockfile or client configuration was found") }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut reported: Vec<String> = Vec::new();
    // A client's entry without a version starts the newest: what was harmful once has been taken back.
    let direct = installed::direct(project).into_iter().filter(|package| package.is_exact || package.version.is_none());
    let locked = installed::locked_packages(project, |ecosystem, name, version| {
        advisories::malicious(ecosystem, name, Some(version)).is_some()
    });
    for package in direct.chain(locked) {
        let Some(known) = advisories::malicious(package.ecosystem, &package.name, package.version.as_deref()) else {
            continue;
        };
        if reported.contains(&package.name) {
            continue;
        }
        let version = package.version.map(|version| format!(" {version}")).unwrap_or_default();
        let mut finding = context::finding(
            project,
            &RULE,
            package.place,
            format!("`{}`{version} {} ({})", package.name, known.what, known.source),
            "its author runs code in every installation, with the credentials that are there",
            "remove it, and replace the credentials of every machine that installed it",
        );
        // Also in tests and examples it is installed and run.
        (finding.severity, finding.confidence) = (RULE.severity, RULE.confidence);
        reported.push(package.name);
        findings.push(finding);
    }
}
