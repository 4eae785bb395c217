//! A stored token publishes the package.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Project, manifest::Ecosystem, publish},
    rules::{Rule, context},
};

use super::has_workflow;

pub(super) static RULE: Rule = Rule {
    id: "publish-token-long-lived",
    group: "workflows",
    title: "a stored token publishes the package",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-798", "CWE-522", "MCP04", "OpenSSF: trusted publishers for all package repositories"],
    docs: "
A workflow publishes with a token from the repository's secrets (`NPM_TOKEN`, `PYPI_API_TOKEN`, `CARGO_REGISTRY_TOKEN`). It holds
for months, works from anywhere, and every action in that job can read it. Whoever copies it once publishes a new version of the
server later, at night, from their own machine.

npm, PyPI and crates.io accept the identity of the job instead (trusted publishing): name the repository and workflow in the
registry's settings, give the job `id-token: write`, and delete the secret. The credential then exists for minutes and for
that workflow only.

Other registries than the public ones are not reported, nor is the job's own `GITHUB_TOKEN`. A first version may need a token,
since a package must exist before its publisher can be named: suppress the finding until then.
",
    applies: has_workflow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for publication in publish::all(project) {
        let Some((name, place)) = publication.token else { continue };
        let registry = match publication.ecosystem {
            Ecosystem::Npm => "npm",
            Ecosystem::Python => "PyPI",
            Ecosystem::Cargo => "crates.io",
            Ecosystem::Go | Ecosystem::Maven | Ecosystem::NuGet => continue,
        };
        let mut finding = context::finding(
            project,
            &RULE,
            place,
            format!("the secret `{name}` publishes to {registry}, which would accept the job's own identity"),
            "whoever copies the token once publishes a version of the server whenever they like",
            "name this workflow as trusted publisher, give the job `id-token: write`, and delete the secret",
        );
        if publication.place != finding.place {
            finding.related.push(Related { place: publication.place, message: "it is used here".to_owned() });
        }
        if !findings.iter().any(|other| other.place == finding.place) {
            findings.push(finding);
        }
    }
}
