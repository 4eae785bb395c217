//! Objects of a caller that become the options of a call, with whatever keys they have.

use crate::project::{
    Language,
    program::{At, Program},
    syntax::{Call, Entry, Expression, Kind},
};

/// Programs that are started, and where their options stand.
const PROCESSES: &[(&str, usize)] = &[
    ("child_process.exec", 1),
    ("child_process.execSync", 1),
    ("child_process.spawn", 2),
    ("child_process.spawnSync", 2),
    ("child_process.execFile", 2),
    ("child_process.execFileSync", 2),
    ("child_process.fork", 2),
    ("execa", 2),
    ("execa.execa", 2),
];

/// Requests, and where their options stand.
const REQUESTS: &[(&str, usize)] = &[
    ("fetch", 1),
    ("globalThis.fetch", 1),
    ("undici.fetch", 1),
    ("undici.request", 1),
    ("node-fetch", 1),
    ("axios", 0),
    ("axios.request", 0),
    ("axios.get", 1),
    ("axios.delete", 1),
    ("axios.post", 2),
    ("axios.put", 2),
    ("axios.patch", 2),
    ("got", 1),
    ("got.get", 1),
    ("got.post", 1),
    ("ky", 1),
    ("ky.get", 1),
    ("ky.post", 1),
];

/// Methods of databases whose option `where` may hold operators and other tables.
const FINDERS: &[&str] =
    &["findMany", "findFirst", "findUnique", "findAll", "findOne", "updateMany", "deleteMany", "destroy"];

/// What takes the options.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Takes {
    Process,
    Request,
    Query,
}

/// The objects that a call takes as options as they come.
pub(super) fn parsed<'a>(
    program: &Program<'a>,
    at: At,
    call: &'a Call,
    symbol: &str,
) -> Option<(Takes, Vec<&'a Expression>)> {
    let (takes, inputs) = match program.unit(at).language {
        Language::TypeScript => typescript(program, at, call, symbol)?,
        Language::Python => (python(call, symbol)?, keywords(program, at, call)),
        _ => return None,
    };
    let inputs: Vec<&Expression> = inputs.into_iter().filter(|input| is_whole(program, at, input)).collect();
    (!inputs.is_empty()).then_some((takes, inputs))
}

fn typescript<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> Option<(Takes, Vec<&'a Expression>)> {
    let position = |table: &[(&str, usize)]| table.iter().find(|(path, _)| *path == symbol).map(|(_, at)| *at);
    if let Some(position) = position(PROCESSES) {
        return Some((Takes::Process, spread(program, at, call.positional(position)?)));
    }
    if let Some(position) = position(REQUESTS) {
        return Some((Takes::Request, spread(program, at, call.positional(position)?)));
    }
    if !FINDERS.contains(&call.written()) {
        return None;
    }
    let filter = program.value(at, call.positional(0)?).1.record()?.get("where")?;
    Some((Takes::Query, spread(program, at, filter)))
}

/// The object itself, or what is spread into it.
fn spread<'a>(program: &Program<'a>, at: At, options: &'a Expression) -> Vec<&'a Expression> {
    let Some(record) = program.value(at, options).1.record() else { return vec![options] };
    let spread = record.entries.iter().filter_map(|entry| match entry {
        Entry::Spread(inner) => Some(inner),
        _ => None,
    });
    spread.collect()
}

fn python(call: &Call, symbol: &str) -> Option<Takes> {
    let package = symbol.split('.').next().unwrap_or_default();
    match (package, call.written()) {
        ("subprocess", "run" | "Popen" | "call" | "check_call" | "check_output") => Some(Takes::Process),
        ("requests" | "httpx", "get" | "post" | "put" | "patch" | "delete" | "request" | "stream") => {
            Some(Takes::Request)
        }
        ("aiohttp", "get" | "post" | "put" | "patch" | "delete" | "request") => Some(Takes::Request),
        (_, "filter_by") => Some(Takes::Query),
        (_, "filter" | "exclude" | "get") => matches!(&call.function.kind, Kind::Member(object, _)
            if matches!(&object.kind, Kind::Member(_, name) if name.value == "objects"))
        .then_some(Takes::Query),
        _ => None,
    }
}

/// `**options`
fn keywords<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Vec<&'a Expression> {
    let doubled = call.arguments.iter().filter_map(|argument| match &argument.value.kind {
        Kind::Spread(inner) => program.source(at.file, argument.value.span).starts_with("**").then_some(&**inner),
        _ => None,
    });
    doubled.collect()
}

/// It is the object as it came, and not one that was made of some of its keys.
fn is_whole<'a>(program: &Program<'a>, at: At, input: &'a Expression) -> bool {
    match &program.value(at, input).1.kind {
        Kind::Name(_) | Kind::Member(..) | Kind::Index(..) => true,
        Kind::Binary(operator, a, _) => matches!(operator.as_str(), "??" | "||" | "or") && is_whole(program, at, a),
        Kind::Call(call) => matches!(call.written(), "parse" | "loads"),
        _ => false,
    }
}

/// The type of a handler's parameter names the keys that the SDK lets through.
pub(in super::super) fn is_closed(program: &Program<'_>, handler: At, parameter: &str) -> bool {
    let parameters = program.function_at(handler).parameters.iter();
    let declared = parameters
        .filter(|given| matches!(&given.pattern, crate::project::syntax::Pattern::Name(name, _) if name == parameter));
    declared.filter_map(|given| given.annotation.as_ref()).any(|annotation| {
        program.unit(handler).language == Language::Python && program.class_of(handler, annotation).is_some()
    })
}
