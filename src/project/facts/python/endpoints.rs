//! Where Python servers start to listen: the SDKs' own `run`, and web servers that carry an SDK's transport.

use super::{
    calls, last, path,
    protection::Around,
    servers::{kind_of, made_by},
    setting::{Setting, setting},
};
use crate::{
    finding::Place,
    project::{
        facts::{
            Bind, Endpoint, Facts, Network, Protection,
            moments::{excludes_stdio, needs_stdio},
            strength::{combined, conditions, older, strongest},
        },
        program::{At, Program, Site},
        syntax::{Expression, Kind},
    },
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let sites = calls(program);
    let routes: Vec<Route<'_>> = sites.iter().filter_map(|site| route(program, *site)).collect();
    let mut served: Vec<usize> = Vec::new();
    for site in &sites {
        if let Some(run) = run(program, *site) {
            own_run(program, *site, &run, facts);
        } else if let Some(default) = web_server(program, *site) {
            carry(program, *site, default, &routes, &mut served, facts);
        }
        if last(&path(program, site.at, &site.call.function)) == "stdio_server" {
            facts.stdio.push(program.place(site.at.file, site.span));
        }
    }
    // A transport that no listener of this project carries is started from outside.
    for (index, route) in routes.iter().enumerate().filter(|(index, _)| !served.contains(index)) {
        let same = |other: &usize| routes[*other].site.at.file == route.site.at.file;
        if served.iter().any(same) || routes[..index].iter().any(|other| other.site.at.file == route.site.at.file) {
            continue;
        }
        let place = program.place(route.site.at.file, route.site.span);
        if facts.endpoints.iter().any(|endpoint| endpoint.place.path == place.path) {
            continue;
        }
        let around = Around::new(program, route.site.at.file);
        facts.endpoints.push(endpoint(&around, place.clone(), (Bind::Unknown, place), route));
    }
}

/// What makes the transport that is carried.
#[derive(Clone, Copy, Debug)]
struct Route<'a> {
    site: Site<'a>,
    network: Network,
    /// The official SDK protects loopback hosts by itself here.
    automatic: bool,
}

fn route<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Route<'a>> {
    let function = path(program, site.at, &site.call.function);
    let (network, automatic) = match last(&function) {
        "SseServerTransport" if function.starts_with("mcp.") => (Network::Sse, false),
        "StreamableHTTPSessionManager" | "StreamableHTTPServerTransport" if function.starts_with("mcp.") => {
            (Network::Http, false)
        }
        "sse_app" | "create_sse_app" => (Network::Sse, true),
        "streamable_http_app" | "http_app" | "create_streamable_http_app" => (Network::Http, true),
        "mount" | "mount_http" | "mount_sse" if function.starts_with("fastapi_mcp.") => (Network::Http, false),
        _ => return None,
    };
    if automatic {
        let Kind::Member(object, _) = &site.call.function.kind else {
            return function.starts_with("fastmcp.").then_some(Route { site, network, automatic: false });
        };
        kind_of(program, site.at, object)?;
    }
    Some(Route { site, network, automatic })
}

/// `run` of a server object, by its class.
struct Run<'a> {
    sdk: &'static str,
    object: &'a Expression,
    word: &'a str,
}

fn run<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Run<'a>> {
    let Kind::Member(object, word) = &site.call.function.kind else { return None };
    let (sdk, kind, _) = kind_of(program, site.at, object)?;
    let runs = word.value == "run" || (word.value.starts_with("run_") && word.value.ends_with("_async"));
    let runs = runs || word.value == "run_async";
    (runs && kind != "Server" && kind != "FastApiMCP").then_some(Run { sdk, object, word: &word.value })
}

/// An argument by its keyword, also through `**settings`: what the record says, and what is put into it later.
fn keyword<'a>(program: &Program<'a>, site: Site<'a>, name: &str) -> Option<(At, &'a Expression)> {
    if let Some(value) = site.call.keyword(name) {
        return Some((site.at, value));
    }
    let spreads = site.call.arguments.iter().filter_map(|argument| match &argument.value.kind {
        Kind::Spread(inner) => Some(&**inner),
        _ => None,
    });
    spreads.into_iter().find_map(|spread| {
        let (at, origin) = program.origin(site.at, spread);
        let written = origin.record().and_then(|record| record.get(name)).map(|value| (at, value));
        written.or_else(|| put(program, at, spread.name()?, name))
    })
}

fn spreads(site: Site<'_>) -> bool {
    site.call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)))
}

/// `settings["name"] = value` in the same function.
fn put<'a>(program: &Program<'a>, at: At, record: &str, name: &str) -> Option<(At, &'a Expression)> {
    let mut found = None;
    program.function_at(at).expressions(&mut |expression| {
        let Kind::Assign(target, value) = &expression.kind else { return };
        let Kind::Index(object, key) = &target.kind else { return };
        if object.name() == Some(record) && key.text() == Some(name) {
            found = Some((at, &**value));
        }
    });
    found
}

/// The transports that a call of `run` may use: by default, and on demand.
fn transports<'a>(program: &Program<'a>, site: Site<'a>, run: &Run<'a>) -> Vec<String> {
    match run.word {
        "run_stdio_async" => return vec!["stdio".to_owned()],
        "run_sse_async" => return vec!["sse".to_owned()],
        "run_streamable_http_async" | "run_http_async" => return vec!["http".to_owned()],
        _ => {}
    }
    let positional = || site.call.positional(0).map(|given| (site.at, given));
    let Some((at, given)) = keyword(program, site, "transport").or_else(positional) else {
        return vec!["stdio".to_owned()];
    };
    let mut known = Vec::new();
    branches(program, at, given, &mut known, 4);
    if given.text().is_none() && !known.iter().any(|transport| network(transport).is_some()) {
        known.extend(compared(program, site.at));
    }
    if known.is_empty() {
        known.push("stdio".to_owned());
    }
    known.dedup();
    // `if transport == "stdio": mcp.run(transport=transport)`
    for (condition, then) in conditions(&program.function_at(site.at).body, site.span) {
        let text = program.source(site.at.file, condition).to_lowercase();
        if needs_stdio(&text, then) {
            known.retain(|transport| network(transport).is_none());
        } else if excludes_stdio(&text, then) {
            known.retain(|transport| transport != "stdio");
        }
    }
    known
}

/// The transports that a function tells apart: `if transport in ("sse", "http")`.
fn compared(program: &Program<'_>, at: At) -> Vec<String> {
    let mut comparisons = Vec::new();
    let mut found = Vec::new();
    program.function_at(at).expressions(&mut |expression| match &expression.kind {
        Kind::Binary(operator, ..) if matches!(operator.as_str(), "==" | "!=" | "in" | "not in") => {
            comparisons.push(expression.span);
        }
        Kind::Text(text) if network(text).is_some() => found.push((expression.span, text.clone())),
        _ => {}
    });
    let inside = |span| comparisons.iter().any(|comparison| comparison.contains(span));
    found.into_iter().filter(|(span, _)| inside(*span)).map(|(_, text)| text).collect()
}

fn branches<'a>(program: &Program<'a>, at: At, given: &'a Expression, known: &mut Vec<String>, steps: usize) {
    let (origin_at, origin) = program.origin(at, given);
    if let Kind::Conditional(_, then, otherwise) = &origin.kind
        && steps > 0
    {
        branches(program, origin_at, then, known, steps - 1);
        branches(program, origin_at, otherwise, known, steps - 1);
        return;
    }
    if let Some(Setting { text, choices, .. }) = setting(program, at, given) {
        known.push(text);
        known.extend(choices);
    }
}

fn network(transport: &str) -> Option<Network> {
    match transport.replace('_', "-").as_str() {
        "sse" => Some(Network::Sse),
        "http" | "streamable-http" | "streamablehttp" => Some(Network::Http),
        _ => None,
    }
}

/// `mcp.run(transport=..)`.
fn own_run<'a>(program: &Program<'a>, site: Site<'a>, run: &Run<'a>, facts: &mut Facts) {
    let place = program.place(site.at.file, site.span);
    let transports = transports(program, site, run);
    if transports.iter().any(|transport| transport == "stdio") {
        facts.stdio.push(place.clone());
    }
    let Some(network) = transports.iter().find_map(|transport| network(transport)) else { return };
    let (made_at, made) = program.origin(site.at, run.object);
    let constructor_host = made.call().and_then(|call| call.keyword("host")).map(|host| (made_at, host));
    let given = keyword(program, site, "host").or(constructor_host);
    let given = given.or_else(|| assigned(program, site.at.file, "host").pop());
    let bind = match given {
        Some((at, host)) => bind(program, at, host),
        None if spreads(site) => (Bind::Unknown, place.clone()),
        None if run.sdk == "mcp" && older(program.version(&place.path, "mcp"), [1, 9, 0]) == Some(true) => {
            (Bind::All, place.clone())
        }
        None => (Bind::Loopback, place.clone()),
    };
    let around = Around::new(program, site.at.file);
    let of_sdk = sdk_check(program, site, run, &bind.0, (made_at, made));
    facts.endpoints.push(Endpoint {
        place: place.clone(),
        network,
        bind: bind.0,
        bind_place: bind.1,
        authentication: around.authentication(),
        host_check: combined(of_sdk, around.host_check()),
        route: place,
        rate_limit: around.rate_limit(),
    });
}

/// What `mcp.settings.name = ..` is given, anywhere near.
fn assigned<'a>(program: &Program<'a>, file: usize, wanted: &str) -> Vec<(At, &'a Expression)> {
    let mut found = Vec::new();
    for near in program.closure(file) {
        program.units()[near].expressions(&mut |function, expression| {
            let Kind::Assign(target, value) = &expression.kind else { return };
            let Kind::Member(object, name) = &target.kind else { return };
            let settings = matches!(&object.kind, Kind::Member(_, word) if word.value == "settings");
            if settings && name.value == wanted {
                found.push((At { file: near, function }, &**value));
            }
        });
    }
    found
}

/// What the SDK itself does about Host and Origin.
fn sdk_check<'a>(
    program: &Program<'a>,
    site: Site<'a>,
    run: &Run<'a>,
    bind: &Bind,
    (made_at, made): (At, &'a Expression),
) -> Protection {
    let given = |keyword: &str| {
        let own = site.call.keyword(keyword).map(|value| (site.at, value));
        own.or_else(|| made.call().and_then(|call| call.keyword(keyword)).map(|value| (made_at, value)))
    };
    if run.sdk == "fastmcp" {
        return match given("host_origin_protection") {
            Some((at, value)) => match &program.value(at, value).1.kind {
                Kind::Boolean(false) => Protection::Disabled(program.place(at.file, value.span)),
                Kind::Boolean(true) => Protection::Present(program.place(at.file, value.span)),
                Kind::Text(text) if text == "auto" && *bind == Bind::Loopback => {
                    Protection::Present(program.place(at.file, value.span))
                }
                Kind::Text(_) => Protection::Absent,
                _ => Protection::Unknown("`host_origin_protection` is computed".to_owned()),
            },
            None if given("allowed_hosts").is_some() => {
                Protection::Unknown("`allowed_hosts` may be in force".to_owned())
            }
            None => Protection::Absent,
        };
    }
    if let Some((at, value)) = given("transport_security") {
        return security(program, at, value);
    }
    let later = assigned(program, site.at.file, "transport_security");
    let later: Vec<Protection> = later.into_iter().map(|(at, value)| security(program, at, value)).collect();
    let off = later.iter().any(|way| matches!(way, Protection::Disabled(_)));
    match strongest(later) {
        Protection::Absent => automatic(program, bind, program.place(made_at.file, made.span)),
        Protection::Present(place) if off => Protection::Optional(place),
        protection => protection,
    }
}

/// The official SDK protects loopback hosts by itself since 1.23.
fn automatic(program: &Program<'_>, bind: &Bind, place: Place) -> Protection {
    if !matches!(bind, Bind::Loopback | Bind::ConfiguredLoopback) {
        return Protection::Absent;
    }
    match older(program.version(&place.path, "mcp"), [1, 23, 0]) {
        Some(false) => Protection::Present(place),
        Some(true) => Protection::Absent,
        None => Protection::Unknown("which version of `mcp` is installed is not known".to_owned()),
    }
}

/// `TransportSecuritySettings(..)` and what stands for it.
fn security<'a>(program: &Program<'a>, at: At, value: &'a Expression) -> Protection {
    let (at, origin) = program.origin(at, value);
    let place = program.place(at.file, origin.span);
    match &origin.kind {
        // The last of several values is what was found; another may protect.
        Kind::Null if value.name().is_some() => match assigned_security(program, at, value) {
            Protection::Unknown(_) => Protection::Absent,
            protection => protection,
        },
        Kind::Null => Protection::Absent,
        Kind::Conditional(_, then, otherwise) => {
            let ways = [security(program, at, then), security(program, at, otherwise)];
            if ways.iter().all(|way| matches!(way, Protection::Present(_))) {
                Protection::Present(place)
            } else if ways.iter().any(|way| matches!(way, Protection::Present(_))) {
                Protection::Optional(place)
            } else {
                strongest(ways)
            }
        }
        Kind::Call(call) if last(&path(program, at, &call.function)) == "TransportSecuritySettings" => {
            let off = call.keyword("enable_dns_rebinding_protection").map(|flag| program.value(at, flag).1);
            match off.map(|flag| &flag.kind) {
                Some(Kind::Boolean(false)) => Protection::Disabled(place),
                None | Some(Kind::Boolean(true)) => Protection::Present(place),
                Some(_) => Protection::Optional(place),
            }
        }
        _ => assigned_security(program, at, value),
    }
}

/// A name that is given several values: protected where any of them protects.
fn assigned_security(program: &Program<'_>, at: At, value: &Expression) -> Protection {
    let Some(name) = value.name() else { return Protection::Unknown("transport security is computed".to_owned()) };
    let found = program.calls_in(at.file).into_iter().find(|site| {
        site.at.function == at.function
            && last(&path(program, site.at, &site.call.function)) == "TransportSecuritySettings"
    });
    match found {
        Some(site) => Protection::Present(program.place(at.file, site.span)),
        None => Protection::Unknown(format!("what `{name}` is could not be decided")),
    }
}

/// The host that a web server listens on when none is given.
fn web_server<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Bind> {
    let function = path(program, site.at, &site.call.function);
    match function.as_str() {
        "uvicorn.run" | "uvicorn.Config" | "uvicorn.config.Config" => Some(Bind::Loopback),
        "aiohttp.web.run_app" | "aiohttp.web.TCPSite" => Some(Bind::All),
        "granian.Granian" | "waitress.serve" | "hypercorn.asyncio.serve" => Some(Bind::Unknown),
        _ => (function == "flask.Flask().run").then_some(Bind::Loopback),
    }
}

/// A web server that carries a transport which is made near it.
fn carry<'a>(
    program: &Program<'a>,
    site: Site<'a>,
    default: Bind,
    routes: &[Route<'a>],
    served: &mut Vec<usize>,
    facts: &mut Facts,
) {
    let around = Around::new(program, site.at.file);
    let here = |index: &usize| routes[*index].site.at.file == site.at.file;
    let near = (0..routes.len()).filter(|&index| around.files().contains(&routes[index].site.at.file));
    let near: Vec<usize> = near.collect();
    served.extend(&near);
    let place = program.place(site.at.file, site.span);
    let host = site.call.keyword("host").or_else(|| site.call.keyword("address"));
    let bound = match host {
        Some(host) => bind(program, site.at, host),
        None if spreads(site) => (Bind::Unknown, place.clone()),
        None => (default, place.clone()),
    };
    if let Some(&index) = near.iter().find(|index| here(index)).or(near.first()) {
        facts.endpoints.push(endpoint(&around, place, bound, &routes[index]));
    } else if let Some(made) = named_application(program, site) {
        // `uvicorn.run("server:mcp")`: the server object itself is what is served.
        let route = Route { site: made, network: Network::Http, automatic: true };
        facts.endpoints.push(endpoint(&around, place, bound, &route));
    }
}

/// The server object that `"module:name"` names, in this file.
fn named_application<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Site<'a>> {
    let text = site.call.positional(0).and_then(|app| program.text(site.at, app))?;
    let (_, name) = text.split_once(':')?;
    program.calls_in(site.at.file).into_iter().find(|made| {
        made_by(program, made.at, &made.call.function).is_some() && {
            let before = program.units()[site.at.file].text.get(..made.span.start).unwrap_or_default();
            before.trim_end().strip_suffix('=').is_some_and(|before| before.trim_end().ends_with(name))
        }
    })
}

fn endpoint<'a>(
    around: &Around<'_, 'a>,
    place: Place,
    (bind, bind_place): (Bind, Place),
    route: &Route<'a>,
) -> Endpoint {
    let (at, call) = (route.site.at, route.site.call);
    let program = around.program;
    let route_place = program.place(at.file, route.site.span);
    let settings = call.keyword("security_settings").or_else(|| call.keyword("transport_security"));
    let of_sdk = match settings {
        Some(settings) => security(program, at, settings),
        None if route.automatic => of_constructor(program, route, &route_place),
        None => Protection::Absent,
    };
    // Transports made under other conditions, with settings, count as well.
    let elsewhere = around.sites().iter().filter_map(|site| {
        let other = self::route(program, *site)?;
        let settings = other.site.call.keyword("security_settings")?;
        Some(security(program, site.at, settings))
    });
    let of_sdk = if of_sdk == Protection::Absent { strongest(elsewhere) } else { of_sdk };
    Endpoint {
        place,
        network: route.network,
        bind,
        bind_place,
        authentication: around.authentication(),
        host_check: combined(of_sdk, around.host_check()),
        route: route_place,
        rate_limit: around.rate_limit(),
    }
}

/// `mcp.sse_app()` has what the server object was given; its own host decides, not the web server's.
fn of_constructor<'a>(program: &Program<'a>, route: &Route<'a>, place: &Place) -> Protection {
    let Kind::Member(object, _) = &route.site.call.function.kind else { return Protection::Absent };
    let (made_at, made) = program.origin(route.site.at, object);
    let Some(call) = made.call() else {
        return Protection::Unknown("where the server is made is not known".to_owned());
    };
    if path(program, made_at, &call.function).starts_with("fastmcp.") {
        let given = route.site.call.keyword("host_origin_protection");
        return match given.map(|value| &value.kind) {
            Some(Kind::Boolean(true)) => Protection::Present(place.clone()),
            Some(Kind::Boolean(false)) => Protection::Disabled(place.clone()),
            Some(_) => Protection::Unknown("`host_origin_protection` is computed".to_owned()),
            None => Protection::Absent,
        };
    }
    if let Some(settings) = call.keyword("transport_security") {
        return security(program, made_at, settings);
    }
    let own = match call.keyword("host") {
        Some(host) => self::bind(program, made_at, host).0,
        None => Bind::Loopback,
    };
    automatic(program, &own, place.clone())
}

/// Who can connect to a host, and where it is written.
fn bind<'a>(program: &Program<'a>, at: At, host: &'a Expression) -> (Bind, Place) {
    let Some(found) = setting(program, at, host) else {
        return (Bind::Unknown, program.place(at.file, host.span));
    };
    let place = program.place(found.at.file, found.written.span);
    let text = found.text.trim();
    let bind =
        match (text, found.configured) {
            ("0.0.0.0" | "::" | "[::]" | "", false) => Bind::All,
            ("0.0.0.0" | "::" | "[::]" | "", true) => Bind::ConfiguredAll,
            (text, configured)
                if text == "localhost" || text == "::1" || text == "[::1]" || text.starts_with("127.") =>
            {
                if configured { Bind::ConfiguredLoopback } else { Bind::Loopback }
            }
            (_, true) => Bind::Unknown,
            (text, false) => Bind::Address(text.to_owned()),
        };
    (bind, place)
}
