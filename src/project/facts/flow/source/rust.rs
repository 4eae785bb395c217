//! Rust: `#[tool]` and `#[prompt]` methods of rmcp, and the handlers of a hand-written `ServerHandler`.

use super::{super::taint::Taint, Entry, NAMED, argument, narrow, none, record};
use crate::project::{
    program::{At, Program},
    syntax::{Expression, Kind, Parameter, Pattern},
};

pub(super) fn add(program: &Program<'_>, file: usize, entries: &mut Vec<Entry>) {
    let module = program.units()[file].module;
    for (function, definition) in module.functions.iter().enumerate() {
        let at = At { file, function };
        if definition.attributes.iter().any(provider) {
            let mut parameters = none(definition);
            for (slot, parameter) in parameters.iter_mut().zip(&definition.parameters) {
                *slot = controlled(program, at, parameter);
            }
            let place = program.place(file, definition.name_span);
            let tool = definition.name.clone();
            entries.push(Entry { at, parameters, tool, place, confidence: NAMED, resource: false });
        } else if let Some(position) = handler(program, at) {
            let mut parameters = none(definition);
            parameters[position] = record();
            let place = program.place(file, definition.name_span);
            let resource = definition.name.as_deref() == Some("read_resource");
            entries.push(Entry { at, parameters, tool: None, place, confidence: NAMED, resource });
        }
    }
}

/// `#[tool]`, `#[tool(..)]`, `#[rmcp::tool]`, `#[prompt]`
fn provider(attribute: &Expression) -> bool {
    let path = attribute.call().map_or(attribute, |call| &call.function);
    let word = match &path.kind {
        Kind::Name(word) => word.as_str(),
        Kind::Member(_, word) => word.value.as_str(),
        _ => return false,
    };
    matches!(word, "tool" | "prompt")
}

/// `Parameters(x): Parameters<T>`, or a plain argument.
fn controlled<'a>(program: &Program<'a>, at: At, parameter: &'a Parameter) -> Option<Taint> {
    let annotation = parameter.annotation.as_ref();
    let short = annotation.map(|a| a.name.rsplit([':', '.']).next().unwrap_or_default()).unwrap_or_default();
    let wrapped = matches!(&parameter.pattern, Pattern::Wrapped(name, _) if name.ends_with("Parameters"));
    if wrapped || short == "Parameters" {
        let inner = annotation.and_then(|annotation| annotation.arguments.first());
        return Some(Taint { class: inner.and_then(|inner| program.class_of(at, inner)), ..record()? });
    }
    let Pattern::Name(name, _) = &parameter.pattern else { return None };
    let given =
        matches!(short, "RequestContext" | "Extension" | "Extensions" | "Peer" | "CancellationToken" | "Meta" | "Self");
    if name == "self" || given || annotation.is_some_and(|annotation| narrow(program, at, annotation)) {
        return None;
    }
    argument(name)
}

/// The position of the request of a handler of `impl ServerHandler`.
fn handler(program: &Program<'_>, at: At) -> Option<usize> {
    let function = program.function_at(at);
    let served = ["call_tool", "read_resource", "get_prompt", "complete", "on_custom_request"];
    let name = function.name.as_deref().filter(|name| served.contains(name))?;
    let class = &program.unit(at).module.classes[function.class?];
    let is_handler = class.bases.iter().any(|base| base.name.ends_with("ServerHandler"));
    (is_handler && !name.is_empty() && function.parameters.len() > 1).then_some(1)
}
