//! The pipeline never looks for weaknesses.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, pipeline},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "doctor-not-in-ci",
    group: "workflows",
    title: "the pipeline checks neither the code nor its dependencies for weaknesses",
    severity: Severity::Info,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1053", "MCP04"],
    docs: "
There is a pipeline, and no step of it runs this doctor, another scanner (CodeQL, Semgrep, Bandit, gosec, ...) or an audit of the
dependencies (`npm audit`, `pip-audit`, `cargo audit`, `govulncheck`, ...). What is found once by hand comes back with the next
change.

Add a job:

    - run: mcpsec doctor

and let a schedule start it, since advisories appear without a commit.

Scripts that a step calls are followed. Workflows of other repositories and other systems than GitHub's cannot be seen: where one
is used, nothing is reported. CodeQL's default setup and scanners that are switched on in the repository's settings leave no
file: there suppress the finding.
",
    applies,
    check,
};

/// Parts of commands and actions that look for weaknesses.
const SCANNERS: &[&str] = &[
    "mcpsec",
    "codeql",
    "semgrep",
    "opengrep",
    "bandit",
    "gosec",
    "govulncheck",
    " audit",
    "-audit",
    "audit-ci",
    "cargo deny",
    "cargo-deny",
    "osv-scanner",
    "trivy",
    "grype",
    "snyk",
    "sonar",
    "dependency-review",
    "safety check",
    "safety scan",
    "devskim",
    "checkov",
    "horusec",
    "mcp-scan",
    "agent-scan",
    "security scan",
    "ruff check --select s",
    "scorecard",
];

fn applies(project: &Project) -> Result<(), &'static str> {
    pipeline::of(project).map(drop).ok_or("no pipeline was found")
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let Some(pipeline) = pipeline::of(project) else { return };
    if pipeline.unseen || pipeline.runs(SCANNERS) {
        return;
    }
    findings.push(context::finding(
        project,
        &RULE,
        context::front(project),
        "no step of the pipeline looks for weaknesses".to_owned(),
        "a weakness that somebody adds stays until an attacker finds it",
        "run `mcpsec doctor` and an audit of the dependencies in the pipeline",
    ));
}
