//! Python: functions under `@mcp.tool`, `@server.call_tool()` and their like, and functions handed to `add_tool`.

use super::{Entry, NAMED, argument, narrow, none, record};
use crate::project::{
    program::{At, Program},
    syntax::{Expression, Function, Kind, Pattern},
};

pub(super) fn add(program: &Program<'_>, file: usize, entries: &mut Vec<Entry>) {
    let module = program.units()[file].module;
    for (function, definition) in module.functions.iter().enumerate() {
        let at = At { file, function };
        for attribute in &definition.attributes {
            if let Some((what, name)) = decorator(attribute) {
                register(program, at, what, name, entries);
            }
        }
    }
    for site in program.calls_in(file) {
        let Kind::Member(_, method) = &site.call.function.kind else { continue };
        if !matches!(method.value.as_str(), "add_tool" | "from_function" | "tool" | "register_tool") {
            handed_over(program, site, entries);
            continue;
        }
        let handler = site.call.positional(0).or_else(|| site.call.keyword("fn"));
        if let Some(handler) = handler.and_then(|handler| program.function(site.at, handler)) {
            register(program, handler, "tool", site.call.keyword("name").and_then(Expression::text), entries);
        }
    }
}

/// Version 2 of the SDK: `Server(.., on_call_tool=f)`.
fn handed_over<'a>(program: &Program<'a>, site: crate::project::program::Site<'a>, entries: &mut Vec<Entry>) {
    for (keyword, what) in
        [("on_call_tool", "call_tool"), ("on_read_resource", "read_resource"), ("on_get_prompt", "get_prompt")]
    {
        if let Some(handler) = site.call.keyword(keyword).and_then(|handler| program.function(site.at, handler)) {
            register(program, handler, what, None, entries);
        }
    }
}

/// The last word of a decorator, and the name that it gives.
fn decorator(attribute: &Expression) -> Option<(&str, Option<&str>)> {
    let (function, name) = match &attribute.kind {
        Kind::Call(call) => {
            let name = call.keyword("name").or_else(|| call.positional(0)).and_then(Expression::text);
            (&call.function, name)
        }
        _ => (attribute, None),
    };
    match &function.kind {
        Kind::Member(_, word) => Some((word.value.as_str(), name)),
        _ => None,
    }
}

fn register(program: &Program<'_>, at: At, what: &str, name: Option<&str>, entries: &mut Vec<Entry>) {
    let function = program.function_at(at);
    let mut parameters = none(function);
    for (position, parameter) in function.parameters.iter().enumerate() {
        let Pattern::Name(word, _) = &parameter.pattern else { continue };
        if injected(program, at, function, position, word) {
            continue;
        }
        parameters[position] = match what {
            "tool" | "resource" | "prompt" => argument(word),
            "call_tool" | "get_prompt" | "completion" | "read_resource" if word == "name" || word == "uri" => {
                argument(word)
            }
            "call_tool" | "get_prompt" | "completion" | "read_resource" => record(),
            _ => return,
        };
    }
    let tool = name.map(str::to_owned).or_else(|| function.name.clone()).filter(|_| what == "tool");
    let place = program.place(at.file, function.name_span);
    let resource = what.ends_with("resource");
    entries.push(Entry { at, parameters, tool, place, confidence: NAMED, resource });
}

/// Parameters that the framework fills, and those whose type leaves nothing to control.
fn injected(program: &Program<'_>, at: At, function: &Function, position: usize, word: &str) -> bool {
    let Some(parameter) = program.function_at(at).parameters.get(position) else { return true };
    let receiver = position == 0 && function.class.is_some();
    let context = matches!(word, "self" | "cls" | "ctx" | "context" | "_ctx");
    let typed = parameter.annotation.as_ref();
    let by_type =
        typed.is_some_and(|annotation| annotation.name.ends_with("Context") || narrow(program, at, annotation));
    let depends = parameter.default.as_ref().and_then(Expression::call).is_some_and(|call| {
        matches!(call.function.name(), Some("Depends" | "CurrentContext" | "Header" | "CurrentHeaders"))
    });
    receiver || context || by_type || depends
}
