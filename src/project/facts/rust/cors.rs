//! Cross-origin permissions: `tower-http`'s layer, actix, headers set by hand.

use std::collections::BTreeSet;

use super::{calls, files, last, path, word};
use crate::project::{
    facts::{Cors, Facts, strength::conditions},
    program::{At, Program, Site},
    syntax::{Call, Expression, Kind},
};

/// Only what stands near a network endpoint of an MCP server.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let endpoints = facts.endpoints.iter().map(|endpoint| endpoint.place.path.clone());
    let endpoints: BTreeSet<String> = endpoints.collect();
    let served = files(program, false).into_iter().filter(|&file| endpoints.contains(program.units()[file].path));
    let near: BTreeSet<usize> = served.flat_map(|file| program.closure(file)).collect();
    let sites: Vec<Site<'_>> = calls(program).into_iter().filter(|site| near.contains(&site.at.file)).collect();
    for site in &sites {
        let Some((any_origin, credentials)) = allowed(program, *site, &sites) else { continue };
        if chosen(program, *site) {
            continue;
        }
        let place = program.place(site.at.file, site.span);
        let metadata_only = metadata(program, *site, &sites);
        facts.cors.push(Cors { place, any_origin, credentials, metadata_only });
    }
    for &file in &near {
        by_hand(program, file, facts);
    }
}

/// Reached only where the configuration asks for it in so many words.
fn chosen(program: &Program<'_>, site: Site<'_>) -> bool {
    conditions(&program.function_at(site.at).body, site.span).into_iter().any(|(condition, _)| {
        let text = program.source(site.at.file, condition).to_lowercase();
        ["cors", "origin", "allow_any"].iter().any(|word| text.contains(word))
    })
}

/// Whether any origin, and credentials, are allowed by a call that decides about origins.
fn allowed<'a>(program: &Program<'a>, site: Site<'a>, all: &[Site<'a>]) -> Option<(bool, bool)> {
    let function = path(program, site.at, &site.call.function);
    let layer = function.contains("CorsLayer") || function.starts_with("actix_cors.Cors");
    if !layer {
        return None;
    }
    match word(site.call) {
        "permissive" | "allow_any_origin" => Some((true, false)),
        "very_permissive" => Some((true, true)),
        "allow_origin" => {
            let given = site.call.positional(0)?;
            let any = any_origin(program, site.at, given);
            // The rest of the chain stands around this call.
            let credentials = all.iter().any(|other| {
                other.at == site.at
                    && other.span.contains(site.span)
                    && word(other.call) == "allow_credentials"
                    && matches!(other.call.positional(0).map(|value| &value.kind), Some(Kind::Boolean(true)))
            });
            Some((any, credentials))
        }
        _ => None,
    }
}

fn any_origin<'a>(program: &Program<'a>, at: At, given: &'a Expression) -> bool {
    let (at, origin) = program.origin(at, given);
    let symbol = match &origin.kind {
        Kind::Call(call) => path(program, at, &call.function),
        _ => path(program, at, origin),
    };
    if matches!(last(&symbol), "Any" | "any" | "mirror_request") {
        return true;
    }
    let mut star = false;
    origin.walk(&mut |part| star |= part.text() == Some("*"));
    star
}

/// The layer is put on routes that are all metadata documents.
fn metadata<'a>(program: &Program<'a>, site: Site<'a>, all: &[Site<'a>]) -> bool {
    let mounts = all.iter().filter(|other| {
        other.at == site.at
            && matches!(word(other.call), "layer" | "route_layer")
            && other.call.positional(0).is_some_and(|layer| {
                layer.span.contains(site.span) || program.origin(other.at, layer).1.span.contains(site.span)
            })
    });
    let mut routes = Vec::new();
    for mount in mounts {
        routes.extend(routed(mount.call));
    }
    let metadata = |route: &Option<&Expression>| {
        let text = route.map_or("", |route| program.source(site.at.file, route.span)).to_lowercase();
        ["/.well-known/", "well_known", "metadata"].iter().any(|word| text.contains(word))
    };
    !routes.is_empty() && routes.iter().all(metadata)
}

/// The paths of `.route("..", ..)` before a call in its chain.
fn routed(call: &Call) -> Vec<Option<&Expression>> {
    let mut routes = Vec::new();
    let mut next = Some(call);
    while let Some(call) = next {
        if matches!(word(call), "route" | "nest" | "nest_service" | "route_service" | "merge" | "fallback_service") {
            routes.push(call.positional(0));
        }
        next = match &call.function.kind {
            Kind::Member(object, _) => object.call(),
            _ => None,
        };
    }
    routes
}

/// `(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")` and `.header("Access-Control-Allow-Origin", "*")`.
fn by_hand(program: &Program<'_>, file: usize, facts: &mut Facts) {
    let module = program.units()[file].module;
    program.units()[file].expressions(&mut |function, expression| {
        if module.functions[function].is_test {
            return;
        }
        let values: Vec<&Expression> = match &expression.kind {
            Kind::List(items) => items.iter().collect(),
            Kind::Call(call) => call.arguments.iter().map(|argument| &argument.value).collect(),
            _ => return,
        };
        let pair = values.windows(2).any(|pair| is_header(pair[0]) && is_star(pair[1]));
        if pair {
            let place = program.place(file, expression.span);
            facts.cors.push(Cors { place, any_origin: true, credentials: false, metadata_only: false });
        }
    });
}

fn is_header(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Text(text) => text.eq_ignore_ascii_case("access-control-allow-origin"),
        Kind::Member(_, name) => name.value == "ACCESS_CONTROL_ALLOW_ORIGIN",
        Kind::Name(name) => name == "ACCESS_CONTROL_ALLOW_ORIGIN",
        _ => false,
    }
}

fn is_star(expression: &Expression) -> bool {
    let mut star = false;
    expression.walk(&mut |part| star |= part.text() == Some("*"));
    star
}
