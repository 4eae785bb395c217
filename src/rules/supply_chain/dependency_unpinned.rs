//! The next installation may bring another program.

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
    id: "dependency-unpinned",
    group: "supply_chain",
    title: "a runtime dependency has no upper bound",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "MCP04"],
    docs: "
A dependency without a version, with `*` or `latest`, or with only a lower bound, is whatever its authors publish next: a new major version that drops a check, or the work of somebody who took over the
account.

Give a range with an upper end: `^1.24.0`, `~=1.9`, `>=1.9,<2`. `^` and `~` are fine, and so are
dependencies of the same workspace. Go takes exactly what `go.mod` says and is never reported.

With a lockfile the finding is informational: those who install from it are safe, those who install the published package
are not. Dependencies for development and tests are not reported.
",
    applies: context::has_own_dependencies,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for manifest in project.manifests.iter().filter(|manifest| context::is_own(project, manifest)) {
        let floating: Vec<(&Dependency, &'static str)> = manifest
            .dependencies
            .iter()
            .filter(|dependency| dependency.purpose != Purpose::Development && is_from_registry(dependency))
            .filter_map(|dependency| Some((dependency, dependency.floating(manifest.ecosystem)?)))
            .collect();
        let Some((first, why)) = floating.first() else { continue };
        let locked = matches!(project.locked(manifest), Locked::By(_));
        let message = match floating.len() {
            1 => format!("`{}` {why}", first.name),
            _ => format!("{} have no upper bound", context::names(floating.iter().map(|(one, _)| one.name.as_str()))),
        };
        let them = if floating.len() == 1 { "it" } else { "them" };
        let note = if locked { format!("; the lockfile holds {them} for this repository only") } else { String::new() };
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            format!("{message}{note}"),
            "whoever takes over the dependency's account chooses what the next installation runs",
            format!("give {them} a range with an upper end, such as `>=1.2,<2`"),
        );
        if locked {
            finding.severity = Severity::Info;
        }
        finding.related = floating
            .iter()
            .skip(1)
            .map(|(dependency, why)| Related {
                place: dependency.place.clone(),
                message: format!("`{}` {why}", dependency.name),
            })
            .collect();
        findings.push(finding);
    }
}

/// What comes from elsewhere has a rule of its own.
fn is_from_registry(dependency: &Dependency) -> bool {
    matches!(dependency.source, Source::Registry(_))
}
