//! Where servers of C# are reached: the routes of ASP.NET, and standard input and output.

use std::collections::BTreeSet;

use super::{
    super::{Bind, Endpoint, Facts, Network},
    Scan, protection,
};
use crate::{
    finding::Place,
    project::{
        program::{At, Site},
        syntax::{Expression, Kind, Part},
    },
};

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for site in &scan.calls {
        let method = site.call.written();
        let place = match &site.call.function.kind {
            Kind::Member(_, name) => scan.place(site.at, name.span),
            _ => scan.place(site.at, site.span),
        };
        let constructed = site.call.construction && method == "StdioServerTransport";
        if (method == "WithStdioServerTransport" || constructed) && scan.is_foreign(site) {
            facts.stdio.push(place);
        } else if method == "MapMcp" && scan.is_foreign(site) {
            facts.endpoints.push(endpoint(scan, site, place));
        }
    }
}

fn endpoint(scan: &Scan<'_, '_>, site: &Site<'_>, route: Place) -> Endpoint {
    let build = scan.builds.around(scan.path(site.at));
    let files = build.map(|build| build.closure.clone()).unwrap_or_default();
    let (bind, bind_place) = bind(scan, &files).unwrap_or_else(|| {
        let mut settings = build.into_iter().flat_map(|build| &build.settings).filter(|setting| setting.usual);
        let is_url = |key: &str| key == "urls" || key.starts_with("kestrel.endpoints.") && key.ends_with(".url");
        match settings.find(|setting| is_url(&setting.key)) {
            Some(setting) => (hosts(&setting.value), setting.place.clone()),
            // Kestrel's own choice, unless the environment says otherwise.
            None => (Bind::ConfiguredLoopback, route.clone()),
        }
    });
    Endpoint {
        place: route.clone(),
        network: Network::Http,
        bind,
        bind_place,
        authentication: protection::authentication(scan, &files),
        host_check: protection::host_check(scan, build, &files),
        route,
        rate_limit: protection::rate_limit(scan, &files),
    }
}

/// `app.Run(url)`, `UseUrls(..)`, `app.Urls.Add(..)`, `options.ListenAnyIP(..)`: the widest that is written down.
fn bind(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> Option<(Bind, Place)> {
    let mut found: Vec<(Bind, Place)> = Vec::new();
    for site in scan.calls.iter().filter(|site| files.contains(&site.at.file)) {
        let first = site.call.positional(0);
        let value = match site.call.written() {
            "ListenAnyIP" => {
                found.push((Bind::All, scan.place(site.at, site.call.function.span)));
                continue;
            }
            "ListenLocalhost" => {
                found.push((Bind::Loopback, scan.place(site.at, site.call.function.span)));
                continue;
            }
            "Listen" => first,
            "Run" | "RunAsync" | "UseUrls" => first,
            "Add" if on_urls(&site.call.function) => first,
            _ => continue,
        };
        let Some(value) = value else { continue };
        found.extend(address(scan, site.at, value).map(|bind| (bind, scan.place(site.at, value.span))));
    }
    let all = found.iter().position(|(bind, _)| *bind == Bind::All);
    let index = all.or_else(|| (!found.is_empty()).then_some(0))?;
    Some(found.swap_remove(index))
}

fn on_urls(function: &Expression) -> bool {
    let Kind::Member(object, _) = &function.kind else { return false };
    matches!(&object.kind, Kind::Member(_, name) if name.value == "Urls")
}

/// `"http://0.0.0.0:80"`, `$"http://localhost:{port}"`, `IPAddress.Any`; nothing where it is no address.
fn address<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression) -> Option<Bind> {
    let (owner, value) = scan.program.value(at, value);
    if let Some(text) = scan.program.text(owner, value) {
        return text.contains("://").then(|| hosts(&text));
    }
    match &value.kind {
        Kind::Template(parts) => match parts.first() {
            Some(Part::Text(text)) if text.contains("://") => Some(hosts(text)),
            _ => Some(Bind::Unknown),
        },
        Kind::Binary(operator, left, right) if operator == "??" => {
            let usual = address(scan, owner, right)?;
            let _ = left;
            Some(match usual {
                Bind::All => Bind::ConfiguredAll,
                Bind::Loopback => Bind::ConfiguredLoopback,
                other => other,
            })
        }
        Kind::Binary(operator, left, _) if operator == "+" => address(scan, owner, left),
        Kind::Member(object, name) if object.name() == Some("IPAddress") => Some(match name.value.as_str() {
            "Any" | "IPv6Any" => Bind::All,
            "Loopback" | "IPv6Loopback" => Bind::Loopback,
            _ => Bind::Unknown,
        }),
        _ => None,
    }
}

/// `http://localhost:5000;http://+:80`: the widest.
fn hosts(urls: &str) -> Bind {
    let mut widest = None;
    for url in urls.split(';') {
        let Some((_, rest)) = url.split_once("://") else { continue };
        let host = match rest.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => rest.split([':', '/']).next().unwrap_or_default(),
        };
        let bind = match host {
            "localhost" | "::1" => Bind::Loopback,
            "0.0.0.0" | "::" | "+" | "*" => Bind::All,
            host if host.starts_with("127.") => Bind::Loopback,
            "" => Bind::Unknown,
            host => Bind::Address(host.to_owned()),
        };
        if widest.is_none() || bind == Bind::All {
            widest = Some(bind);
        }
    }
    widest.unwrap_or(Bind::Unknown)
}
