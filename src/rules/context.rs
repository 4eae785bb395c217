//! What several rules ask of a project: whether they apply, and how much a place weighs.

use crate::{
    finding::{Confidence, Place, Severity},
    project::{
        Project, Role,
        facts::{Bind, Endpoint, Protection},
    },
};

/// For rules about servers.
pub(super) fn has_server(project: &Project) -> Result<(), &'static str> {
    if project.facts.servers.is_empty() { Err("no MCP server was found") } else { Ok(()) }
}

/// For rules about what callers send.
pub(super) fn has_server_or_flow(project: &Project) -> Result<(), &'static str> {
    if project.facts.flows.is_empty() { has_server(project) } else { Ok(()) }
}

/// For rules about network transports.
pub(super) fn has_endpoint(project: &Project) -> Result<(), &'static str> {
    if project.facts.endpoints.is_empty() { Err("no server here listens on a network") } else { Ok(()) }
}

/// For rules about standard input and output.
pub(super) fn has_stdio(project: &Project) -> Result<(), &'static str> {
    if project.facts.stdio.is_empty() { Err("no server here speaks over standard output") } else { Ok(()) }
}

/// Severity and confidence of a finding, given where it lies: examples weigh two levels less, for nobody runs them by
/// accident; in tests nobody gains anything, and what looks weak there is often the point.
pub(super) fn weigh(
    project: &Project,
    place: &Place,
    severity: Severity,
    confidence: Confidence,
) -> (Severity, Confidence) {
    match role(project, place) {
        Role::Product | Role::Script => (severity, confidence),
        Role::Example => (lower(severity, 2), confidence),
        Role::Test | Role::Foreign => (lower(severity, 2), Confidence::Low),
    }
}

/// What the file of a place is for.
pub(super) fn role(project: &Project, place: &Place) -> Role {
    project.file(&place.path).map_or(Role::Product, |file| file.role)
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
