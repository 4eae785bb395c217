//! Endpoints without a listener: what a platform calls for each request. A Worker's `export default { fetch }`, a route's
//! `export async function POST`, a function below `api/`.
//!
//! The platform decides on addresses, names and often on limits, so that only the question who is calling is judged here.

use std::collections::{BTreeSet, HashSet};

use super::{
    super::{Bind, Endpoint, Protection},
    Scan,
    endpoints::{endpoint, made},
    judge::{Verdict, strengthen},
    listeners::Listener,
    routes::Transport,
};
use crate::project::{
    program::{At, Site},
    syntax::{Call, Expression, Kind, Pattern, Statement},
};

/// Expressions and functions that are followed from an export.
const MAX_STEPS: usize = 400;

/// Names under which frameworks look for a handler of requests.
const METHODS: &[&str] = &["GET", "POST", "DELETE", "onRequest", "onRequestPost"];

/// Files whose code runs before every handler below their folder.
const BEFORE: &[&str] = &["middleware", "proxy", "hooks.server", "_middleware"];

/// What wraps a handler and asks nobody anything.
const NEUTRAL: &[&str] = &["hono/vercel.handle", "hono/cloudflare-pages.handle", "@hono/vercel.handle"];

/// What a platform calls.
struct Entry<'a> {
    start: Start<'a>,
    /// Functions between the export and the transport.
    functions: BTreeSet<At>,
    calls: Vec<Passed<'a>>,
}

/// A call between the export and the transport.
struct Passed<'a> {
    at: At,
    expression: &'a Expression,
    call: &'a Call,
    /// It makes what is exported, and does not stand in a function's body.
    makes: bool,
}

#[derive(Clone, Copy)]
enum Start<'a> {
    Function(At),
    Value(At, &'a Expression),
}

/// The endpoints of transports that no listener serves.
pub(super) fn endpoints<'a>(
    scan: &Scan<'_, 'a>,
    transports: &[Transport<'a>],
    listeners: &[Listener<'a>],
) -> Vec<Endpoint> {
    let apart = transports
        .iter()
        .filter(|transport| listeners.iter().all(|listener| !scan.related(listener.site.at.file, transport.at.file)));
    apart.filter_map(|transport| hosted(scan, transport)).collect()
}

fn hosted<'a>(scan: &Scan<'_, 'a>, transport: &Transport<'a>) -> Option<Endpoint> {
    let known = scan.calls.iter().find(|it| it.site.at.file == transport.at.file && it.site.span == transport.span)?;
    let files = scan.program.needed_by(transport.at.file);
    let entry =
        scan.files.iter().filter(|file| files.contains(file)).find_map(|&file| entry(scan, file, known.site))?;
    let place = match entry.start {
        Start::Function(at) => scan.program.place(at.file, scan.program.function_at(at).name_span),
        Start::Value(at, value) => scan.place(at, value),
    };
    let listener =
        Listener { site: known.site, app: None, bind: Bind::Unknown, bind_place: place.clone(), framework: None };
    let mut found = endpoint(scan, &listener, transport, &[transport]);
    let mut verdict =
        Verdict { authentication: found.authentication, host_check: found.host_check, rate_limit: found.rate_limit };
    for &function in &entry.functions {
        scan.judge_handler(function, &mut verdict);
        if scan.seen(function).unauthorized {
            unknown(&mut verdict.authentication, "a handler refuses some callers");
        }
    }
    for passed in &entry.calls {
        wrapped(scan, passed, known.site, &mut verdict);
    }
    let path = scan.program.unit(transport.at).path;
    if scan.program.units().iter().any(|unit| runs_before(unit.path, path)) {
        unknown(&mut verdict.authentication, "a middleware of the framework runs before the handler");
    }
    unknown(&mut verdict.host_check, "the platform decides by which names it is reached");
    unknown(&mut verdict.rate_limit, "the platform may limit its callers");
    found.place = place;
    (found.authentication, found.host_check, found.rate_limit) =
        (verdict.authentication, verdict.host_check, verdict.rate_limit);
    Some(found)
}

fn unknown(known: &mut Protection, why: &str) {
    strengthen(known, Protection::Unknown(why.to_owned()));
}

/// The first export of a file that a platform calls and that comes to the transport.
fn entry<'a>(scan: &Scan<'_, 'a>, file: usize, transport: Site<'a>) -> Option<Entry<'a>> {
    let exports = &scan.program.units()[file].module.exports;
    exports.iter().filter(|export| export.from.is_none()).find_map(|export| {
        let start = started(scan, file, &export.local)?;
        let is_called = match export.name.as_str() {
            "default" => is_handler(scan, start),
            name => METHODS.contains(&name),
        };
        is_called.then(|| follow(scan, start, transport)).flatten()
    })
}

/// What a name of the top level stands for.
fn started<'a>(scan: &Scan<'_, 'a>, file: usize, name: &str) -> Option<Start<'a>> {
    let module = scan.program.units()[file].module;
    let top = At { file, function: 0 };
    let value = module.functions[0].body.iter().find_map(|statement| match statement {
        Statement::Let { pattern, value: Some(value), .. } if binds(pattern, name) => Some(value),
        _ => None,
    });
    if let Some(value) = value {
        return Some(match &value.kind {
            Kind::Function(function) => Start::Function(At { file, function: *function }),
            _ => Start::Value(top, value),
        });
    }
    let function = module.functions.iter().position(|it| it.parent == Some(0) && it.name.as_deref() == Some(name))?;
    module.functions[function].class.is_none().then_some(Start::Function(At { file, function }))
}

fn binds(pattern: &Pattern, name: &str) -> bool {
    match pattern {
        Pattern::Name(own, _) => own == name,
        Pattern::Fields(fields) => fields.iter().any(|(_, inner)| binds(inner, name)),
        _ => false,
    }
}

/// Whether a default export is something that answers requests: `{ fetch }`, a function of a request, a router, or
/// what a library makes of a handler.
fn is_handler<'a>(scan: &Scan<'_, 'a>, start: Start<'a>) -> bool {
    match start {
        Start::Function(at) => scan.takes_request(at),
        Start::Value(at, value) => match &scan.program.value(at, value).1.kind {
            Kind::Record(record) => record.get("fetch").is_some(),
            Kind::Call(_) => true,
            Kind::Function(function) => scan.takes_request(At { file: at.file, function: *function }),
            _ => false,
        },
    }
}

/// Follows names, calls and closures from an export to the transport; nothing where it is not reached.
fn follow<'a>(scan: &Scan<'_, 'a>, start: Start<'a>, transport: Site<'a>) -> Option<Entry<'a>> {
    let mut entry = Entry { start, functions: BTreeSet::new(), calls: Vec::new() };
    let mut reached = false;
    let mut seen: HashSet<(usize, usize, usize)> = HashSet::new();
    let mut open = vec![start];
    while let Some(next) = open.pop() {
        if seen.len() > MAX_STEPS {
            break;
        }
        let makes = matches!(next, Start::Value(..));
        let mut visit = |at: At, part: &'a Expression| {
            if !seen.insert((at.file, part.span.start, part.span.end)) {
                return;
            }
            reached |= at.file == transport.at.file && part.span == transport.span;
            match &part.kind {
                Kind::Function(function) => open.push(Start::Function(At { file: at.file, function: *function })),
                Kind::Name(_) | Kind::Member(..) => {
                    if let Some(function) = scan.program.function(at, part) {
                        open.push(Start::Function(function));
                    }
                    let origins = scan.program.origins(at, part).into_iter();
                    open.extend(
                        origins
                            .filter(|(owner, origin)| owner.file != at.file || origin.span != part.span)
                            .map(|(owner, origin)| Start::Value(owner, origin)),
                    );
                }
                Kind::Call(call) if part.span != transport.span => {
                    entry.calls.push(Passed { at, expression: part, call, makes });
                }
                _ => {}
            }
        };
        match next {
            Start::Value(at, value) => value.walk(&mut |part| visit(at, part)),
            Start::Function(at) => {
                if entry.functions.insert(at) {
                    scan.program.function_at(at).expressions(&mut |part| visit(at, part));
                }
            }
        }
    }
    (reached || routed(scan, start, transport)).then_some(entry)
}

/// Whether the export is a router of Hono that has a route to the transport.
fn routed<'a>(scan: &Scan<'_, 'a>, start: Start<'a>, transport: Site<'a>) -> bool {
    let Start::Value(at, app) = start else { return false };
    let is_hono = scan.program.symbol(at, app).is_some_and(|symbol| symbol.starts_with("hono.Hono()"));
    let apps = if is_hono { made(scan, at, app) } else { return false };
    scan.calls.iter().any(|known| {
        let Kind::Member(receiver, _) = &known.site.call.function.kind else { return false };
        let near = known.site.at.file == transport.at.file;
        let holds = near && known.site.span.contains(transport.span) && known.site.span != transport.span;
        let hands = || {
            let around: BTreeSet<At> = scan.around(transport.at).filter(|at| at.function != 0).collect();
            let mut handlers = known.site.call.arguments.iter();
            handlers
                .any(|a| super::handed_over(scan.program, known.site.at, &a.value).is_some_and(|f| around.contains(&f)))
        };
        (holds || hands()) && !made(scan, known.site.at, receiver).is_disjoint(&apps)
    })
}

/// What a call on the way to the transport protects, where it wraps it.
fn wrapped<'a>(scan: &Scan<'_, 'a>, passed: &Passed<'a>, transport: Site<'a>, verdict: &mut Verdict) {
    let Passed { at, expression, call, makes } = *passed;
    let place = scan.place(at, expression);
    let symbol = scan.program.symbol(at, &call.function).unwrap_or_default();
    let leads = |value: &'a Expression| follow(scan, Start::Value(at, value), transport).is_some();
    if super::sdk::package(&symbol) == "@cloudflare/workers-oauth-provider" {
        let guarded = call
            .positional(0)
            .and_then(|options| scan.program.value(at, options).1.record())
            .map(|options| ["apiHandler", "apiHandlers"].iter().filter_map(|key| options.get(key)).any(leads));
        return match guarded {
            Some(true) => strengthen(&mut verdict.authentication, Protection::Present(place)),
            _ => unknown(&mut verdict.authentication, "an OAuth provider stands before it"),
        };
    }
    if !call.arguments.iter().any(|argument| leads(&argument.value)) {
        return;
    }
    if symbol.ends_with("withMcpAuth") {
        return strengthen(&mut verdict.authentication, asked(scan, at, call, place));
    }
    if !makes {
        return;
    }
    scan.judge(at, expression, false, verdict);
    if !symbol.starts_with("@/") && !NEUTRAL.contains(&symbol.as_str()) {
        unknown(&mut verdict.authentication, "what wraps the handler could not be followed");
    }
}

/// `withMcpAuth(handler, verify, { required })`: without `required`, whoever brings no token is let in, unless the
/// verification throws.
fn asked<'a>(scan: &Scan<'_, 'a>, at: At, call: &'a Call, place: crate::finding::Place) -> Protection {
    let verify = call.positional(1).and_then(|verify| super::handed_over(scan.program, at, verify));
    if verify.is_some_and(|verify| scan.seen(verify).throws) {
        return Protection::Unknown("the verification may refuse who brings no token".to_owned());
    }
    let Some(options) = call.positional(2) else { return Protection::Optional(place) };
    let (owner, value) = scan.program.value(at, options);
    let Some(options) = value.record() else { return Protection::Unknown("its options are computed".to_owned()) };
    match options.get("required").map(|required| &scan.program.value(owner, required).1.kind) {
        None | Some(Kind::Boolean(false)) => Protection::Optional(place),
        Some(Kind::Boolean(true)) => Protection::Present(place),
        Some(_) => Protection::Unknown("`required` is computed".to_owned()),
    }
}

/// Whether a file runs before the handlers of another: `middleware.ts` at the root of its application.
fn runs_before(path: &str, handler: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let root = folder.strip_suffix("src").unwrap_or(folder).trim_end_matches('/');
    let below = root.is_empty() || handler.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    BEFORE.contains(&stem) && below
}
