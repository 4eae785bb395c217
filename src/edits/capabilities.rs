//! What a server announces.

use super::Source;
use crate::{
    finding::Edit,
    project::{
        Language, Project,
        facts::{Capability, Declared, Server},
    },
};

/// Takes back what nobody serves.
pub(crate) fn retract(project: &Project, server: &Server, declared: &Declared) -> Option<Vec<Edit>> {
    let source = Source::of(project, &declared.place)?;
    let written = project.file(&declared.place.path)?.text.get(declared.place.start..declared.place.end)?;
    let plain = match server.language {
        Language::TypeScript => true,
        // What goes must not be the only use of an import.
        Language::Go => written == "true" || written.starts_with("server.With"),
        _ => false,
    };
    if plain { source.without(&declared.place) } else { None }
}

/// Announces a capability where the server is made.
pub(crate) fn declare(project: &Project, server: &Server, capability: Capability) -> Option<Vec<Edit>> {
    if server.language != Language::TypeScript || !server.incomplete.is_empty() {
        return None;
    }
    let source = Source::of(project, &server.place)?;
    let (whole, call) = source.call(&server.place)?;
    let entry = format!("{}: {{}}", capability.name());
    match call.arguments.as_slice() {
        [_] => source.argument(whole, call, &format!("{{ capabilities: {{ {entry} }} }}")),
        [_, options] => match options.value.record()?.get("capabilities") {
            Some(capabilities) => source.entry_of(capabilities, &entry),
            None => source.entry_of(&options.value, &format!("capabilities: {{ {entry} }}")),
        },
        _ => None,
    }
}
