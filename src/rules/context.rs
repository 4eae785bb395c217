//! What several rules ask of a project: whether they apply, and how much a place weighs.

use super::Rule;
use crate::{
    finding::{Confidence, Finding, Fix, Place, Related, Severity},
    project::{
        Project, Role,
        facts::{Bind, Endpoint, Protection},
        manifest::Manifest,
    },
};

/// For rules about servers.
pub(super) fn has_server(project: &Project) -> Result<(), &'static str> {
    if project.facts.servers.is_empty() { Err("no MCP server was found") } else { Ok(()) }
}

/// For rules about servers, also those of which the transport alone was found.
pub(super) fn has_server_or_endpoint(project: &Project) -> Result<(), &'static str> {
    if project.facts.endpoints.is_empty() { has_server(project) } else { Ok(()) }
}

/// For rules about what callers send.
pub(super) fn has_server_or_flow(project: &Project) -> Result<(), &'static str> {
    if project.facts.flows.is_empty() { has_server(project) } else { Ok(()) }
}

/// For rules about what servers hold.
pub(super) fn has_server_or_held_flow(project: &Project) -> Result<(), &'static str> {
    if project.facts.held_flows.is_empty() { has_server(project) } else { Ok(()) }
}

/// For rules about network transports.
pub(super) fn has_endpoint(project: &Project) -> Result<(), &'static str> {
    if project.facts.endpoints.is_empty() { Err("no server here listens on a network") } else { Ok(()) }
}

/// For rules about standard input and output.
pub(super) fn has_stdio(project: &Project) -> Result<(), &'static str> {
    if project.facts.stdio.is_empty() { Err("no server here speaks over standard output") } else { Ok(()) }
}

/// For rules about the configurations of clients.
pub(super) fn has_client(project: &Project) -> Result<(), &'static str> {
    if project.clients.is_empty() { Err("no client configuration was found") } else { Ok(()) }
}

/// Severity and confidence of a finding, given where it lies. Examples weigh two levels less, for nobody runs them by
/// accident, and beside a product they are shown on request alone; in tests nobody gains anything, and what looks weak
/// there is often the point.
pub(super) fn weigh(
    project: &Project,
    place: &Place,
    severity: Severity,
    confidence: Confidence,
) -> (Severity, Confidence) {
    match role(project, place) {
        Role::Product | Role::Script => (severity, confidence),
        Role::Example if !has_product(project) => (lower(severity, 2), confidence),
        Role::Example | Role::Test | Role::Foreign => (lower(severity, 2), Confidence::Low),
    }
}

/// The same for what an endpoint lacks: a library that only its own examples serve is served by whoever uses it.
pub(super) fn weigh_endpoint(
    project: &Project,
    endpoint: &Endpoint,
    place: &Place,
    severity: Severity,
    confidence: Confidence,
) -> (Severity, Confidence) {
    let by_example = matches!(role(project, &endpoint.place), Role::Example | Role::Test);
    if by_example && role(project, place) == Role::Product {
        return (lower(severity, 2), Confidence::Low);
    }
    weigh(project, place, severity, confidence)
}

/// Where another endpoint at the same address lacks the same: the finding of the first one stands for it.
pub(super) fn stands_for(
    known: &mut Vec<(Place, &'static str, usize)>,
    endpoint: &Endpoint,
    message: &'static str,
    next: usize,
) -> Option<usize> {
    // The call itself says nothing of an address that several could share.
    if endpoint.bind_place == endpoint.place || endpoint.bind_place == endpoint.route {
        return None;
    }
    let same = known.iter().find(|(address, said, _)| *address == endpoint.bind_place && *said == message);
    if let Some((.., index)) = same {
        return Some(*index);
    }
    known.push((endpoint.bind_place.clone(), message, next));
    None
}

/// Some server here is more than an example.
fn has_product(project: &Project) -> bool {
    project.facts.servers.iter().any(|server| role(project, &server.place) == Role::Product)
}

/// What the file of a place is for.
pub(super) fn role(project: &Project, place: &Place) -> Role {
    project.file(&place.path).map_or(Role::Product, |file| file.role)
}

/// Whether what stands at a place may serve a network: some endpoint lies in the same package, or the package has no server
/// of its own and may belong to any.
pub(super) fn is_networked(project: &Project, place: &Place) -> bool {
    let package = package(project, &place.path);
    let inside = |other: &Place| self::package(project, &other.path) == package;
    project.facts.endpoints.iter().any(|endpoint| inside(&endpoint.place) || inside(&endpoint.route))
        || !project.facts.servers.iter().any(|server| inside(&server.place))
}

/// The folder of the nearest manifest of a package.
fn package<'p>(project: &'p Project, path: &str) -> &'p str {
    let folders = project
        .manifests
        .iter()
        .filter(|manifest| manifest.is_package)
        .map(|manifest| manifest.path.rsplit_once('/').map_or("", |(folder, _)| folder));
    let around =
        |folder: &&str| folder.is_empty() || path.strip_prefix(*folder).is_some_and(|rest| rest.starts_with('/'));
    folders.filter(around).max_by_key(|folder| folder.len()).unwrap_or_default()
}

/// A severity some levels lower.
pub(super) fn lower(severity: Severity, levels: usize) -> Severity {
    let index = Severity::ALL.iter().position(|it| *it == severity).unwrap_or_default();
    Severity::ALL[index.saturating_sub(levels)]
}

/// Only programs of the same machine can connect, unless somebody configures something else.
pub(super) fn is_local(endpoint: &Endpoint) -> bool {
    matches!(endpoint.bind, Bind::Loopback | Bind::ConfiguredLoopback)
}

/// Callers prove who they are, and nobody can forget to switch it on.
pub(super) fn is_authenticated(endpoint: &Endpoint) -> bool {
    matches!(endpoint.authentication, Protection::Present(_))
}

/// Where an endpoint is made, where it starts to listen and where its address is written, other than the place that is
/// reported itself.
pub(super) fn beside(endpoint: &Endpoint, reported: &Place) -> Vec<Related> {
    let places = [
        (&endpoint.route, "the transport is made here"),
        (&endpoint.place, "the server starts to listen here"),
        (&endpoint.bind_place, "its address is written here"),
    ];
    let mut related: Vec<Related> = Vec::new();
    for (place, message) in places {
        if place != reported && related.iter().all(|known| known.place != *place) {
            related.push(Related { place: place.clone(), message: message.to_owned() });
        }
    }
    related
}

/// A finding as the rule usually reports it, weighed by where it lies; `fix` is advice.
pub(super) fn finding(
    project: &Project,
    rule: &'static Rule,
    place: Place,
    message: String,
    attack: &str,
    fix: impl Into<String>,
) -> Finding {
    let (severity, confidence) = weigh(project, &place, rule.severity, rule.confidence);
    Finding {
        rule: rule.id,
        severity,
        confidence,
        place,
        message,
        attack: attack.to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice(fix)),
    }
}

/// For rules about what models read of tools, prompts and resources.
pub(super) fn has_offer(project: &Project) -> Result<(), &'static str> {
    if project.facts.offers.is_empty() { Err("no tool, prompt or resource was found") } else { Ok(()) }
}

/// Where in the text at `place` a phrase begins, up to the end of its line; the whole place where the source writes it
/// differently, as escapes do.
pub(super) fn phrase(project: &Project, place: &Place, phrase: &str) -> Place {
    let first = phrase.trim_start().lines().next().unwrap_or_default().trim_end();
    let source = project.file(&place.path).and_then(|file| file.text.get(place.start..place.end)).unwrap_or_default();
    match source.find(first).filter(|_| !first.is_empty()) {
        Some(at) => Place::new(&place.path, place.start + at, place.start + at + first.len()),
        None => place.clone(),
    }
}

/// Everybody who clones the repository gets this file.
pub(super) fn is_shared(project: &Project, path: &str) -> bool {
    project.file(path).and_then(|file| file.tracked) != Some(false)
}

/// Where something is said of the project as a whole: its manifest, its readme, or its first file.
pub(crate) fn front(project: &Project) -> Place {
    let own = |path: &str| !path.starts_with("../");
    let mut manifests: Vec<&str> =
        project.manifests.iter().map(|manifest| manifest.path.as_str()).filter(|path| own(path)).collect();
    manifests.sort_by_key(|path| path.matches('/').count());
    let readme = || project.files.iter().map(|file| file.path.as_str()).find(|path| path.starts_with("README"));
    let paths = || project.files.iter().map(|file| file.path.as_str());
    let first = || paths().find(|path| !path.starts_with('.')).or_else(|| paths().next());
    Place::top(manifests.first().copied().or_else(readme).or_else(first).unwrap_or("README.md"))
}

/// Up to four names in backticks, and how many more there are.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = names.into_iter().collect();
    all.dedup();
    let shown: Vec<String> = all.iter().take(4).map(|name| format!("`{name}`")).collect();
    match all.len().saturating_sub(4) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Endings of files that show names and hold no values.
const HARMLESS: &[&str] = &["example", "examples", "sample", "template", "tmpl", "tpl", "dist", "schema", "defaults"];

/// Whether a path is an environment file that is meant to hold real values.
pub(super) fn is_environment(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(rest) = name.strip_prefix(".env") else { return false };
    let parts: Vec<&str> = rest.split(['.', '-', '_']).collect();
    (rest.is_empty() || rest.starts_with('.')) && !parts.iter().any(|part| HARMLESS.contains(part))
}

/// A manifest of the product itself: not above the project, and not of a test or example.
pub(super) fn is_own(project: &Project, manifest: &Manifest) -> bool {
    !manifest.path.starts_with("../") && role(project, &Place::top(&manifest.path)) == Role::Product
}

/// For rules about what the product depends on.
pub(super) fn has_own_dependencies(project: &Project) -> Result<(), &'static str> {
    let asks = |manifest: &Manifest| !manifest.dependencies.is_empty() && is_own(project, manifest);
    if project.manifests.iter().any(asks) { Ok(()) } else { Err("no manifest with dependencies was found") }
}
