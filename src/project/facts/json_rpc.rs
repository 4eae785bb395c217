//! Servers that speak the protocol by hand: an answer to `initialize` written as a literal, and a dispatch by
//! comparing the method's name. The same in every language whose records are lowered.

use super::{Capability, Declared, Facts, Mismatch, Registered, Server};
use crate::project::{
    Role,
    language::Language,
    program::{At, Program},
    syntax::{Entry, Expression, Function, Kind, Record, Span, Statement},
};

/// [`Server::kind`] of such a server.
pub(super) const KIND: &str = "JSON-RPC";

/// Adds hand-written servers of one language.
pub(super) fn add(program: &Program<'_>, language: Language, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        if unit.language != language || unit.role == Role::Test {
            continue;
        }
        let mut found = Vec::new();
        unit.expressions(&mut |function, expression| {
            if let Kind::Record(record) = &expression.kind
                && !unit.module.functions[function].is_test
                && is_answer(record)
            {
                found.push((At { file, function }, record, expression.span));
            }
        });
        for (at, record, span) in found {
            let server = server(program, at, record, span);
            let reads = stdin(program, file);
            if !server.registered.is_empty() {
                facts.servers.push(server);
                for (at, span) in reads {
                    facts.stdio.push(program.place(at.file, span));
                }
            }
        }
    }
}

/// `{"protocolVersion": .., "capabilities": .., "serverInfo": ..}`; a client says `clientInfo`.
fn is_answer(record: &Record) -> bool {
    let has = |key: &str| record.get(key).is_some();
    has("protocolVersion") && has("serverInfo") && has("capabilities") && !has("clientInfo")
}

fn server<'a>(program: &Program<'a>, at: At, record: &'a Record, span: Span) -> Server {
    let info = record.get("serverInfo").and_then(|info| program.value(at, info).1.record());
    let mut server = Server {
        place: program.place(at.file, span),
        language: program.unit(at).language,
        sdk: "json-rpc".to_owned(),
        sdk_version: None,
        kind: KIND.to_owned(),
        name: info.and_then(|info| info.get("name")).and_then(|name| program.text(at, name)),
        declared: Vec::new(),
        registered: Vec::new(),
        tools: Vec::new(),
        unregistered: Mismatch::MethodNotFound,
        undeclared: Mismatch::Hidden,
        incomplete: Vec::new(),
    };
    match record.get("capabilities").map(|given| program.value(at, given)) {
        Some((at, Expression { kind: Kind::Record(capabilities), .. })) => {
            declared(program, at, capabilities, &mut server);
        }
        _ => server.incomplete.push("the capabilities are computed".to_owned()),
    }
    let near = program.closure(at.file);
    for file in std::iter::once(at.file).chain(near.into_iter().filter(|&file| file != at.file)) {
        handled(program, file, &mut server);
        // What is compared here decides; other files count only where nothing is.
        if file == at.file && !server.registered.is_empty() {
            break;
        }
    }
    server
}

fn declared(program: &Program<'_>, at: At, capabilities: &Record, server: &mut Server) {
    for entry in &capabilities.entries {
        let Entry::Field(key, value) = entry else {
            server.incomplete.push("the capabilities are computed".to_owned());
            continue;
        };
        let named = [
            Capability::Tools,
            Capability::Resources,
            Capability::Prompts,
            Capability::Completions,
            Capability::Logging,
        ];
        let capability = named.into_iter().find(|capability| capability.name() == key.value);
        if let Some(capability) = capability
            && !matches!(value.kind, Kind::Null | Kind::Boolean(false))
        {
            let place = program.place(at.file, Span::new(key.span.start, value.span.end.max(key.span.end)));
            server.declared.push(Declared { capability, place });
        }
    }
}

fn method(text: &str) -> Option<(Capability, &'static str)> {
    Some(match text {
        "tools/list" => (Capability::Tools, "tools/list"),
        "tools/call" => (Capability::Tools, "tools/call"),
        "resources/list" => (Capability::Resources, "resources/list"),
        "resources/read" => (Capability::Resources, "resources/read"),
        "resources/templates/list" => (Capability::Resources, "resources/templates/list"),
        "prompts/list" => (Capability::Prompts, "prompts/list"),
        "prompts/get" => (Capability::Prompts, "prompts/get"),
        "completion/complete" => (Capability::Completions, "completion/complete"),
        "logging/setLevel" => (Capability::Logging, "logging/setLevel"),
        _ => return None,
    })
}

/// Whether a file answers `initialize` by hand.
pub(super) fn answers(program: &Program<'_>, file: usize) -> bool {
    let unit = &program.units()[file];
    let mut found = false;
    if unit.text.contains("protocolVersion") && unit.text.contains("serverInfo") {
        unit.expressions(&mut |_, expression| found |= expression.record().is_some_and(is_answer));
    }
    found
}

fn handled(program: &Program<'_>, file: usize, server: &mut Server) {
    for function in program.units()[file].module.functions.iter().filter(|function| !function.is_test) {
        told_apart(function, &mut |text, span, _| {
            if let Some((capability, name)) = method(text) {
                let place = program.place(file, span);
                server.registered.push(Registered { capability, method: Some(name), place });
            }
        });
    }
}

/// Texts that a function compares something with, that are values of a `match` or keys of a table; for a table with what
/// stands there.
pub(super) fn told_apart<'a>(function: &'a Function, visit: &mut dyn FnMut(&'a str, Span, Option<&'a Expression>)) {
    let mut add = |expression: &'a Expression, value: Option<&'a Expression>| {
        if let Some(text) = expression.text() {
            visit(text, expression.span, value);
        }
    };
    function.expressions(&mut |expression| match &expression.kind {
        Kind::Binary(operator, a, b) if matches!(operator.as_str(), "==" | "===") => {
            add(a, None);
            add(b, None);
        }
        Kind::Binary(operator, _, items) if operator == "in" => {
            if let Kind::List(items) = &items.kind {
                items.iter().for_each(|item| add(item, None));
            }
        }
        Kind::Match(chosen) => chosen.arms.iter().flat_map(|arm| &arm.values).for_each(|value| add(value, None)),
        Kind::Assign(target, value) => {
            if let Kind::Index(_, key) = &target.kind {
                add(key, Some(value));
            }
        }
        _ => {}
    });
    function.expressions(&mut |expression| {
        for entry in expression.record().map_or(&[][..], |record| &record.entries) {
            if let Entry::Field(key, value) = entry {
                visit(&key.value, key.span, Some(value));
            }
        }
    });
    Statement::each(&function.body, &mut |statement| {
        if let Statement::Match(chosen) = statement {
            for value in chosen.arms.iter().flat_map(|arm| &arm.values) {
                if let Some(text) = value.text() {
                    visit(text, value.span, None);
                }
            }
        }
    });
}

/// Where standard input is read.
fn stdin(program: &Program<'_>, file: usize) -> Vec<(At, Span)> {
    let mut found = Vec::new();
    program.units()[file].expressions(&mut |function, expression| {
        let at = At { file, function };
        let candidate = matches!(&expression.kind, Kind::Member(object, name)
            if matches!(name.value.as_str(), "stdin" | "Stdin") && object.name().is_some())
            || matches!(&expression.kind, Kind::Call(_));
        if !candidate {
            return;
        }
        let path = match &expression.kind {
            Kind::Call(call) => program.symbol(at, &call.function),
            _ => program.symbol(at, expression),
        };
        if matches!(path.as_deref(), Some("sys.stdin" | "std.io.stdin" | "tokio.io.stdin" | "os.Stdin")) {
            found.push((at, expression.span));
        }
    });
    found
}
