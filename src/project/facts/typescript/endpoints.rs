//! Endpoints: where MCP is served on a network, who can connect, and what stands before it.

use std::collections::BTreeSet;

use super::{
    super::{Bind, Endpoint, Facts, Network, Protection},
    Scan,
    judge::{Verdict, strengthen},
    listeners::{Framework, Listener},
    routes::Transport,
    secret_defaults::variable,
};
use crate::project::{
    program::At,
    syntax::{Entry, Expression, Kind, Record},
};

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let transports = scan.transports(facts);
    let listeners = scan.listeners();
    for listener in &listeners {
        if let Some(framework) = &listener.framework {
            facts.endpoints.push(of_framework(scan, listener, *framework));
            continue;
        }
        let file = listener.site.at.file;
        let needs = scan.program.needs(file);
        let mut served: Vec<&Transport<'_>> = transports.iter().filter(|t| needs.contains(&t.at.file)).collect();
        if served.is_empty() && is_handed_over(scan, listener) {
            served = transports.iter().filter(|t| scan.program.needs(t.at.file).contains(&file)).collect();
        }
        // The closest is the one to show: of the same function, of the same file.
        served.sort_by_key(|t| (!same_setup(scan, t, listener), t.at.file != file, t.at.file, t.span.start));
        if served.first().is_some_and(|t| same_setup(scan, t, listener)) {
            served.retain(|t| same_setup(scan, t, listener));
        } else if served.iter().any(|t| t.at.file == file) {
            served.retain(|t| t.at.file == file);
        }
        served.retain(|transport| {
            !is_apart(scan, transport, listener) && !is_of_another(scan, transport, listener, &listeners)
        });
        if let Some(&transport) = served.first() {
            facts.endpoints.push(endpoint(scan, listener, transport, &served));
        }
    }
    facts.endpoints.extend(super::hosted::endpoints(scan, &transports, &listeners));
}

/// Whether the app that listens comes in from outside.
fn is_handed_over<'a>(scan: &Scan<'_, 'a>, listener: &Listener<'a>) -> bool {
    let Some(app) = listener.app else { return false };
    let origins = scan.program.origins(listener.site.at, app);
    origins.iter().any(|(owner, _)| owner.file != listener.site.at.file)
}

/// Whether a listener serves something else: it is set up whole by a function that never comes to the transport.
fn is_apart<'a>(scan: &Scan<'_, 'a>, transport: &Transport<'a>, listener: &Listener<'a>) -> bool {
    let at = listener.site.at;
    let Some(setup) = scan.around(at).filter(|f| f.function != 0).last() else { return false };
    let function = scan.program.function_at(setup);
    if function.class.is_some() || same_setup(scan, transport, listener) {
        return false;
    }
    // An app that comes in from elsewhere may bring anything.
    let Some(app) = listener.app else { return false };
    let local = scan.program.origins(at, app).iter().all(|(owner, origin)| {
        owner.file == at.file && function.span.contains(origin.span) && matches!(origin.kind, Kind::Call(_))
    });
    local && !reach(scan, setup).contains(&transport.at)
}

/// Whether the routes to a transport belong to an app that another listener serves, and not this one.
fn is_of_another<'a>(
    scan: &Scan<'_, 'a>,
    transport: &Transport<'a>,
    listener: &Listener<'a>,
    listeners: &[Listener<'a>],
) -> bool {
    let way = scan.way(transport, listener.site);
    let mut apps = BTreeSet::new();
    for route in &way.routes {
        if let Kind::Member(app, _) = &route.call.function.kind {
            apps.extend(made(scan, route.at, app));
        }
    }
    let serves =
        |listener: &Listener<'a>| listener.app.is_some_and(|app| !made(scan, listener.site.at, app).is_disjoint(&apps));
    !serves(listener) && listeners.iter().any(serves)
}

/// The calls that make an app, and the app inside `http.createServer(app)`.
pub(super) fn made<'a>(scan: &Scan<'_, 'a>, at: At, app: &'a Expression) -> BTreeSet<(usize, usize)> {
    let mut places = BTreeSet::new();
    for (owner, origin) in scan.program.origins(at, app) {
        let Some(call) = origin.call() else { continue };
        places.insert((owner.file, origin.span.start));
        for argument in &call.arguments {
            let inner = scan.program.origins(owner, &argument.value).into_iter();
            places.extend(inner.filter(|(_, o)| o.call().is_some()).map(|(owner, o)| (owner.file, o.span.start)));
        }
    }
    places
}

/// The functions that one comes to: by calls, closures and functions that it hands over.
fn reach(scan: &Scan<'_, '_>, start: At) -> BTreeSet<At> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
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
    reached
}

/// Whether transport and listener are set up by the same function.
fn same_setup(scan: &Scan<'_, '_>, transport: &Transport<'_>, listener: &Listener<'_>) -> bool {
    let at = listener.site.at;
    if transport.at.file != at.file {
        return false;
    }
    // The outermost function below the top level, or the top level for both.
    let setup = |at: At| scan.around(at).filter(|f| f.function != 0).last();
    setup(transport.at) == setup(at) || (setup(at).is_none() && scan.around(transport.at).count() <= 2)
}

pub(super) fn endpoint<'a>(
    scan: &Scan<'_, 'a>,
    listener: &Listener<'a>,
    transport: &Transport<'a>,
    served: &[&Transport<'a>],
) -> Endpoint {
    let way = scan.way(transport, listener.site);
    let mut verdict = Verdict::default();
    for &(at, expression, optional) in &way.before {
        scan.judge(at, expression, optional, &mut verdict);
    }
    for &handler in &way.handlers {
        scan.judge_handler(handler, &mut verdict);
    }
    for transport in served.iter().filter(|t| t.at.file == transport.at.file) {
        strengthen(&mut verdict.host_check, rebinding(scan, transport));
    }
    let apps = way.routes.iter().filter_map(|route| match &route.call.function.kind {
        Kind::Member(app, _) => Some((route.at, &**app)),
        _ => None,
    });
    for (at, app) in apps.chain(listener.app.map(|app| (listener.site.at, app))) {
        strengthen(&mut verdict.host_check, factory(scan, at, app));
    }
    if way.routes.is_empty() {
        blur(scan, listener, &mut verdict);
    }
    Endpoint {
        place: scan.program.place(listener.site.at.file, listener.site.span),
        network: transport.network,
        bind: listener.bind.clone(),
        bind_place: listener.bind_place.clone(),
        authentication: verdict.authentication,
        host_check: verdict.host_check,
        route: scan.program.place(transport.at.file, transport.span),
        rate_limit: verdict.rate_limit,
    }
}

/// Without a route nothing is certain: what is there may stand before it.
fn blur(scan: &Scan<'_, '_>, listener: &Listener<'_>, verdict: &mut Verdict) {
    let files = scan.program.closure(listener.site.at.file);
    let mut elsewhere = Verdict::default();
    for known in scan.calls.iter().filter(|known| files.contains(&known.site.at.file)) {
        for argument in &known.site.call.arguments {
            if matches!(known.written(), "get" | "post" | "all" | "use" | "route" | "delete" | "put") {
                scan.judge(known.site.at, &argument.value, false, &mut elsewhere);
            }
        }
    }
    let unknown = |known: &mut Protection, found: Protection| {
        if found != Protection::Absent {
            strengthen(known, Protection::Unknown("the route to the transport was not found".to_owned()));
        }
    };
    unknown(&mut verdict.authentication, elsewhere.authentication);
    unknown(&mut verdict.host_check, elsewhere.host_check);
    unknown(&mut verdict.rate_limit, elsewhere.rate_limit);
}

/// `enableDnsRebindingProtection` of the SDK's transports: it needs a list to hold requests against.
fn rebinding<'a>(scan: &Scan<'_, 'a>, transport: &Transport<'a>) -> Protection {
    let Some(options) = transport.options else { return Protection::Absent };
    let mut result = Protection::Absent;
    let mut known = false;
    for (at, origin) in scan.program.origins(transport.at, options) {
        let Some(record) = origin.record() else { continue };
        known = true;
        strengthen(&mut result, switch(scan, at, record));
    }
    if !known && transport.official {
        return Protection::Unknown("the transport's options are computed".to_owned());
    }
    result
}

fn switch<'a>(scan: &Scan<'_, 'a>, at: At, record: &'a Record) -> Protection {
    let has_spread = record.entries.iter().any(|entry| matches!(entry, Entry::Spread(_)));
    let Some(enabled) = record.get("enableDnsRebindingProtection") else {
        return if has_spread {
            Protection::Unknown("the transport's options are spread".to_owned())
        } else {
            Protection::Absent
        };
    };
    let after = record
        .entries
        .iter()
        .skip_while(|entry| !matches!(entry, Entry::Field(_, value) if value.span == enabled.span));
    if after.into_iter().any(|entry| matches!(entry, Entry::Spread(_))) {
        return Protection::Unknown("what is spread afterwards may say otherwise".to_owned());
    }
    let place = scan.place(at, enabled);
    let has_list = ["allowedHosts", "allowedOrigins"].iter().any(|key| record.get(key).is_some()) || has_spread;
    match default_of(scan, at, enabled) {
        Some(false) if matches!(scan.program.value(at, enabled).1.kind, Kind::Boolean(false)) => {
            Protection::Disabled(place)
        }
        Some(false) => Protection::Optional(place),
        Some(true) if has_list => Protection::Present(place),
        // Without a list of hosts or origins the SDK compares with nothing.
        Some(true) => Protection::Absent,
        None => Protection::Unknown("`enableDnsRebindingProtection` is computed".to_owned()),
    }
}

/// The value of a switch where no variable is set.
fn default_of<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression) -> Option<bool> {
    let origins = scan.program.origins(at, value);
    let [(at, value)] = origins.as_slice() else { return None };
    match &value.kind {
        Kind::Boolean(value) => Some(*value),
        Kind::Binary(operator, read, _) if variable(read).is_some() => match operator.as_str() {
            "===" | "==" => Some(false),
            "!==" | "!=" => Some(true),
            _ => None,
        },
        Kind::Unary(operator, inner) if operator == "!" => default_of(scan, *at, inner).map(|value| !value),
        _ if variable(value).is_some() => Some(false),
        _ => None,
    }
}

/// The SDK's app factories: they check Host (and, in version 2, Origin) where the host is loopback or hosts are given.
fn factory<'a>(scan: &Scan<'_, 'a>, at: At, app: &'a Expression) -> Protection {
    let mut result = Protection::Absent;
    for (owner, origin) in scan.program.origins(at, app) {
        let Some(call) = origin.call() else { continue };
        if !matches!(super::written(call), "createMcpExpressApp" | "createMcpHonoApp" | "createMcpFastifyApp") {
            continue;
        }
        let place = scan.place(owner, origin);
        let options = call.positional(0).map(|options| scan.program.value(owner, options));
        strengthen(
            &mut result,
            match options {
                None => Protection::Present(place),
                Some((owner, value)) => match value.record() {
                    None => Protection::Unknown("the app's options are computed".to_owned()),
                    Some(record) if record.get("allowedHosts").is_some() => Protection::Present(place),
                    Some(record) => match record.get("host").map(|host| scan.bind(owner, host, &Bind::Loopback)) {
                        None | Some(Bind::Loopback | Bind::ConfiguredLoopback) => Protection::Present(place),
                        Some(Bind::Unknown) => Protection::Unknown("the app's host is computed".to_owned()),
                        Some(_) => Protection::Absent,
                    },
                },
            },
        );
    }
    result
}

/// An endpoint that an SDK of others opens by itself.
fn of_framework<'a>(scan: &Scan<'_, 'a>, listener: &Listener<'a>, framework: Framework<'a>) -> Endpoint {
    let mut verdict = Verdict::default();
    let files = scan.program.closure(listener.site.at.file);
    for known in scan.calls.iter().filter(|known| files.contains(&known.site.at.file)) {
        let optional = scan.is_conditional(known.site, &[], listener.site);
        if matches!(known.written(), "use" | "registerMiddleware" | "addMiddleware" | "register") {
            for argument in &known.site.call.arguments {
                scan.judge(known.site.at, &argument.value, optional, &mut verdict);
            }
        }
        // Options of the server itself: `new FastMCP({ authenticate })`, `transport: { options: { auth } }`.
        if known.site.call.construction && super::sdk::Kind::of(known.symbol()).is_some() {
            for argument in &known.site.call.arguments {
                let (owner, value) = scan.program.value(known.site.at, &argument.value);
                if let Some(record) = value.record() {
                    options(scan, owner, record, &mut verdict);
                }
            }
        }
    }
    options(scan, framework.at, framework.options, &mut verdict);
    let place = scan.program.place(listener.site.at.file, listener.site.span);
    Endpoint {
        place: place.clone(),
        network: match framework.network {
            Network::Sse => Network::Sse,
            other => other,
        },
        bind: listener.bind.clone(),
        bind_place: listener.bind_place.clone(),
        authentication: verdict.authentication,
        host_check: verdict.host_check,
        route: place,
        rate_limit: verdict.rate_limit,
    }
}

/// Options by which SDKs of others are told to protect.
fn options<'a>(scan: &Scan<'_, 'a>, at: At, record: &'a Record, verdict: &mut Verdict) {
    let find = |keys: &[&str]| {
        let value = keys.iter().find_map(|key| record.get(key))?;
        match value.kind {
            Kind::Null | Kind::Boolean(false) => None,
            Kind::Conditional(..) | Kind::Binary(..) => Some(Protection::Optional(scan.place(at, value))),
            _ => Some(Protection::Present(scan.place(at, value))),
        }
    };
    let found = [
        (&mut verdict.authentication, find(&["authenticate", "auth", "oauth", "authentication", "apiKey"])),
        (&mut verdict.host_check, find(&["allowedHosts", "allowedOrigins", "hostValidation", "originValidation"])),
        (&mut verdict.rate_limit, find(&["rateLimit", "rateLimiter", "rateLimiting"])),
    ];
    for (known, protection) in found {
        if let Some(protection) = protection {
            strengthen(known, protection);
        }
    }
}
