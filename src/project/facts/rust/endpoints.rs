//! Where Rust servers start to listen: listeners near `rmcp`'s HTTP services, and its older servers' own `serve`.

use std::collections::BTreeSet;

use super::{addresses::bind, calls, last, path, protection::Around, word};
use crate::project::{
    facts::{Endpoint, Facts, Network},
    program::{Program, Site},
    syntax::{Expression, Kind},
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let sites = calls(program);
    let routes: Vec<(Site<'_>, Network)> =
        sites.iter().filter_map(|site| Some((*site, route(program, *site)?))).collect();
    let mut served: BTreeSet<usize> = BTreeSet::new();
    for site in &sites {
        stdio(program, *site, facts);
        if let Some(address) = own_server(program, *site) {
            push(program, *site, Some(address), (*site, Network::Sse), facts);
            continue;
        }
        let Some(address) = listens(program, *site) else { continue };
        let near = program.closure(site.at.file);
        let here = routes.iter().position(|(route, _)| route.at.file == site.at.file);
        let found = here.or_else(|| routes.iter().position(|(route, _)| near.contains(&route.at.file)));
        if let Some(index) = found {
            served.extend(routes.iter().enumerate().filter(|(_, r)| near.contains(&r.0.at.file)).map(|(at, _)| at));
            served.insert(index);
            push(program, *site, Some(address), routes[index], facts);
        }
    }
    for (index, route) in routes.iter().enumerate() {
        let path = program.unit(route.0.at).path;
        let known = facts.endpoints.iter().any(|endpoint| endpoint.place.path == path);
        if !served.contains(&index) && !known {
            push(program, route.0, None, *route, facts);
        }
    }
}

/// A service of the SDK that speaks the protocol over HTTP.
fn route<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Network> {
    let function = path(program, site.at, &site.call.function);
    if !function.starts_with("rmcp.") {
        return None;
    }
    let made = ["StreamableHttpService.new", "StreamableHttpServer.new", "StreamableHttpServer.serve"];
    if made.iter().any(|name| function.ends_with(name)) {
        return Some(Network::Http);
    }
    function.ends_with("SseServer.new").then_some(Network::Sse)
}

/// `SseServer::serve(addr)` of older versions listens by itself.
fn own_server<'a>(program: &Program<'a>, site: Site<'a>) -> Option<&'a Expression> {
    let function = path(program, site.at, &site.call.function);
    let serves = function.ends_with("SseServer.serve") || function.ends_with("SseServer.serve_with_config");
    if !function.starts_with("rmcp.") || !serves {
        return None;
    }
    let first = site.call.positional(0)?;
    let (_, origin) = program.origin(site.at, first);
    Some(origin.record().and_then(|record| record.get("bind")).unwrap_or(first))
}

/// The address of a listener.
fn listens<'a>(program: &Program<'a>, site: Site<'a>) -> Option<&'a Expression> {
    let function = path(program, site.at, &site.call.function);
    let binds = matches!(
        function.as_str(),
        "tokio.net.TcpListener.bind"
            | "std.net.TcpListener.bind"
            | "axum_server.bind"
            | "axum_server.bind_rustls"
            | "axum.Server.bind"
            | "hyper.Server.bind"
    ) || (function.starts_with("actix_web.HttpServer.new()") && last(&function) == "bind")
        || (function.starts_with("poem.listener.TcpListener") && last(&function) == "bind")
        || (function.starts_with("warp.serve()") && last(&function) == "run");
    binds.then(|| site.call.positional(0)).flatten()
}

/// `.serve(stdio())`, and the two streams by themselves.
fn stdio<'a>(program: &Program<'a>, site: Site<'a>, facts: &mut Facts) {
    let function = path(program, site.at, &site.call.function);
    if function.starts_with("rmcp.") && function.ends_with("io.stdio")
        || function == "rmcp.transport.stdio"
        || function == "rust_mcp_sdk.StdioTransport.new"
    {
        facts.stdio.push(program.place(site.at.file, site.span));
        return;
    }
    if !matches!(word(site.call), "serve" | "serve_with_ct" | "serve_server" | "serve_server_with_ct") {
        return;
    }
    let mut streams = 0;
    for argument in &site.call.arguments {
        let (at, origin) = program.origin(site.at, &argument.value);
        if let Kind::List(items) = &origin.kind {
            streams += items
                .iter()
                .filter_map(|item| program.origin(at, item).1.call())
                .filter(|call| {
                    matches!(path(program, at, &call.function).as_str(), "tokio.io.stdin" | "tokio.io.stdout")
                })
                .count();
        }
    }
    if streams == 2 {
        facts.stdio.push(program.place(site.at.file, site.span));
    }
}

fn push<'a>(
    program: &Program<'a>,
    site: Site<'a>,
    address: Option<&'a Expression>,
    (route, network): (Site<'a>, Network),
    facts: &mut Facts,
) {
    let place = program.place(site.at.file, site.span);
    let (bind, bind_place) = match address {
        Some(address) => bind(program, site.at, address),
        None => (crate::project::facts::Bind::Unknown, place.clone()),
    };
    let around = Around::new(program, site.at.file);
    facts.endpoints.push(Endpoint {
        place,
        network,
        bind,
        bind_place,
        authentication: around.authentication(),
        host_check: around.host_check(route),
        route: program.place(route.at.file, route.span),
        rate_limit: around.rate_limit(),
    });
}
