//! Nobody can tell where the published package was built.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, manifest::Ecosystem, publish},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "provenance-missing",
    group: "supply_chain",
    title: "the package is published without provenance",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-345", "CWE-353", "MCP04", "SLSA build provenance"],
    docs: "
A workflow publishes to npm or PyPI, and nothing ties the result to this repository. Who installs the server cannot tell a
version that the workflow built from one that somebody with a stolen token uploaded.

For npm publish with `--provenance` and `id-token: write`, or as a trusted publisher, which does both by itself. For PyPI let
`pypa/gh-action-pypi-publish` publish without a password: attestations are then made and uploaded.

Nobody is attacked through what is missing here; it is what one wishes for on the day of an incident. Private packages and
other registries are not reported. Crates.io and Go have nothing of the kind yet.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.workflows.is_empty() { Err("no workflow was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut reported = Vec::new();
    for publication in publish::all(project) {
        let ecosystem = publication.ecosystem;
        let mut packages = project.manifests.iter().filter(|it| it.ecosystem == ecosystem && it.is_package).peekable();
        let private = packages.peek().is_some() && packages.all(|manifest| manifest.private);
        if publication.has_provenance || private || reported.contains(&ecosystem) {
            continue;
        }
        reported.push(ecosystem);
        let fix = match ecosystem {
            Ecosystem::Npm => "publish with `--provenance` and `id-token: write`",
            _ => "publish as a trusted publisher, without a password",
        };
        findings.push(context::finding(
            project,
            &RULE,
            publication.place,
            "what is published here cannot be traced to this repository".to_owned(),
            "a version that somebody uploads with a stolen token looks like every other",
            fix,
        ));
    }
}
