//! Cross-origin permissions: Starlette's and FastAPI's middleware, Flask's extension, headers set by hand.

use std::collections::BTreeSet;

use super::{calls, files, last, path, setting::setting};
use crate::project::{
    facts::{Cors, Facts, strength::conditions},
    program::{At, Program, Site},
    syntax::{Entry, Expression, Kind},
};

/// Only what stands near a network endpoint of an MCP server: a web application beside it is not judged.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let endpoints = facts.endpoints.iter().map(|endpoint| endpoint.place.path.as_str());
    let endpoints: BTreeSet<&str> = endpoints.collect();
    let files = files(program, false);
    let served = files.iter().filter(|&&file| endpoints.contains(program.units()[file].path));
    let near: BTreeSet<usize> = served.flat_map(|&file| program.closure(file)).collect();
    let mut found = Facts::default();
    every(program, &mut found);
    let is_near = |cors: &Cors| near.iter().any(|&file| program.units()[file].path == cors.place.path);
    facts.cors.extend(found.cors.into_iter().filter(is_near));
}

fn every(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        let function = path(program, site.at, &site.call.function);
        let first = site.call.positional(0).map(|first| path(program, site.at, first)).unwrap_or_default();
        let mounted = matches!(last(&function), "add_middleware" | "Middleware") && last(&first) == "CORSMiddleware";
        if mounted || last(&function) == "CORSMiddleware" {
            middleware(program, site, facts);
        } else if function == "flask_cors.CORS" || function == "flask_cors.cross_origin" {
            let origins = site.call.keyword("origins");
            let any_origin = origins.is_none_or(|origins| allows_any(program, site.at, origins));
            let credentials = truth(site.call.keyword("supports_credentials"));
            push(program, site.at, site.span.start, site.span.end, (any_origin, credentials), facts);
        }
    }
    for file in files(program, false) {
        by_hand(program, file, facts);
    }
}

fn middleware<'a>(program: &Program<'a>, site: Site<'a>, facts: &mut Facts) {
    let call = site.call;
    let listed = call.keyword("allow_origins").is_some_and(|origins| allows_any(program, site.at, origins));
    let pattern = call.keyword("allow_origin_regex").and_then(|pattern| program.text(site.at, pattern));
    let matched =
        pattern.is_some_and(|pattern| matches!(pattern.trim_matches(['^', '$']), ".*" | ".+" | "https?://.*"));
    let credentials = truth(call.keyword("allow_credentials"));
    push(program, site.at, site.span.start, site.span.end, (listed || matched, credentials), facts);
}

fn truth(expression: Option<&Expression>) -> bool {
    expression.is_some_and(|expression| matches!(expression.kind, Kind::Boolean(true)))
}

/// `["*"]`, `"*"`, or a variable that holds it unless configured.
fn allows_any<'a>(program: &Program<'a>, at: At, origins: &'a Expression) -> bool {
    let (at, written) = program.origin(at, origins);
    match &written.kind {
        Kind::List(items) => items.iter().any(|item| setting(program, at, item).is_some_and(|s| s.text.trim() == "*")),
        Kind::Call(call) => match &call.function.kind {
            Kind::Member(object, name) if name.value == "split" => {
                setting(program, at, object).is_some_and(|setting| setting.text.trim() == "*")
            }
            _ => setting(program, at, written).is_some_and(|setting| setting.text.trim() == "*"),
        },
        Kind::Conditional(_, then, otherwise) => allows_any(program, at, then) || allows_any(program, at, otherwise),
        Kind::Binary(operator, _, otherwise) if operator == "or" => allows_any(program, at, otherwise),
        _ => setting(program, at, written).is_some_and(|setting| setting.text.trim() == "*"),
    }
}

/// `{"Access-Control-Allow-Origin": "*"}` and `headers["Access-Control-Allow-Origin"] = "*"`.
fn by_hand(program: &Program<'_>, file: usize, facts: &mut Facts) {
    const HEADER: &str = "access-control-allow-origin";
    const CREDENTIALS: &str = "access-control-allow-credentials";
    let mut found: Vec<(At, usize, usize, bool)> = Vec::new();
    program.units()[file].expressions(&mut |function, expression| {
        let at = At { file, function };
        if program.function_at(at).is_test {
            return;
        }
        match &expression.kind {
            Kind::Record(record) => {
                let field = |wanted: &str| {
                    record.entries.iter().find_map(|entry| match entry {
                        Entry::Field(key, value) if key.value.eq_ignore_ascii_case(wanted) => Some((key, value)),
                        _ => None,
                    })
                };
                if let Some((key, value)) = field(HEADER)
                    && value.text() == Some("*")
                {
                    found.push((at, key.span.start, value.span.end, field(CREDENTIALS).is_some()));
                }
            }
            Kind::Assign(target, value) => {
                if let Kind::Index(_, key) = &target.kind
                    && key.text().is_some_and(|key| key.eq_ignore_ascii_case(HEADER))
                    && value.text() == Some("*")
                {
                    found.push((at, expression.span.start, expression.span.end, false));
                }
            }
            Kind::Call(call) => {
                let header = call.positional(0).and_then(Expression::text);
                if header.is_some_and(|header| header.eq_ignore_ascii_case(HEADER))
                    && call.positional(1).and_then(Expression::text) == Some("*")
                {
                    found.push((at, expression.span.start, expression.span.end, false));
                }
            }
            _ => {}
        }
    });
    for (at, start, end, credentials) in found {
        push(program, at, start, end, (true, credentials), facts);
    }
}

fn push(program: &Program<'_>, at: At, start: usize, end: usize, allowed: (bool, bool), facts: &mut Facts) {
    let span = crate::project::syntax::Span::new(start, end);
    let chosen = conditions(&program.function_at(at).body, span).into_iter().any(|(condition, _)| {
        let text = program.source(at.file, condition).to_lowercase();
        text.contains("cors") || text.contains("origin")
    });
    // Reached only where the configuration asks for it in so many words.
    if chosen {
        return;
    }
    let place = program.place(at.file, span);
    let (any_origin, credentials) = allowed;
    facts.cors.push(Cors { place, any_origin, credentials, metadata_only: serves_metadata(program, at) });
}

/// Whether the function is the route of a metadata document.
fn serves_metadata(program: &Program<'_>, at: At) -> bool {
    let function = program.function_at(at);
    let routed = function.attributes.iter().filter_map(Expression::call);
    let routed = routed.filter_map(|call| call.positional(0).and_then(Expression::text));
    routed.into_iter().any(|route| route.contains("/.well-known/"))
}
