//! Limiters of Python web frameworks and of `fastmcp`, and why some do not limit.

use super::{calls, last, path};
use crate::project::{
    facts::{Facts, Limiter},
    program::{At, Program, Site},
    syntax::{Expression, Kind, Statement},
};

/// Calls per minute above which a limit limits nobody.
const MANY: f64 = 10_000.0;

/// Whether a path makes or mounts a limiter of requests.
pub(super) fn limits(path: &str) -> bool {
    matches!(
        last(path),
        "RateLimitingMiddleware"
            | "SlidingWindowRateLimitingMiddleware"
            | "SlowAPIMiddleware"
            | "SlowAPIASGIMiddleware"
    ) || path == "slowapi.Limiter"
        || path.starts_with("slowapi.Limiter().limit")
        || path.starts_with("fastapi_limiter.")
        || path.starts_with("flask_limiter.Limiter")
        || path.starts_with("asgi_ratelimit.")
}

/// Whether a name of the project speaks of limiting calls.
pub(super) fn sounds(path: &str) -> bool {
    let name = last(path).to_lowercase().replace('_', "");
    name.contains("ratelimit") || name.contains("throttl")
}

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let mut found: Vec<Limiter> = Vec::new();
    for site in calls(program) {
        let function = path(program, site.at, &site.call.function);
        let first = site.call.positional(0).map(|first| path(program, site.at, first)).unwrap_or_default();
        let (name, applied) = match last(&function) {
            "add_middleware" | "Middleware" => (last(&first).to_owned(), limits(&first) && !first.ends_with("()")),
            name => (name.to_owned(), limits(&function)),
        };
        if !applied {
            continue;
        }
        let weakness = match name.as_str() {
            "RateLimitingMiddleware" | "SlidingWindowRateLimitingMiddleware" => fastmcp(program, site),
            "Limiter" => keyed(program, site),
            "limit" | "shared_limit" => {
                let text = site.call.positional(0).and_then(|text| program.text(site.at, text));
                text.and_then(|text| huge(&text))
            }
            _ => None,
        };
        found.push(Limiter { place: program.place(site.at.file, site.span), weakness });
    }
    facts.limiters.append(&mut found);
}

fn fastmcp<'a>(program: &Program<'a>, site: Site<'a>) -> Option<String> {
    let number = |keyword: &str| {
        let value = site.call.keyword(keyword)?;
        match &program.value(site.at, value).1.kind {
            Kind::Number(number) => number.replace('_', "").parse::<f64>().ok(),
            _ => None,
        }
    };
    if number("max_requests_per_second").is_some_and(|rate| rate * 60.0 > MANY) {
        return Some("the limit is higher than anybody reaches".to_owned());
    }
    if let Some(requests) = number("max_requests")
        && requests / number("window_minutes").unwrap_or(1.0).max(f64::MIN_POSITIVE) > MANY
    {
        return Some("the limit is higher than anybody reaches".to_owned());
    }
    let own = site.call.keyword("get_client_id").filter(|function| !matches!(function.kind, Kind::Null));
    match own {
        None => Some("all clients share one bucket: `get_client_id` is not given".to_owned()),
        Some(function) => constant(program, site.at, function),
    }
}

fn keyed<'a>(program: &Program<'a>, site: Site<'a>) -> Option<String> {
    if site.call.keyword("enabled").is_some_and(|enabled| matches!(enabled.kind, Kind::Boolean(false))) {
        return Some("it is switched off".to_owned());
    }
    if let Some(Kind::List(limits)) = site.call.keyword("default_limits").map(|limits| &limits.kind)
        && let Some(weakness) = limits.iter().filter_map(Expression::text).find_map(huge)
    {
        return Some(weakness);
    }
    let key = site.call.keyword("key_func").or_else(|| site.call.positional(0))?;
    constant(program, site.at, key)
}

/// A key that is the same for everybody.
fn constant<'a>(program: &Program<'a>, at: At, key: &'a Expression) -> Option<String> {
    let function = program.function(at, key)?;
    match program.function_at(function).body.as_slice() {
        [Statement::Return(Some(value), _)] if matches!(value.kind, Kind::Text(_) | Kind::Null | Kind::Number(_)) => {
            Some("all clients share one key".to_owned())
        }
        _ => None,
    }
}

/// `100000/minute`
fn huge(text: &str) -> Option<String> {
    let (count, unit) = text.split_once('/').or_else(|| text.split_once(" per "))?;
    let count: f64 = count.trim().parse().ok()?;
    let minutes = match unit.trim().trim_end_matches('s') {
        "second" => 1.0 / 60.0,
        "minute" => 1.0,
        "hour" => 60.0,
        "day" => 1440.0,
        _ => return None,
    };
    (count / minutes > MANY).then(|| format!("`{text}` is more than anybody reaches"))
}
