//! Tokens that callers show to a server: what the SDK keeps of them, and the headers of the request.

use super::{Held, held};
use crate::project::{
    Language,
    facts::flow::taint::Taint,
    program::{At, Program},
    syntax::{Expression, Kind, Pattern},
};

use std::{collections::BTreeMap, rc::Rc};

/// Names of a request that came in.
const REQUESTS: &[&str] = &[
    "req",
    "request",
    "requestInfo",
    "request_info",
    "r",
    "parts",
    "httpReq",
    "httpRequest",
    "http_request",
    "raw",
    "Extra",
];

/// The token that an expression reads.
pub(super) fn source<'a>(
    program: &Program<'a>,
    at: At,
    handlers: &dyn Fn(At) -> bool,
    expression: &'a Expression,
) -> Option<Taint> {
    match &expression.kind {
        Kind::Member(object, word) => match word.value.as_str() {
            "authInfo" => Some(information("authInfo.token")),
            "auth" if is_request(program, at, handlers, object) => Some(information("auth.token")),
            "headers" | "Header" if is_request(program, at, handlers, object) => Some(headers()),
            _ => None,
        },
        Kind::Call(call) => match &call.function.kind {
            Kind::Name(_) => called(program, at, &call.function),
            Kind::Member(object, word) => match word.value.as_str() {
                "headers" if is_request(program, at, handlers, object) => Some(headers()),
                "header" | "get" if is_request(program, at, handlers, object) => {
                    is_authorization(call.positional(0)?.text()?).then(|| held(Held::TOKEN, "Authorization"))
                }
                _ => called(program, at, &call.function),
            },
            _ => None,
        },
        _ => None,
    }
}

/// Functions of libraries that give what belongs to the request under way.
fn called<'a>(program: &Program<'a>, at: At, function: &'a Expression) -> Option<Taint> {
    let word = match &function.kind {
        Kind::Name(word) => word,
        Kind::Member(_, word) => &word.value,
        _ => return None,
    };
    if !matches!(word.as_str(), "get_access_token" | "get_http_headers") {
        return None;
    }
    let symbol = program.symbol(at, function)?;
    match symbol.rsplit('.').next()? {
        _ if !symbol.starts_with("fastmcp.") && !symbol.starts_with("mcp.") => None,
        "get_access_token" => Some(information("get_access_token().token")),
        _ => Some(headers()),
    }
}

/// What an SDK knows of a caller: only one member of it is the token.
pub(super) fn information(name: &str) -> Taint {
    let fields = BTreeMap::from([("token".to_owned(), held(Held::TOKEN, name))]);
    Taint { fields: Some(Rc::new(fields)), ..Taint::default() }
}

/// All headers of a request.
pub(super) fn headers() -> Taint {
    Taint { record: true, ..held(Held::TOKEN, "Authorization") }
}

/// Whether a header says who the caller is.
pub(super) fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

/// Whether an expression is the request that a caller sent over HTTP.
fn is_request<'a>(program: &Program<'a>, at: At, handlers: &dyn Fn(At) -> bool, object: &'a Expression) -> bool {
    let (word, root) = match &object.kind {
        Kind::Name(word) => (word.as_str(), object),
        Kind::Member(inner, word) => (word.value.as_str(), root(inner)),
        Kind::Call(call) => {
            let word = match &call.function.kind {
                Kind::Name(word) => word,
                Kind::Member(_, word) => &word.value,
                _ => return false,
            };
            return matches!(word.as_str(), "get_http_request");
        }
        _ => return false,
    };
    if !REQUESTS.contains(&word) {
        return false;
    }
    // `req` of a client is what it sends: only what was handed to a function came in.
    let Some(name) = root.name() else { return false };
    let made = || program.symbol(at, object).is_some_and(|symbol| symbol.ends_with("get_http_request()"));
    match parameter(program, at, name) {
        // The first parameter of a tool is what its caller filled in, and no request of HTTP.
        Some((owner, position)) => {
            let first = position == 0 && std::ptr::eq(root, object) && handlers(owner);
            !first || program.unit(at).language == Language::Go
        }
        None => made(),
    }
}

fn root(expression: &Expression) -> &Expression {
    match &expression.kind {
        Kind::Member(inner, _) | Kind::Index(inner, _) => root(inner),
        _ => expression,
    }
}

/// The function whose parameter a name is, and its position.
fn parameter(program: &Program<'_>, at: At, name: &str) -> Option<(At, usize)> {
    let mut function = Some(at.function);
    while let Some(current) = function {
        let owner = At { file: at.file, function: current };
        let definition = program.function_at(owner);
        let position = definition.parameters.iter().position(|parameter| binds(&parameter.pattern, name));
        if let Some(position) = position {
            return Some((owner, position));
        }
        function = definition.parent;
    }
    None
}

/// Whether a pattern binds a name.
pub(super) fn binds(pattern: &Pattern, name: &str) -> bool {
    match pattern {
        Pattern::Ignore => false,
        Pattern::Name(bound, _) => bound == name,
        Pattern::Fields(fields) => fields.iter().any(|(_, inner)| binds(inner, name)),
        Pattern::Items(items) | Pattern::Wrapped(_, items) => items.iter().any(|inner| binds(inner, name)),
        Pattern::Rest(inner) => binds(inner, name),
    }
}
