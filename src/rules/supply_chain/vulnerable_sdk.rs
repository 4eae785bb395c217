//! The SDK has a weakness that was mended long ago.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        File, Language, Project, Role,
        advisories::{self, Advisory, Condition},
        facts::Protection,
        installed::{self, Installed},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "vulnerable-sdk",
    group: "supply_chain",
    title: "the version of an SDK has a published weakness",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1395", "CWE-937", "MCP04", "CVE-2025-66414", "CVE-2025-66416", "CVE-2026-34742", "CVE-2026-42559"],
    docs: "
The installed version of an MCP SDK, or of a popular package around it, has a weakness for which there is an advisory: a web page
that reaches a local server through DNS rebinding, answers that reach the wrong client, requests of any size. The attack is
public, and so is the way to find servers with that version.

Update to the version that the message names, and commit the lockfile.

The version in the lockfile decides. Where there is none, the least version that the manifest allows does, with less confidence:
the next installation may bring a newer one. Each advisory has a condition (a network transport, an OAuth client, a shared
server object): where the project does not meet it, the finding is informational, and where that cannot be decided its confidence
is low. All advisories on one package are one finding. Where no version is mended yet
it is low: an update is no advice then.

Advisories come from a list that is part of this command, with the date in its first line; nothing is looked up. For all other
packages use the audit of your package manager.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    let known =
        project.manifests.iter().any(|manifest| !manifest.dependencies.is_empty()) || !project.clients.is_empty();
    if known { Ok(()) } else { Err("no manifest with dependencies was found") }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut reported: Vec<((String, Option<String>), usize)> = Vec::new();
    for package in installed::direct(project) {
        let Some(found) = finding(project, &package) else { continue };
        if let Some((_, at)) =
            reported.iter().find(|((name, version), _)| *name == package.name && *version == package.version)
        {
            let related = Related { place: package.place, message: "it is asked for here, too".to_owned() };
            findings[*at].related.push(related);
            continue;
        }
        reported.push(((package.name, package.version), findings.len()));
        findings.push(found);
    }
}

fn finding(project: &Project, package: &Installed) -> Option<Finding> {
    let version = package.version.as_deref()?;
    let affects = advisories::on(package.ecosystem, &package.name).filter(|advisory| advisory.affects(version));
    let mut judged: Vec<(Severity, Confidence, &Advisory)> = affects.map(|advisory| judge(project, advisory)).collect();
    judged.sort_by_key(|(severity, confidence, _)| std::cmp::Reverse((*severity, *confidence)));
    let &(severity, confidence, worst) = judged.first()?;
    let met = |severity: Severity| severity > Severity::Info || judged[0].0 == Severity::Info;
    let relevant = judged.iter().filter(|(severity, ..)| met(*severity));
    let mut ids: Vec<&str> = relevant.map(|(_, _, advisory)| advisory.id.as_str()).collect();
    ids.dedup();
    let note = if severity == Severity::Info { ", which this project does not seem to be open to" } else { "" };
    let has = if package.is_exact { "has" } else { "is allowed, which has" };
    let mended = judged.iter().filter_map(|(_, _, advisory)| advisory.below.as_deref());
    let lock = installed::lock_place(project, package).filter(|_| package.is_exact);
    let locked = lock.as_ref().map(|place| format!(", also in `{}`", place.path)).unwrap_or_default();
    let fix = match mended.max_by(|a, b| advisories::compare(a, b)) {
        Some(below) if worst.below.is_some() => format!("update `{}` to {below} or later{locked}", package.name),
        _ => "there is no mended version yet: see the advisory for what stands in its place".to_owned(),
    };
    let mut finding = context::finding(
        project,
        &RULE,
        package.place.clone(),
        format!("`{}` {version} {has} {}: {}{note}", package.name, context::names(ids), worst.what),
        "the attack is published, and so is the way to find servers with this version",
        fix,
    );
    finding.related.extend(lock.map(|place| Related { place, message: format!("the lockfile holds {version}") }));
    // Where nothing is mended yet, an update is no advice, and the code has rules of its own.
    let most = if worst.below.is_none() { Severity::Low } else { severity };
    finding.severity = finding.severity.min(severity).min(most);
    if worst.severity() == Severity::Critical && severity == Severity::Critical {
        finding.severity = context::weigh(project, &package.place, Severity::Critical, confidence).0;
    }
    let sure = if package.is_exact { Confidence::High } else { Confidence::Medium };
    finding.confidence = finding.confidence.min(confidence).min(sure);
    Some(finding)
}

/// How much an advisory weighs for this project.
fn judge<'a>(project: &Project, advisory: &'a Advisory) -> (Severity, Confidence, &'a Advisory) {
    match meets(project, advisory.only_if) {
        Some(true) => (advisory.severity(), Confidence::High, advisory),
        Some(false) => (Severity::Info, Confidence::High, advisory),
        None => (advisory.severity().min(Severity::Medium), Confidence::Low, advisory),
    }
}

fn meets(project: &Project, condition: Condition) -> Option<bool> {
    let endpoints = &project.facts.endpoints;
    match condition {
        Condition::Any => Some(true),
        Condition::Http => Some(!endpoints.is_empty()),
        Condition::HttpLocal => Some(endpoints.iter().any(|endpoint| {
            !context::is_authenticated(endpoint) && !matches!(endpoint.host_check, Protection::Present(_))
        })),
        Condition::HttpUnbounded => {
            let limits = |file: &File| file.text.contains("MaxBytesHandler") || file.text.contains("MaxBytesReader");
            Some(!endpoints.is_empty() && !project.files.iter().any(limits))
        }
        Condition::SharedServer => {
            if endpoints.is_empty() {
                Some(false)
            } else {
                None
            }
        }
        Condition::OauthClient => Some(imports(project, &["client/auth", "mcp.client.auth", "transport::auth"])),
        Condition::TaskStore => {
            let mut sources = project.files.iter().filter(|file| file.role == Role::Product);
            Some(sources.any(|file| file.language == Some(Language::TypeScript) && file.text.contains("taskStore")))
        }
    }
}

/// Some source outside of tests imports a module whose name holds one of these.
fn imports(project: &Project, modules: &[&str]) -> bool {
    let sources = project.files.iter().filter(|file| matches!(file.role, Role::Product | Role::Script));
    sources.filter_map(|file| file.module.as_ref()).flat_map(|module| &module.imports).any(|import| {
        let named = import.name.as_deref().unwrap_or_default();
        modules.iter().any(|module| import.module.contains(module)) || matches!(named, "OAuthClientProvider")
    })
}
