//! The server's listing says something else than the server.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Project, Role,
        client::Word,
        listing::{self, Listing, Package},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "server-manifest-mismatch",
    group: "capabilities",
    title: "the server's listing says something else than its code",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1059", "CWE-1357", "MCP09", "MCP04"],
    docs: "
`server.json` (for the registry) or the `manifest.json` of a bundle disagrees with the project: another version than the package
has, a transport that the code does not serve, a tool that is not registered, or a setting that is a key by its name and not marked
as one. Clients decide by the listing: they install the version that it names, ask for the approval of the tools that it lists, and
show or store settings in the clear that are not marked (`isSecret`, `sensitive`).

Correct the listing, best with the same command that raises the version.

Versions are not compared where a workflow or script writes them (it mentions the file), where one of them is a placeholder
(`0.0.0`), or where the package is not of this project. Tools are compared only where all of the server's are known. A setting
without its mark is the finding that weighs most; the others are low, since nobody gains much by them alone.
",
    applies,
    check,
};

fn listings(project: &Project) -> impl Iterator<Item = Listing> {
    project.files.iter().filter_map(listing::read)
}

fn applies(project: &Project) -> Result<(), &'static str> {
    if listings(project).next().is_some() { Ok(()) } else { Err("no `server.json` or bundle was found") }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for listing in listings(project) {
        if let Some(first) = listing.open_secrets.first() {
            let names = context::names(listing.open_secrets.iter().map(|word| word.text.as_str()));
            let message = format!("{names} holds a secret, and is not marked as one");
            let attack = "a client shows or stores the key in the clear, where other programs read it";
            findings.push(finding(project, &first.place, message, attack, Severity::Medium));
        }
        let wrong =
            version(project, &listing).or_else(|| transport(project, &listing)).or_else(|| tool(project, &listing));
        if let Some((place, message)) = wrong {
            let attack = "people approve and install something else than what runs";
            findings.push(finding(project, &place, message, attack, Severity::Low));
        }
    }
}

fn finding(project: &Project, place: &Place, message: String, attack: &str, severity: Severity) -> Finding {
    let fix = "correct the listing, best with the command that raises the version";
    let mut finding = context::finding(project, &RULE, place.clone(), message, attack, fix);
    finding.severity = finding.severity.min(severity);
    finding
}

/// A version that the package of this project does not have.
fn version(project: &Project, listing: &Listing) -> Option<(Place, String)> {
    let place = &listing.version.as_ref().or_else(|| listing.packages.iter().find_map(|it| it.version.as_ref()))?.place;
    if is_written_by_release(project, &place.path) {
        return None;
    }
    let differs = |word: &Word, real: Option<String>| {
        let real = real.filter(|real| *real != word.text && !is_placeholder(real) && !is_placeholder(&word.text))?;
        Some((word.place.clone(), format!("version {} is listed, and the package has {real}", word.text)))
    };
    let package = |package: &Package| {
        package.ecosystem?;
        let real = listing::version(project, package.ecosystem, Some(&package.identifier.text));
        differs(package.version.as_ref()?, real)
    };
    listing.packages.iter().find_map(package).or_else(|| {
        // A bundle carries the package beside it.
        let bundle = listing.version.as_ref().filter(|word| word.place.path == "manifest.json")?;
        differs(bundle, listing::version(project, None, None))
    })
}

fn is_placeholder(version: &str) -> bool {
    version.starts_with("0.0.0")
        || !version.starts_with(|first: char| first.is_ascii_digit())
        || version.contains(['$', '{', '*'])
        // Between two releases.
        || ["dev", "snapshot", "next", "unreleased"].iter().any(|word| version.to_ascii_lowercase().contains(word))
}

/// A workflow, script or makefile mentions the file: it probably writes the version into it.
fn is_written_by_release(project: &Project, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let scripts = project.manifests.iter().flat_map(|manifest| &manifest.scripts);
    scripts.into_iter().any(|script| script.command.contains(name))
        || project.files.iter().chain(&project.above.files).any(|file| {
            let tool = ["makefile", "justfile", "release-please-config.json", ".releaserc", ".bumpversion.toml"];
            let base = file.path.rsplit('/').next().unwrap_or(&file.path).to_ascii_lowercase();
            let writes = file.role == Role::Script || tool.iter().any(|known| base.starts_with(known));
            writes && file.text.contains(name)
        })
}

/// A transport that nothing in the project serves.
fn transport(project: &Project, listing: &Listing) -> Option<(Place, String)> {
    let facts = &project.facts;
    if facts.servers.is_empty() || facts.stdio.is_empty() && facts.endpoints.is_empty() {
        return None;
    }
    listing.packages.iter().filter_map(|package| package.transport.as_ref()).find_map(|word| {
        let served = match word.text.as_str() {
            "stdio" => !facts.stdio.is_empty(),
            "streamable-http" | "sse" => !facts.endpoints.is_empty(),
            _ => true,
        };
        (!served).then(|| (word.place.clone(), format!("the transport `{}` is listed, and not served", word.text)))
    })
}

/// A tool that is listed and not registered.
fn tool(project: &Project, listing: &Listing) -> Option<(Place, String)> {
    let servers = &project.facts.servers;
    let known = !servers.is_empty()
        && servers
            .iter()
            .all(|server| server.incomplete.is_empty() && server.tools.iter().all(|tool| tool.name.is_some()));
    let mut names = servers.iter().flat_map(|server| &server.tools).filter_map(|tool| tool.name.as_deref()).peekable();
    if !known || names.peek().is_none() {
        return None;
    }
    let names: Vec<&str> = names.collect();
    let missing = listing.tools.as_ref()?.iter().find(|word| !names.contains(&word.text.as_str()))?;
    Some((missing.place.clone(), format!("the tool `{}` is listed, and not registered", missing.text)))
}
