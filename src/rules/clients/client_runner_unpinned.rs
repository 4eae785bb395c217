//! A client downloads and runs whatever is newest, each time it starts.

use crate::{
    edits,
    finding::{Confidence, Edit, Finding, Safety, Severity},
    project::{
        Project,
        client::{ServerEntry, Word},
        manifest::Ecosystem,
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

const ADVICE: &str = "name an exact version or a digest";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let Some((runner, package)) = package(server) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            package.place.clone(),
            format!("`{runner}` starts the newest `{}` there is, each time", package.text),
            "whoever publishes the next version runs it on every machine that has this entry",
            ADVICE,
        );
        // The lockfile's version of this very package is the one that is being written, and may never be published.
        let edit = if is_own(project, &package.text) { None } else { pin(project, &runner, &package) };
        finding.fix = Some(edits::fix(ADVICE, Safety::Unsafe, edit.map(|edit| vec![edit])));
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

/// The version that a lockfile of the project holds already, where that is one: no other is known to be good.
fn pin(project: &Project, runner: &str, package: &Word) -> Option<Edit> {
    let (ecosystem, mark) = match runner.split_whitespace().next()? {
        "npx" | "pnpm" | "bunx" | "yarn" => (Ecosystem::Npm, "@"),
        "uvx" | "uv" => (Ecosystem::Python, "=="),
        _ => return None,
    };
    let locked = project.lockfiles.iter().filter(|lockfile| lockfile.ecosystem == ecosystem);
    let mut versions: Vec<&str> = locked
        .flat_map(|lockfile| &lockfile.packages)
        .filter(|(name, _)| *name == package.text)
        .map(|(_, version)| version.as_str())
        .collect();
    versions.dedup();
    let [version] = versions.as_slice() else { return None };
    let written = project.file(&package.place.path)?.text.get(package.place.start..package.place.end)?;
    let quote = written.strip_prefix(['"', '\''])?.strip_prefix(package.text.as_str())?;
    let replacement = format!("{}{}{mark}{version}{quote}", &written[..1], package.text);
    Some(Edit { place: package.place.clone(), replacement })
}

/// The package of this repository, with or without a tag.
fn is_own(project: &Project, package: &str) -> bool {
    let name = package.rfind('@').filter(|&at| at > 0).map_or(package, |at| &package[..at]);
    let alike = |own: &str| own.replace(['_', '.'], "-").eq_ignore_ascii_case(&name.replace(['_', '.'], "-"));
    project.manifests.iter().filter_map(|manifest| manifest.name.as_deref()).any(alike)
}
