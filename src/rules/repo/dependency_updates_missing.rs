//! Nobody hears of a weakness in a dependency.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        manifest::{Manifest, Source},
        workflow::Workflow,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "dependency-updates-missing",
    group: "repo",
    title: "nothing tells of updates and advisories for dependencies",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1104", "CWE-1395", "MCP04"],
    docs: "
There is no configuration of an update bot (Dependabot, Renovate) and no workflow that audits the dependencies by a schedule. The
SDKs of MCP have had advisories every few months; a server keeps the version of the day it was written until somebody looks.

Add `.github/dependabot.yml`:

    version: 2
    updates:
      - package-ecosystem: npm
        directory: /
        schedule: { interval: weekly }

or a scheduled job with `npm audit`, `pip-audit`, `cargo audit`, `govulncheck`.

An organisation can switch on Renovate or security updates for all its repositories without a file here: then suppress the
finding.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.manifests.iter().any(has_dependencies) { Ok(()) } else { Err("no manifest with dependencies was found") }
}

fn has_dependencies(manifest: &Manifest) -> bool {
    let foreign = manifest.dependencies.iter().any(|dependency| matches!(dependency.source, Source::Registry(_)));
    foreign && !manifest.path.starts_with("../")
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let own = project.files.iter().map(|file| file.path.as_str());
    let mut paths = own.chain(project.above.names.iter().map(String::as_str));
    let manifests = project.files.iter().chain(&project.above.files);
    let preset =
        manifests.filter(|file| file.path.ends_with("package.json")).any(|file| file.text.contains("\"renovate\""));
    if preset || paths.any(is_bot) || project.workflows.iter().any(audits_by_schedule) {
        return;
    }
    findings.push(context::finding(
        project,
        &RULE,
        context::front(project),
        "no update bot and no scheduled audit looks after the dependencies".to_owned(),
        "a weakness of a dependency that is public for months still works here",
        "add `.github/dependabot.yml`, or an audit that a schedule starts",
    ));
}

fn is_bot(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.starts_with("dependabot.y")
        || name.starts_with("renovate.json")
        || name.starts_with(".renovaterc")
        || name == "renovate.js"
        || name == ".pyup.yml"
}

fn audits_by_schedule(workflow: &Workflow) -> bool {
    let audits = |text: &str| {
        let names =
            ["audit", "renovate", "govulncheck", "osv-scanner", "trivy", "snyk", "cargo deny", "cargo-deny", "update"];
        names.iter().any(|name| text.contains(name))
    };
    workflow.trigger("schedule").is_some()
        && workflow
            .steps()
            .any(|(_, step)| step.uses.iter().chain(&step.run).any(|word| audits(&word.text.to_ascii_lowercase())))
}
