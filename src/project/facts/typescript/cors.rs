//! Cross-origin permissions: middlewares of libraries and headers that are set by hand.

use super::{
    super::{Cors, Facts, strength},
    Known, Scan, last,
};
use crate::project::{
    program::{At, Thing},
    syntax::{Argument, Entry, Expression, Kind, Record, Span, Statement},
};

/// The header that names who may read.
const HEADER: &str = "access-control-allow-origin";

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for known in &scan.calls {
        facts.cors.extend(middleware(scan, known).or_else(|| header(scan, known)));
    }
    for &file in &scan.files {
        let module = scan.program.units()[file].module;
        scan.program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Kind::Record(record) = &expression.kind
                && !module.functions[function].is_test
            {
                facts.cors.extend(headers(scan, at, record));
            }
        });
    }
    facts.cors.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    facts.cors.dedup_by(|a, b| a.place == b.place);
}

/// `cors(..)` of express, hono, fastify, koa and of other SDKs.
fn middleware<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<Cors> {
    let at = known.site.at;
    let symbol = known.symbol();
    let is_cors = |symbol: &str| {
        let name = last(symbol.trim_end_matches("()")).to_ascii_lowercase();
        matches!(name.as_str(), "cors" | "@fastify/cors" | "@koa/cors" | "fastify-cors" | "@elysiajs/cors")
            || (name.contains("cors") && name.contains("middleware"))
    };
    let registered = known.written() == "register"
        && known.site.call.positional(0).is_some_and(|p| scan.program.symbol(at, p).is_some_and(|s| is_cors(&s)));
    let options = match registered {
        true => known.site.call.positional(1),
        false if is_cors(symbol) && !symbol.starts_with("@/") => known.site.call.positional(0),
        false => return None,
    };
    let (any_origin, credentials) = match options {
        None => (true, false),
        Some(options) => {
            let (owner, value) = scan.program.value(at, options);
            let record = value.record()?;
            let spread = record.entries.iter().any(|entry| matches!(entry, Entry::Spread(_)));
            let origin = record.get("origin").or(record.get("origins")).or(record.get("allowOrigin"));
            let any = match origin {
                None => !spread,
                Some(origin) => any_origin(scan, owner, origin),
            };
            // Browsers refuse credentials where anybody is named by a star; these libraries send it as it stands.
            let star = !symbol.contains("koa") && origin.is_some_and(|origin| is_star(scan, owner, origin));
            (any, !star && matches!(record.get("credentials").map(|c| &c.kind), Some(Kind::Boolean(true))))
        }
    };
    let place = scan.program.place(at.file, known.site.span);
    Some(Cors { place, any_origin, credentials, metadata_only: is_metadata(scan, known) })
}

/// `"*"`, also as what an unset variable falls back to.
fn is_star<'a>(scan: &Scan<'_, 'a>, at: At, origin: &'a Expression) -> bool {
    let text = |at: At, value: &'a Expression| scan.program.text(at, value).is_some_and(|text| text == "*");
    let fallback = |at: At, value: &'a Expression| match &value.kind {
        Kind::Binary(operator, _, fallback) if matches!(operator.as_str(), "||" | "??") => text(at, fallback),
        Kind::Text(text) => text == "*",
        _ => false,
    };
    let mut origins = scan.program.origins(at, origin);
    origins.push((at, origin));
    text(at, origin) || origins.into_iter().any(|(at, value)| fallback(at, value))
}

/// Whether a value for `origin` allows everybody: `"*"`, `true`, a list with either, a function that always agrees.
fn any_origin<'a>(scan: &Scan<'_, 'a>, at: At, origin: &'a Expression) -> bool {
    match &origin.kind {
        Kind::Binary(operator, _, fallback) if matches!(operator.as_str(), "||" | "??") => {
            return any_origin(scan, at, fallback);
        }
        Kind::Conditional(..) => return false,
        _ => {}
    }
    if let Some(text) = scan.program.text(at, origin) {
        return text == "*";
    }
    if let Some(Thing::Function(function)) = scan.program.thing(at, origin) {
        return agrees(scan, function);
    }
    scan.program.origins(at, origin).into_iter().any(|(owner, value)| match &value.kind {
        Kind::Boolean(value) => *value,
        Kind::Text(text) => text == "*",
        Kind::List(items) => items.iter().any(|item| scan.program.text(owner, item).as_deref() == Some("*")),
        // `/.*/`
        Kind::Call(call) if call.function.name() == Some("RegExp") => {
            call.positional(0).and_then(Expression::text).is_some_and(|p| matches!(p, ".*" | "^.*$" | ".+" | "^"))
        }
        Kind::Binary(operator, _, fallback) if matches!(operator.as_str(), "||" | "??") => {
            any_origin(scan, owner, fallback)
        }
        _ => false,
    })
}

/// `(origin, callback) => callback(null, true)`, `origin => origin`: without a condition everybody is allowed.
fn agrees(scan: &Scan<'_, '_>, function: At) -> bool {
    let definition = scan.program.function_at(function);
    let parameter = definition.parameters.first().and_then(|parameter| match &parameter.pattern {
        crate::project::syntax::Pattern::Name(name, _) => Some(name.as_str()),
        _ => None,
    });
    match definition.body.as_slice() {
        [Statement::Return(Some(value), _)] | [Statement::Expression(value)] => match &value.kind {
            Kind::Call(call) => {
                matches!(call.positional(1).map(|value| &value.kind), Some(Kind::Boolean(true)))
                    && matches!(call.function.kind, Kind::Name(_))
            }
            Kind::Name(name) => parameter == Some(name),
            Kind::Boolean(value) => *value,
            Kind::Text(text) => text == "*",
            Kind::Binary(operator, ..) if matches!(operator.as_str(), "||" | "??") => {
                let Kind::Binary(_, first, _) = &value.kind else { return false };
                first.name().is_some() && first.name() == parameter
            }
            _ => false,
        },
        _ => false,
    }
}

/// `res.setHeader("Access-Control-Allow-Origin", "*")` and its like.
fn header<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<Cors> {
    let at = known.site.at;
    let words = ["setHeader", "header", "set", "append", "appendHeader", "writeHead", "add"];
    if !words.contains(&known.written()) {
        return None;
    }
    let [Argument { value: name, .. }, Argument { value, .. }] = known.site.call.arguments.as_slice() else {
        return None;
    };
    if !scan.program.text(at, name)?.eq_ignore_ascii_case(HEADER) {
        return None;
    }
    let any_origin = allows(scan, at, value)?;
    let credentials = sets_credentials(scan, at);
    let place = scan.program.place(at.file, known.site.span);
    let metadata_only = is_metadata(scan, known) || answers_elsewhere(scan, at, known.site.span);
    Some(Cors { place, any_origin, credentials, metadata_only })
}

/// `{ "Access-Control-Allow-Origin": "*" }`
fn headers<'a>(scan: &Scan<'_, 'a>, at: At, record: &'a Record) -> Option<Cors> {
    let entry = record.entries.iter().find_map(|entry| match entry {
        Entry::Field(key, value) if key.value.eq_ignore_ascii_case(HEADER) => Some((key, value)),
        _ => None,
    });
    let (key, value) = entry?;
    let any_origin = allows(scan, at, value)?;
    let place = scan.program.place(at.file, key.span);
    let metadata_only = serves_metadata(scan, at) || answers_elsewhere(scan, at, key.span);
    Some(Cors { place, any_origin, credentials: sets_credentials(scan, at), metadata_only })
}

/// Whether a header's value is everybody: `*`, or the caller's own origin where nothing looks at it first.
fn allows<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression) -> Option<bool> {
    if let Some(text) = scan.program.text(at, value) {
        return Some(text == "*");
    }
    let (at, value) = scan.program.value(at, value);
    if let Kind::Binary(operator, read, fallback) = &value.kind
        && matches!(operator.as_str(), "||" | "??")
    {
        let echoes = is_callers_origin(scan, at, read) && !looks(scan, at);
        return Some(echoes || scan.program.text(at, fallback).is_some_and(|text| text == "*"));
    }
    Some(is_callers_origin(scan, at, value) && !looks(scan, at))
}

fn is_callers_origin<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression) -> bool {
    let mut values = scan.program.origins(at, value);
    values.push((at, value));
    values.iter().any(|(_, value)| match &value.kind {
        Kind::Member(object, name) => {
            name.value == "origin" && matches!(&object.kind, Kind::Member(_, inner) if inner.value == "headers")
        }
        Kind::Index(object, key) => {
            key.text().is_some_and(|key| key.eq_ignore_ascii_case("origin"))
                && matches!(&object.kind, Kind::Member(_, inner) if inner.value == "headers")
        }
        Kind::Call(call) => {
            matches!(super::written(call), "get" | "header")
                && call.positional(0).and_then(Expression::text).is_some_and(|text| text.eq_ignore_ascii_case("origin"))
        }
        _ => false,
    })
}

/// Whether a function holds an origin against something.
fn looks(scan: &Scan<'_, '_>, at: At) -> bool {
    let mut found = false;
    for around in scan.around(at).filter(|around| around.function != 0) {
        scan.program.function_at(around).expressions(&mut |expression| {
            found |= match &expression.kind {
                Kind::Call(call) => {
                    let name = super::written(call).to_ascii_lowercase();
                    matches!(name.as_str(), "includes" | "has" | "test" | "some" | "startswith" | "endswith" | "match")
                        || name.contains("allow")
                        || name.contains("origin")
                }
                _ => false,
            };
        });
    }
    found
}

/// Whether the same function allows credentials.
fn sets_credentials(scan: &Scan<'_, '_>, at: At) -> bool {
    let mut found = false;
    scan.program.function_at(at).expressions(&mut |expression| {
        let is_name = |text: &str| text.eq_ignore_ascii_case("access-control-allow-credentials");
        found |= expression.text().is_some_and(is_name);
        if let Kind::Record(record) = &expression.kind {
            found |= record.entries.iter().any(|entry| matches!(entry, Entry::Field(key, _) if is_name(&key.value)));
        }
    });
    found
}

/// Whether a file is the route of a metadata document, where a framework routes by the names of files:
/// `app/.well-known/oauth-protected-resource/route.ts`, `api/well-known-oauth.ts`.
fn serves_metadata(scan: &Scan<'_, '_>, at: At) -> bool {
    let path = scan.program.units()[at.file].path;
    path.split('/').any(|part| part.trim_start_matches(['.', '_', '[']).starts_with("well-known"))
}

/// Whether a place is reached for another path than the server's: `if (url.pathname === "/catalog") { .. }`
fn answers_elsewhere(scan: &Scan<'_, '_>, at: At, span: Span) -> bool {
    let body = &scan.program.function_at(at).body;
    strength::conditions(body, span).into_iter().any(|(condition, holds)| {
        let text = scan.program.source(at.file, condition).to_lowercase();
        let compared = text.contains("path") && text.contains("===") && text.contains(['"', '\'', '`']);
        let own =
            ["mcp", "sse", "message", "rpc", "stream", "\"/\"", "'/'", "`"].iter().any(|word| text.contains(word));
        holds && compared && !own
    })
}

/// Whether a permission covers nothing but metadata documents: it stands at `/.well-known`.
fn is_metadata<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> bool {
    let at = known.site.at;
    if serves_metadata(scan, at) {
        return true;
    }
    let around = scan.calls.iter().filter(|outer| {
        outer.site.at == at && outer.site.span != known.site.span && outer.site.span.contains(known.site.span)
    });
    let handlers = scan.around(at).flat_map(|function| scan.taken.get(&function).into_iter().flatten().copied());
    let mut paths = around.map(|outer| outer.site).chain(handlers).filter_map(|site| scan.path(site));
    paths.any(|path| path.contains("/.well-known"))
}
