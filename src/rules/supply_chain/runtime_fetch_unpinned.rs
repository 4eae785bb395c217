//! Whatever is newest is downloaded and run, each time.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Project, Role,
        client::Word,
        command::{self, CommandLine, Origin},
        runner::{self, Fetched},
    },
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "runtime-fetch-unpinned",
    group: "supply_chain",
    title: "a command downloads and runs whatever is newest",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-829", "CWE-494", "CWE-1357", "MCP04"],
    docs: "
A script, container or workflow starts a package without a version: `npx -y package`, `uvx package`, `pipx run package`,
`docker run image`, `go run module@latest`. The registry's newest version runs at each start, past lockfile and review. Whoever
publishes the next one, by right or with a stolen account, decides what that is.

Name the version (`npx -y package@1.2.3`, `uvx package==1.2.3`, `image@sha256:...`), or make the package a dependency, which the
lockfile then holds.

How much it weighs depends on when it runs: high where a container or the package's `start` script does it, medium while an image
is built, low in workflows and in scripts for developers. Packages of large vendors are one level lower. Without `-y`, `npx` (and `bunx` in a script of the package) runs
what is installed in the project: that is reported for a container's start alone. A package that is a dependency, and the
project's own, are not reported. Configurations of clients have a rule of their own, and code that starts servers is not read.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut reported: Vec<String> = Vec::new();
    for line in command::lines(project) {
        let role = context::role(project, &line.place);
        for words in command::commands(&line.text) {
            let words: Vec<Word> = words.into_iter().map(|text| Word { text, place: line.place.clone() }).collect();
            let Some(fetched) = runner::fetched(&words).filter(|fetched| !fetched.pinned) else { continue };
            if is_known(project, &fetched) || !downloads(&line, &words, &fetched) {
                continue;
            }
            let severity = severity(project, &line, &fetched);
            // One package is one decision; only where the server starts each place counts.
            if reported.contains(&fetched.package.text) && severity < Severity::High || role == Role::Test {
                continue;
            }
            reported.push(fetched.package.text.clone());
            findings.push(finding(project, line.place.clone(), &fetched, severity));
        }
    }
}

fn finding(project: &Project, place: Place, fetched: &Fetched, severity: Severity) -> Finding {
    let mut finding = context::finding(
        project,
        &RULE,
        place,
        format!("`{}` runs the newest `{}` there is", fetched.runner, fetched.package.text),
        "whoever publishes the next version runs it here, past lockfile and review",
        "name an exact version or a digest, or make it a dependency",
    );
    finding.severity = finding.severity.min(severity);
    finding
}

fn severity(project: &Project, line: &CommandLine, fetched: &Fetched) -> Severity {
    let script = project.manifests.iter().flat_map(|manifest| &manifest.scripts).find(|it| it.place == line.place);
    let starts = script.is_some_and(|script| matches!(script.name.as_str(), "start" | "serve" | "start:prod"));
    let severity = match line.origin {
        Origin::Start => Severity::High,
        Origin::Script if starts => Severity::High,
        Origin::Build => Severity::Medium,
        Origin::Script | Origin::Workflow | Origin::Shell => Severity::Low,
    };
    let known = runner::is_well_known(&fetched.package.text);
    if known { context::lower(severity, 1) } else { severity }
}

/// A dependency, which the lockfile holds, or the project itself.
fn is_known(project: &Project, fetched: &Fetched) -> bool {
    let package = fetched.package.text.as_str();
    let name = package.split(['[', '=', '<', '>', '~']).next().unwrap_or(package);
    let name = name.rfind('@').filter(|&at| at > 0).map_or(name, |at| &name[..at]);
    let moving = package.len() > name.len() && package.ends_with("@latest");
    let listed = project.manifests.iter().any(|manifest| {
        let own = manifest.name.as_deref() == Some(name);
        own || !moving && manifest.dependencies.iter().any(|dependency| dependency.name == name)
    });
    // An image that is built here has the name that somebody gave it.
    let image =
        fetched.runner.ends_with(" run") && !fetched.runner.starts_with("uv") && !fetched.runner.starts_with("pipx");
    listed || image && !package.contains('/') && !is_official(name)
}

/// Images of the public registry without an owner that everybody knows.
fn is_official(name: &str) -> bool {
    let known =
        ["postgres", "redis", "mysql", "mongo", "nginx", "node", "python", "alpine", "ubuntu", "debian", "golang"];
    known.contains(&name.split(':').next().unwrap_or(name))
}

/// `npx` and its kin ask before they download, and run what is installed; others always download.
fn downloads(line: &CommandLine, words: &[Word], fetched: &Fetched) -> bool {
    let local = line.origin == Origin::Script && matches!(fetched.runner.as_str(), "bunx" | "bun x");
    let asks = local || matches!(fetched.runner.as_str(), "npx" | "npm exec" | "pnpx");
    let forced = words.iter().any(|word| matches!(word.text.as_str(), "-y" | "--yes"));
    !asks
        || forced
        || fetched.package.text.contains('@') && !fetched.package.text.starts_with('@')
        || line.origin == Origin::Start
}
