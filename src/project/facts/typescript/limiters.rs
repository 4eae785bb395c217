//! Limiters, and why some do not limit.

use super::{
    super::{Facts, Limiter},
    Known, Scan, judge, last, sdk,
};
use crate::project::{
    program::{At, Thing},
    syntax::{Entry, Expression, Kind, Record, Statement},
};

/// Requests in a window that nobody reaches.
const NO_LIMIT: f64 = 1_000_000.0;

/// What the usual limiters read. A limit is among the first list; an option in neither is not read at all.
const KNOWN: &[(&str, &[&str], &[&str])] = &[
    (
        "express-rate-limit",
        &["limit", "max"],
        &[
            "windowMs",
            "message",
            "statusCode",
            "handler",
            "legacyHeaders",
            "standardHeaders",
            "store",
            "passOnStoreError",
            "keyGenerator",
            "ipv6Subnet",
            "requestPropertyName",
            "skip",
            "skipSuccessfulRequests",
            "skipFailedRequests",
            "requestWasSuccessful",
            "validate",
            "identifier",
            "draft_polli_ratelimit_headers",
            "headers",
            "onLimitReached",
            "delayMs",
            "logger",
        ],
    ),
    (
        "@fastify/rate-limit",
        &["max"],
        &[
            "global",
            "ban",
            "timeWindow",
            "hook",
            "cache",
            "allowList",
            "redis",
            "nameSpace",
            "continueExceeding",
            "skipOnError",
            "keyGenerator",
            "errorResponseBuilder",
            "enableDraftSpec",
            "addHeadersOnExceeding",
            "addHeaders",
            "store",
            "onBanReach",
            "onExceeding",
            "onExceeded",
            "exponentialBackoff",
            "groupId",
        ],
    ),
    (
        "hono-rate-limiter",
        &["limit"],
        &[
            "windowMs",
            "message",
            "statusCode",
            "standardHeaders",
            "requestPropertyName",
            "requestStorePropertyName",
            "skipFailedRequests",
            "skipSuccessfulRequests",
            "keyGenerator",
            "skip",
            "requestWasSuccessful",
            "handler",
            "store",
            "binding",
        ],
    ),
    (
        "rate-limiter-flexible",
        &["points"],
        &[
            "duration",
            "blockDuration",
            "keyPrefix",
            "storeClient",
            "inMemoryBlockOnConsumed",
            "inMemoryBlockDuration",
            "execEvenly",
            "execEvenlyMinDelayMs",
            "insuranceLimiter",
            "storeType",
            "dbName",
            "tableName",
            "inmemoryBlockOnConsumed",
            "clearExpiredByTimeout",
            "rejectIfRedisNotReady",
            "useRedisPackage",
            "useRedis3AndLowerPackage",
            "customIncrTtlLuaScript",
            "tableCreated",
            "schemaName",
            "timeoutMs",
        ],
    ),
    (
        "@mcp-accelerator/middleware-ratelimit",
        &["max"],
        &["windowMs", "keyGenerator", "message", "store", "skip", "priority"],
    ),
];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for known in &scan.calls {
        let symbol = known.symbol();
        // What is called on a limiter's object is not another limiter.
        if symbol.contains("()") || !judge::is_limiter(symbol) || is_part(known) {
            continue;
        }
        let place = scan.program.place(known.site.at.file, known.site.span);
        facts.limiters.push(Limiter { place, weakness: weakness(scan, known) });
    }
    for &file in &scan.files {
        loaded(scan, file, facts);
        own(scan, file, facts);
    }
}

/// `import("@upstash/ratelimit")` on demand, where what is made of it cannot be followed.
fn loaded(scan: &Scan<'_, '_>, file: usize, facts: &mut Facts) {
    let unit = &scan.program.units()[file];
    if facts.limiters.iter().any(|limiter| limiter.place.path == unit.path) {
        return;
    }
    let is_library = |module: &str| !module.starts_with('.') && judge::is_limiter(module);
    let found = unit.module.imports.iter().find(|import| import.local.is_empty() && is_library(&import.module));
    facts.limiters.extend(found.map(|import| Limiter { place: scan.program.place(file, import.span), weakness: None }));
}

/// Helpers of a limiter's package that make no limiter: stores, key helpers, windows.
fn is_part(known: &Known<'_>) -> bool {
    let name = last(known.symbol()).to_ascii_lowercase();
    ["store", "ipkeygenerator", "slidingwindow", "fixedwindow", "tokenbucket", "exceeded", "error", "memory", "header"]
        .iter()
        .any(|word| name.contains(word) && !name.starts_with("ratelimiter"))
}

fn weakness<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<String> {
    let at = known.site.at;
    let library = KNOWN.iter().find(|(package, ..)| *package == sdk::package(known.symbol()));
    let (owner, record) = known.site.call.arguments.iter().find_map(|argument| {
        let (owner, value) = scan.program.value(at, &argument.value);
        Some((owner, value.record()?))
    })?;
    for key in ["max", "limit", "points", "maxRequests", "requests"] {
        if let Some(value) = record.get(key)
            && let Some(reason) = no_limit(scan, owner, key, value)
        {
            return Some(reason);
        }
    }
    if record.get("skip").is_some_and(|skip| always(scan, owner, skip)) {
        return Some("`skip` always says yes".to_owned());
    }
    if let Some(key) = record.get("keyGenerator").and_then(|key| constant_key(scan, owner, key)) {
        return Some(format!("every caller has the same key `{key}`, so one can use up the limit of all"));
    }
    if let Some((_, limits, others)) = library
        && let Some(unread) = unread(record, limits, others)
    {
        return Some(unread);
    }
    per_request(scan, at).then(|| "it is made anew for every request, so it never counts further than one".to_owned())
}

/// An option that the library does not read, where the limit itself is missing.
fn unread(record: &Record, limits: &[&str], others: &[&str]) -> Option<String> {
    if limits.iter().any(|limit| record.get(limit).is_some()) {
        return None;
    }
    record.entries.iter().find_map(|entry| match entry {
        Entry::Field(key, _) if !others.contains(&key.value.as_str()) => Some(format!(
            "`{}` is not an option of this limiter, so no limit is set: it reads `{}`",
            key.value, limits[0]
        )),
        _ => None,
    })
}

/// `Infinity`, zero, or more than anybody sends.
fn no_limit<'a>(scan: &Scan<'_, 'a>, at: At, key: &str, value: &'a Expression) -> Option<String> {
    let (_, value) = scan.program.value(at, value);
    match &value.kind {
        Kind::Number(number) => {
            let number: f64 = number.replace('_', "").parse().ok()?;
            (number >= NO_LIMIT).then(|| format!("`{key}` is more than anybody sends"))
        }
        Kind::Name(name) if name == "Infinity" => Some(format!("`{key}` is `Infinity`")),
        Kind::Member(object, name)
            if object.name() == Some("Number")
                && matches!(name.value.as_str(), "MAX_SAFE_INTEGER" | "POSITIVE_INFINITY" | "MAX_VALUE") =>
        {
            Some(format!("`{key}` is `Number.{}`", name.value))
        }
        _ => None,
    }
}

/// `() => true`
fn always<'a>(scan: &Scan<'_, 'a>, at: At, function: &'a Expression) -> bool {
    let Some(Thing::Function(function)) = scan.program.thing(at, function) else { return false };
    matches!(
        scan.program.function_at(function).body.as_slice(),
        [Statement::Return(Some(Expression { kind: Kind::Boolean(true), .. }), _)]
    )
}

/// `() => "global"`
fn constant_key<'a>(scan: &Scan<'_, 'a>, at: At, function: &'a Expression) -> Option<String> {
    let Some(Thing::Function(function)) = scan.program.thing(at, function) else { return None };
    match scan.program.function_at(function).body.as_slice() {
        [Statement::Return(Some(value), _)] => scan.program.text(function, value),
        _ => None,
    }
}

/// Whether a limiter is made inside a handler of requests.
fn per_request(scan: &Scan<'_, '_>, at: At) -> bool {
    let handles = |function: At| {
        let definition = scan.program.function_at(function);
        let named = |position: usize, words: &[&str]| {
            let pattern = definition.parameters.get(position).map(|parameter| &parameter.pattern);
            matches!(pattern, Some(crate::project::syntax::Pattern::Name(name, _)) if words.contains(&name.as_str()))
        };
        named(0, &["req", "request", "_req"]) && named(1, &["res", "response", "reply", "_res"])
    };
    scan.around(at).any(handles)
}

/// A limiter of the project's own: a function that answers 429.
fn own(scan: &Scan<'_, '_>, file: usize, facts: &mut Facts) {
    let module = scan.program.units()[file].module;
    for (function, definition) in module.functions.iter().enumerate().skip(1) {
        let at = At { file, function };
        let mut answers = None;
        definition.expressions(&mut |expression| {
            if answers.is_none()
                && let Kind::Call(call) = &expression.kind
                && matches!(super::written(call), "status" | "writeHead" | "sendStatus" | "code" | "json")
                && call.arguments.iter().any(|a| matches!(&a.value.kind, Kind::Number(number) if number == "429"))
            {
                answers = Some(expression.span);
            }
        });
        if let Some(span) = answers
            && !definition.is_test
        {
            facts.limiters.push(Limiter { place: scan.program.place(at.file, span), weakness: None });
        }
    }
}
