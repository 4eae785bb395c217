//! Servers that speak the protocol by hand: an answer to `initialize` written as a literal, and a dispatch by
//! comparing the method's name. The same in every language whose records are lowered.

use super::{Capability, Declared, Facts, Mismatch, Registered, Server};
use crate::project::{
    Role,
    language::Language,
    program::{At, Program},
    syntax::{Entry, Expression, Kind, Record, Span, Statement},
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
        unit.module.expressions(&mut |function, expression| {
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

/// Names of methods that are compared with, are keys of a table, or are values of a `match`.
fn handled(program: &Program<'_>, file: usize, server: &mut Server) {
    let unit = &program.units()[file];
    let mut add = |expression: &Expression| {
        if let Some((capability, name)) = expression.text().and_then(method) {
            let place = program.place(file, expression.span);
            server.registered.push(Registered { capability, method: Some(name), place });
        }
    };
    for function in unit.module.functions.iter().filter(|function| !function.is_test) {
        function.expressions(&mut |expression| match &expression.kind {
            Kind::Binary(operator, a, b) if matches!(operator.as_str(), "==" | "===") => {
                [a, b].into_iter().for_each(|side| add(side));
            }
            Kind::Binary(operator, _, items) if operator == "in" => {
                if let Kind::List(items) = &items.kind {
                    items.iter().for_each(&mut add);
                }
            }
            Kind::Record(record) => {
                for entry in &record.entries {
                    if let Entry::Field(key, value) = entry
                        && method(&key.value).is_some()
                    {
                        let text = Expression { kind: Kind::Text(key.value.clone()), span: key.span };
                        let _ = value;
                        add(&text);
                    }
                }
            }
            Kind::Match(chosen) => chosen.arms.iter().flat_map(|arm| &arm.values).for_each(&mut add),
            Kind::Assign(target, _) => {
                if let Kind::Index(_, key) = &target.kind {
                    add(key);
                }
            }
            _ => {}
        });
        each(&function.body, &mut |statement| {
            if let Statement::Match(chosen) = statement {
                chosen.arms.iter().flat_map(|arm| &arm.values).for_each(&mut add);
            }
        });
    }
}

/// Every statement of a body, and those inside.
fn each<'s>(body: &'s [Statement], visit: &mut dyn FnMut(&'s Statement)) {
    for statement in body {
        visit(statement);
        match statement {
            Statement::If { then, otherwise, .. } => {
                each(then, visit);
                each(otherwise, visit);
            }
            Statement::Loop { body, .. } | Statement::Block(body) => each(body, visit),
            Statement::Try { body, handlers, finally, .. } => {
                each(body, visit);
                handlers.iter().for_each(|(_, body)| each(body, visit));
                each(finally, visit);
            }
            Statement::Match(chosen) => chosen.arms.iter().for_each(|arm| each(&arm.body, visit)),
            _ => {}
        }
    }
}

/// Where standard input is read.
fn stdin(program: &Program<'_>, file: usize) -> Vec<(At, Span)> {
    let mut found = Vec::new();
    program.units()[file].module.expressions(&mut |function, expression| {
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
