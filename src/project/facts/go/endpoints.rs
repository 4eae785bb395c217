//! Endpoints: where MCP is served on a network, and what is around it.
//!
//! What stands before a handler is composed in too many ways to be followed: a check anywhere among the files of the
//! endpoint counts, so that what is reported as absent is absent. Only a check that is seen to stand before other routes
//! does not (`routes`).

use std::collections::BTreeSet;

use super::{
    super::{Bind, Endpoint, Facts, Limiter, Network, Protection},
    GO_SDK, Known, MCP_GO, Scan,
    limiters::{BUCKET, weakness},
    written,
};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Kind, Span},
    },
};

/// Where MCP meets HTTP.
struct Transport<'a> {
    at: At,
    span: Span,
    place: Place,
    network: Network,
    official: bool,
    options: Vec<&'a Expression>,
}

/// Packages of limiters for incoming requests.
const LIMITERS: &[&str] = &[
    "github.com/ulule/limiter",
    "github.com/go-chi/httprate",
    "github.com/didip/tollbooth",
    "github.com/throttled/throttled",
    "github.com/sethvargo/go-limiter",
    "github.com/JGLTechnologies/gin-rate-limit",
];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let transports: Vec<Transport<'_>> = scan.calls.iter().filter_map(|known| transport(scan, known)).collect();
    for known in &scan.calls {
        let Some((bind, bind_place)) = listener(scan, known) else { continue };
        let file = known.site.at.file;
        let needs = scan.program.needs(file);
        let mut served: Vec<&Transport<'_>> =
            transports.iter().filter(|transport| needs.contains(&transport.at.file)).collect();
        served.retain(|transport| !is_apart(scan, known.site.at, transport.at));
        served
            .sort_by_key(|transport| (transport.at != known.site.at, transport.at.file != file, transport.place.start));
        let Some(&transport) = served.first() else { continue };
        // `Start` belongs to the SDK's own server: not to every method of that name.
        if written(known.site.call) == "Start" && !known.symbol.starts_with(MCP_GO) && bind == Bind::Unknown {
            continue;
        }
        facts.endpoints.push(endpoint(scan, known, transport, bind, bind_place));
    }
    for &file in &scan.files {
        limiters(scan, file, facts);
    }
}

/// Whether a listener serves something else: a function of its own that never comes to the transport and takes
/// neither a handler nor a server.
fn is_apart(scan: &Scan<'_, '_>, listener: At, transport: At) -> bool {
    let Some(setup) = scan.around(listener).filter(|at| at.function != 0).last() else { return false };
    let function = scan.program.function_at(setup);
    let words = ["Handler", "Server", "Mux", "Router", "Engine", "http.", "any", "func("];
    let takes = function.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
    if takes.into_iter().any(|annotation| words.iter().any(|word| annotation.text.contains(word))) {
        return false;
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![setup];
    while let Some(at) = open.pop() {
        if !reached.insert(at) || reached.len() > 400 {
            continue;
        }
        scan.program.function_at(at).expressions(&mut |expression| match &expression.kind {
            Kind::Function(function) => open.push(At { file: at.file, function: *function }),
            Kind::Name(_) | Kind::Member(..) => open.extend(scan.program.function(at, expression)),
            _ => {}
        });
    }
    // A method that is handed over as a handler may not be resolved: the same file is near enough for methods.
    let by_method = scan.program.function_at(transport).class.is_some();
    !reached.contains(&transport) && !by_method && function.class.is_none()
}

fn transport<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<Transport<'a>> {
    let official = known.symbol.starts_with(GO_SDK);
    if !official && !known.symbol.starts_with(MCP_GO) {
        return None;
    }
    let network = match known.symbol.rsplit('.').next()? {
        "NewStreamableHTTPHandler" | "NewStreamableHTTPServer" => Network::Http,
        "NewSSEHandler" | "NewSSEServer" => Network::Sse,
        _ => return None,
    };
    let options = known.site.call.arguments.iter().skip(1).map(|argument| &argument.value).collect();
    let place = scan.program.place(known.site.at.file, known.site.span);
    Some(Transport { at: known.site.at, span: known.site.span, place, network, official, options })
}

/// A listening call with its address: `http.ListenAndServe(addr, h)`, `srv.ListenAndServe()`, `s.Start(addr)`, `r.Run(addr)`.
fn listener<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<(Bind, Place)> {
    let site = known.site;
    let here = scan.program.place(site.at.file, site.span);
    let address = match (written(site.call), known.symbol.as_str()) {
        (_, "http.ListenAndServe" | "net/http.ListenAndServe" | "net/http.ListenAndServeTLS") => {
            site.call.positional(0)
        }
        ("ListenAndServe" | "ListenAndServeTLS", _) => {
            let Kind::Member(server, _) = &site.call.function.kind else { return None };
            let origins = scan.program.origins(site.at, server);
            let found = origins.iter().find_map(|(owner, origin)| Some((*owner, origin.record()?)));
            let (owner, record) = found?;
            return Some(match record.get("Addr") {
                Some(address) => scan.listening(owner, address),
                None => scan.assigned_address(site.at, server).unwrap_or((Bind::All, here)),
            });
        }
        ("Start", symbol) if symbol.starts_with(MCP_GO) || symbol.is_empty() => site.call.positional(0),
        ("Run", symbol) if symbol.contains("gin") => match site.call.positional(0) {
            Some(address) => Some(address),
            None => return Some((Bind::All, here)),
        },
        ("Listen", symbol) if symbol.contains("fiber") || symbol == "net.Listen" => {
            site.call.positional(usize::from(symbol == "net.Listen"))
        }
        _ => return None,
    }?;
    Some(scan.listening(site.at, address))
}

fn endpoint<'a>(
    scan: &Scan<'_, 'a>,
    known: &Known<'a>,
    transport: &Transport<'a>,
    bind: Bind,
    bind_place: Place,
) -> Endpoint {
    let mut files: BTreeSet<usize> = scan.program.closure(known.site.at.file);
    files.extend(scan.program.closure(transport.at.file));
    files.retain(|file| scan.files.contains(file));
    let host_check = host_check(scan, transport, &bind, &files);
    Endpoint {
        place: scan.program.place(known.site.at.file, known.site.span),
        network: transport.network,
        bind,
        bind_place,
        authentication: authentication(scan, &files, (transport.at, transport.span)),
        host_check,
        route: transport.place.clone(),
        rate_limit: rate_limit(scan, &files),
    }
}

/// What a function's body, closures included, reads and answers.
#[derive(Default)]
struct Body {
    credential: bool,
    unauthorized: bool,
    origin: bool,
    forbidden: bool,
}

fn body(scan: &Scan<'_, '_>, at: At) -> Body {
    let mut body = Body::default();
    let mut open = vec![(at, true)];
    let mut seen = BTreeSet::new();
    while let Some((at, own)) = open.pop() {
        if !seen.insert(at) || seen.len() > 120 {
            continue;
        }
        scan.program.function_at(at).expressions(&mut |expression| {
            match &expression.kind {
                Kind::Function(function) => open.push((At { file: at.file, function: *function }, own)),
                Kind::Call(call) => {
                    open.extend(scan.program.function(at, &call.function).map(|function| (function, false)));
                    let header = matches!(written(call), "Get" | "GetHeader" | "Values");
                    let name = call.positional(0).filter(|_| header).and_then(|name| scan.program.text(at, name));
                    let lower = name.unwrap_or_default().to_ascii_lowercase();
                    let key =
                        lower.starts_with("x-") && ["key", "token", "auth"].iter().any(|word| lower.contains(word));
                    body.credential |= lower == "authorization" || key;
                    body.origin |= own && lower == "origin";
                    body.credential |= matches!(written(call), "BasicAuth" | "ConstantTimeCompare");
                }
                Kind::Member(object, name) => match name.value.as_str() {
                    "StatusUnauthorized" => body.unauthorized = true,
                    "StatusForbidden" | "StatusMisdirectedRequest" => body.forbidden |= own,
                    "Host" => body.origin |= own && matches!(object.name(), Some("r" | "req" | "request")),
                    _ => {}
                },
                _ => {}
            };
        });
    }
    body
}

/// Whether a function, or a closure directly inside, takes part in answering HTTP requests.
fn is_web(scan: &Scan<'_, '_>, file: usize, function: usize) -> bool {
    let words = ["http.ResponseWriter", "http.Handler", "http.Request", "gin.Context", "fiber.Ctx", "echo.Context"];
    let functions = &scan.program.units()[file].module.functions;
    let takes = |function: &crate::project::syntax::Function| {
        let typed = function.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
        typed.into_iter().any(|annotation| words.iter().any(|word| annotation.text.contains(word)))
    };
    takes(&functions[function]) || functions.iter().any(|inner| inner.parent == Some(function) && takes(inner))
}

fn authentication(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, transport: (At, Span)) -> Protection {
    for known in scan.calls.iter().filter(|known| files.contains(&known.site.at.file)) {
        let symbol = &known.symbol;
        let library = symbol == &format!("{GO_SDK}/auth.RequireBearerToken")
            || symbol.contains("jwtauth.Verifier")
            || symbol.contains("jwtmiddleware.New")
            || symbol.contains("go-jwt-middleware")
            || symbol.ends_with("gin.BasicAuth")
            || symbol.contains("keyauth.New");
        if library && !scan.is_elsewhere(&[(known.site.at.file, known.site.span)], transport) {
            return Protection::Present(scan.program.place(known.site.at.file, known.site.span));
        }
    }
    for &file in files {
        let functions = scan.program.units()[file].module.functions.iter().enumerate().skip(1);
        for (function, definition) in functions {
            if !is_web(scan, file, function) {
                continue;
            }
            let found = body(scan, At { file, function });
            let at = At { file, function };
            if found.credential && found.unauthorized && !scan.is_elsewhere(&scan.uses(at), transport) {
                return Protection::Present(scan.program.place(file, definition.name_span));
            }
        }
    }
    let mut asked = scan.calls.iter().filter(|known| files.contains(&known.site.at.file));
    match asked.find(|known| asks_before_tools(known)) {
        Some(_) => Protection::Unknown("something in front of the tools asks who calls".to_owned()),
        None => Protection::Absent,
    }
}

/// `server.WithToolHandlerMiddleware(authenticate(..))`: what stands in front of the tools, and not of the route.
fn asks_before_tools(known: &Known<'_>) -> bool {
    let middleware = ["WithToolHandlerMiddleware", "AddReceivingMiddleware"];
    let ours = known.symbol.starts_with(MCP_GO) || known.symbol.starts_with(GO_SDK);
    if !ours || !middleware.contains(&written(known.site.call)) {
        return false;
    }
    let authenticates = |name: &str| name.to_ascii_lowercase().contains("auth");
    known.site.call.arguments.iter().any(|argument| {
        let given = argument.value.call().map_or(&argument.value, |call| &call.function);
        let mut asks = false;
        given.walk(&mut |part| {
            asks |= match &part.kind {
                Kind::Name(name) => authenticates(name),
                Kind::Member(_, name) => authenticates(&name.value),
                _ => false,
            };
        });
        asks
    })
}

fn host_check<'a>(scan: &Scan<'_, 'a>, transport: &Transport<'a>, bind: &Bind, files: &BTreeSet<usize>) -> Protection {
    for known in scan.calls.iter().filter(|known| files.contains(&known.site.at.file)) {
        if known.symbol.ends_with("http.NewCrossOriginProtection") {
            return Protection::Present(scan.program.place(known.site.at.file, known.site.span));
        }
    }
    for option in &transport.options {
        for (owner, origin) in scan.program.origins(transport.at, option) {
            match &origin.kind {
                Kind::Call(call) if written(call) == "WithDisableLocalhostProtection" => {
                    return Protection::Disabled(scan.place(owner, origin));
                }
                Kind::Record(record) => {
                    if let Some(off) = record.get("DisableLocalhostProtection")
                        && matches!(off.kind, Kind::Boolean(true))
                    {
                        return Protection::Disabled(scan.place(owner, off));
                    }
                    if let Some(protection) = record.get("CrossOriginProtection")
                        && !matches!(protection.kind, Kind::Null)
                    {
                        return Protection::Present(scan.place(owner, protection));
                    }
                }
                _ => {}
            }
        }
    }
    for &file in files {
        let functions = scan.program.units()[file].module.functions.iter().enumerate().skip(1);
        for (function, definition) in functions {
            if !is_web(scan, file, function) {
                continue;
            }
            let found = body(scan, At { file, function });
            if found.origin && found.forbidden && !found.credential {
                return Protection::Present(scan.program.place(file, definition.name_span));
            }
        }
    }
    // Both SDKs check Host on loopback by themselves since some version.
    match bind {
        Bind::Loopback | Bind::ConfiguredLoopback => {
            match scan.program.version(&transport.place.path, GO_SDK).filter(|_| transport.official) {
                Some(version) if at_least(version, [1, 4, 0]) => Protection::Present(transport.place.clone()),
                Some(_) => Protection::Absent,
                None => Protection::Unknown("it depends on the version of the SDK".to_owned()),
            }
        }
        Bind::Unknown => Protection::Unknown("it depends on the address".to_owned()),
        _ => Protection::Absent,
    }
}

fn at_least(version: &str, floor: [u64; 3]) -> bool {
    let release = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
    let mut parts = release.split('.').map(|part| part.parse().unwrap_or(0));
    [parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0)] >= floor
}

fn rate_limit(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> Protection {
    for known in scan.calls.iter().filter(|known| files.contains(&known.site.at.file)) {
        let place = || scan.program.place(known.site.at.file, known.site.span);
        if LIMITERS.iter().any(|package| known.symbol.starts_with(package)) || answers_too_many(known) {
            return Protection::Present(place());
        }
        if known.symbol == "golang.org/x/time/rate.NewLimiter" {
            return Protection::Unknown("a limiter is there that may hold back either side".to_owned());
        }
    }
    Protection::Absent
}

/// `http.Error(w, .., http.StatusTooManyRequests)`
fn answers_too_many(known: &Known<'_>) -> bool {
    let answers = ["Error", "WriteHeader", "AbortWithStatus", "AbortWithStatusJSON", "JSON", "Status", "SendStatus"];
    answers.contains(&written(known.site.call))
        && known.site.call.arguments.iter().any(
            |argument| matches!(&argument.value.kind, Kind::Member(_, name) if name.value == "StatusTooManyRequests"),
        )
}

/// Some call of the file answers that there were too many requests.
fn refuses(scan: &Scan<'_, '_>, file: usize) -> bool {
    scan.calls.iter().any(|known| known.site.at.file == file && answers_too_many(known))
}

fn limiters(scan: &Scan<'_, '_>, file: usize, facts: &mut Facts) {
    for known in scan.calls.iter().filter(|known| known.site.at.file == file) {
        let made = LIMITERS.iter().any(|package| known.symbol.starts_with(package)) && !known.symbol.contains("()");
        let weakness = weakness(scan, known);
        // A bucket may hold back the server's own requests: it limits callers where somebody answers 429.
        let bucket = known.symbol == BUCKET && weakness.is_some() && refuses(scan, file);
        if made || bucket || answers_too_many(known) {
            let place = scan.program.place(file, known.site.span);
            facts.limiters.push(Limiter { place, weakness });
        }
    }
}
