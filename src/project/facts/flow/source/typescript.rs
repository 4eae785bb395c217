//! TypeScript and JavaScript: `registerTool`, `tool`, `setRequestHandler`, `addTool`, tool objects and tool classes.

use super::{
    super::{schema, taint::Taint},
    Entry, NAMED, SHAPED, argument, none, record,
};
use crate::{
    finding::Confidence,
    project::{
        program::{At, Program, Site},
        syntax::{Call, Expression, Kind, Record},
    },
};

/// Fields of a tool object that hold its function.
const HANDLER_FIELDS: &[&str] = &["handler", "execute", "run", "callback", "call", "func", "invoke", "cb"];

pub(super) fn add(program: &Program<'_>, file: usize, entries: &mut Vec<Entry>) {
    for site in program.calls_in(file) {
        if let Kind::Member(_, method) = &site.call.function.kind {
            registration(program, site, &method.value, entries);
        }
    }
    program.units()[file].expressions(&mut |function, expression| {
        if let Kind::Record(object) = &expression.kind {
            tool_object(program, At { file, function }, object, entries);
        }
    });
    classes(program, file, entries);
}

fn registration<'a>(program: &Program<'a>, site: Site<'a>, method: &str, entries: &mut Vec<Entry>) {
    let Site { at, call, .. } = site;
    match method {
        "registerTool" | "tool" | "registerPrompt" | "prompt" => {
            let Some(handler) = last_function(program, at, call) else { return };
            let Some(name) = call.positional(0) else { return };
            // `.tool(..)` is a common word: a name first and a function last make it a registration.
            if program.text(at, name).is_none() && !method.starts_with("register") {
                return;
            }
            let mut parameters = none(program.function_at(handler));
            if let Some(first) = parameters.first_mut() {
                *first = by_schema(program, at, call).or_else(record);
            }
            push(program, site, handler, parameters, program.text(at, name), NAMED, entries);
        }
        "registerResource" | "resource" => {
            let Some(handler) = last_function(program, at, call) else { return };
            let mut parameters = none(program.function_at(handler));
            // A fixed URI is no input; a template's URI and variables are.
            let given = if call.positional(1).is_some_and(|uri| program.text(at, uri).is_some()) { 0 } else { 2 };
            parameters.iter_mut().take(given).enumerate().for_each(|(position, parameter)| {
                *parameter = if position == 0 { argument("uri") } else { record() };
            });
            push(program, site, handler, parameters, None, NAMED, entries);
        }
        "setRequestHandler" => {
            let what = call.positional(0).map(|what| program.source(at.file, what.span)).unwrap_or_default();
            let served =
                ["CallTool", "ReadResource", "GetPrompt", "Complete", "tools/call", "resources/read", "prompts/get"];
            if !served.iter().any(|name| what.contains(name)) {
                return;
            }
            let Some(handler) = last_function(program, at, call) else { return };
            let mut parameters = none(program.function_at(handler));
            parameters.iter_mut().take(1).for_each(|parameter| *parameter = record());
            push(program, site, handler, parameters, None, NAMED, entries);
        }
        _ => {}
    }
}

/// The function that is handed over last, through one wrapper.
fn last_function<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Option<At> {
    let last = &call.arguments.last()?.value;
    program.function(at, last).filter(|found| !wrapper(program, *found, last)).or_else(|| {
        let inner = last.call()?;
        inner.arguments.iter().rev().find_map(|argument| program.function(at, &argument.value))
    })
}

/// A call expression means its result: only a closure or reference is the handler itself.
fn wrapper(_: &Program<'_>, _: At, expression: &Expression) -> bool {
    matches!(expression.kind, Kind::Call(_))
}

/// What the registration's schema leaves uncontrolled.
fn by_schema<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Option<Taint> {
    let whole = record()?;
    let middle = call.arguments.get(1..call.arguments.len().saturating_sub(1))?;
    middle.iter().find_map(|argument| {
        let (owner, value) = program.value(at, &argument.value);
        match value.record() {
            Some(config) => {
                let inner =
                    ["inputSchema", "paramsSchema", "argsSchema", "parameters"].iter().find_map(|key| config.get(key));
                match inner {
                    Some(inner) => schema::checked(program, owner, inner, &whole),
                    None if config.get("title").is_some() || config.get("description").is_some() => None,
                    None => schema::checked(program, owner, value, &whole),
                }
            }
            None => schema::checked(program, owner, value, &whole),
        }
    })
}

/// `{ name, description, inputSchema, handler }`
fn tool_object<'a>(program: &Program<'a>, at: At, object: &'a Record, entries: &mut Vec<Entry>) {
    let Some(name) = object.get("name") else { return };
    let described = ["description", "inputSchema", "parameters", "schema"].iter().any(|key| object.get(key).is_some());
    let Some(handler) = HANDLER_FIELDS.iter().find_map(|key| object.get(key)) else { return };
    let Some(target) = program.function(at, handler).filter(|_| described) else { return };
    let mut parameters = none(program.function_at(target));
    let whole = record().unwrap_or_default();
    let inner = ["inputSchema", "parameters", "schema"].iter().find_map(|key| object.get(key));
    let checked = inner.and_then(|inner| schema::checked(program, at, inner, &whole));
    if let Some(first) = parameters.first_mut() {
        *first = checked.or(Some(whole));
    }
    let place = program.place(at.file, name.span);
    entries.push(Entry {
        at: target,
        parameters,
        tool: program.text(at, name),
        place,
        confidence: SHAPED,
        resource: false,
    });
}

/// `class X extends MCPTool { name = ".."; async execute(input) {} }`
fn classes(program: &Program<'_>, file: usize, entries: &mut Vec<Entry>) {
    let module = program.units()[file].module;
    for class in &module.classes {
        let has = |name: &str| class.fields.iter().any(|field| field.name == name);
        let named = class.bases.iter().any(|base| base.name.ends_with("Tool"));
        if !(named || has("name") && (has("inputSchema") || has("schema") || has("parameters"))) {
            continue;
        }
        for &function in &class.methods {
            let method = &module.functions[function];
            if !method.name.as_deref().is_some_and(|name| HANDLER_FIELDS.contains(&name)) {
                continue;
            }
            let mut parameters = none(method);
            parameters.iter_mut().take(1).for_each(|parameter| *parameter = record());
            let place = program.place(file, method.name_span);
            let at = At { file, function };
            entries.push(Entry { at, parameters, tool: None, place, confidence: SHAPED, resource: false });
        }
    }
}

fn push<'a>(
    program: &Program<'a>,
    site: Site<'a>,
    handler: At,
    parameters: Vec<Option<Taint>>,
    tool: Option<String>,
    confidence: Confidence,
    entries: &mut Vec<Entry>,
) {
    let span = site.call.positional(0).map_or(site.span, |name| name.span);
    let method = program.source(site.at.file, site.call.function.span);
    let what = site.call.positional(0).map(|what| program.source(site.at.file, what.span)).unwrap_or_default();
    let resource = method.ends_with("esource") || what.contains("ReadResource") || what.contains("resources/read");
    let place = program.place(site.at.file, span);
    entries.push(Entry { at: handler, parameters, tool, place, confidence, resource });
}
