//! What stands before a server of C#: authorization of routes, middleware of one's own, host filtering, limiters, CORS.

use std::collections::BTreeSet;

use super::{
    super::{Cors, Facts, Protection, builds::Build},
    Scan, attribute,
};
use crate::{
    finding::Place,
    project::{
        program::{At, Site},
        syntax::{Expression, Kind, Statement},
    },
};

fn within<'s, 'a>(scan: &'s Scan<'_, 'a>, files: &'s BTreeSet<usize>) -> impl Iterator<Item = &'s Site<'a>> {
    scan.calls.iter().filter(|site| files.contains(&site.at.file))
}

fn called(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, names: &[&str]) -> Option<Place> {
    let mut found = within(scan, files).filter(|site| names.contains(&site.call.written()));
    found.next().map(|site| scan.place(site.at, site.call.function.span))
}

pub(super) fn authentication(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> Protection {
    if let Some(place) = called(scan, files, &["RequireAuthorization", "SetFallbackPolicy"]) {
        return Protection::Present(place);
    }
    if let Some(place) = filter(scan, files, &|body| body.credential && body.refuses) {
        return Protection::Present(place);
    }
    if assigned(scan, files, "FallbackPolicy") {
        return Protection::Unknown("a policy for all routes is set".to_owned());
    }
    let names = ["AddAuthentication", "AddMicrosoftIdentityWebApi", "AddAuthorizationFilters", "UseAuthentication"];
    if called(scan, files, &names).is_some() || marked(scan, files, "Authorize") {
        return Protection::Unknown("authentication is configured".to_owned());
    }
    let mut middleware = within(scan, files).filter(|site| site.call.written().starts_with("Use"));
    let asks = |site: &&Site<'_>| {
        let named = site.call.types.iter().map(|of| of.name.as_str()).chain([site.call.written()]);
        named.into_iter().any(|name| {
            let name = name.to_ascii_lowercase();
            ["auth", "apikey", "token"].iter().any(|word| name.contains(word))
        })
    };
    match middleware.find(asks) {
        Some(_) => Protection::Unknown("a middleware asks who calls".to_owned()),
        None => Protection::Absent,
    }
}

fn assigned(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, name: &str) -> bool {
    files.iter().any(|&file| scan.program.units()[file].text.contains(name))
}

fn marked(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, name: &str) -> bool {
    files.iter().any(|&file| {
        let module = scan.program.units()[file].module;
        let functions = module.functions.iter().flat_map(|function| &function.attributes);
        module.classes.iter().flat_map(|class| &class.attributes).chain(functions).any(|one| attribute(one) == name)
    })
}

/// What a function reads and answers.
#[derive(Default)]
struct Body {
    credential: bool,
    origin: bool,
    refuses: bool,
}

/// A function that satisfies a judgement, closures included.
fn filter(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, judge: &dyn Fn(&Body) -> bool) -> Option<Place> {
    for &file in files {
        let functions = scan.program.units()[file].module.functions.iter().enumerate().skip(1);
        for (function, definition) in functions {
            let mut body = Body::default();
            read(scan, At { file, function }, &mut body);
            if judge(&body) {
                return Some(scan.program.place(file, definition.name_span));
            }
        }
    }
    None
}

fn read(scan: &Scan<'_, '_>, at: At, body: &mut Body) {
    scan.program.function_at(at).expressions(&mut |expression| match &expression.kind {
        Kind::Index(object, index) if last(object) == "Headers" => {
            note(scan.program.text(at, index).unwrap_or_default(), body);
        }
        Kind::Call(call) if matches!(call.written(), "TryGetValue" | "ContainsKey" | "GetValueOrDefault") => {
            let name = call.positional(0).and_then(|name| scan.program.text(at, name));
            note(name.unwrap_or_default(), body);
        }
        Kind::Call(call) => {
            body.refuses |= matches!(call.written(), "Unauthorized" | "Forbid" | "Challenge" | "ChallengeAsync");
            body.credential |= call.written() == "FixedTimeEquals";
        }
        Kind::Member(object, name) => match name.value.as_str() {
            "Authorization" if last(object) == "Headers" => body.credential = true,
            "Origin" if last(object) == "Headers" => body.origin = true,
            "Host" if last(object) == "Request" => body.origin = true,
            "Status401Unauthorized" | "Status403Forbidden" | "Status421MisdirectedRequest" => body.refuses = true,
            _ => {}
        },
        Kind::Assign(target, value) if last(target) == "StatusCode" => {
            body.refuses |= matches!(&value.kind, Kind::Number(code) if matches!(code.as_str(), "401" | "403" | "421"));
        }
        _ => {}
    });
}

fn note(header: String, body: &mut Body) {
    let name = header.to_ascii_lowercase();
    let key = name.starts_with("x-") && ["key", "token", "auth"].iter().any(|word| name.contains(word));
    body.credential |= name == "authorization" || name == "api-key" || key;
    body.origin |= name == "origin" || name == "host";
}

fn last(expression: &Expression) -> &str {
    match &expression.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => "",
    }
}

/// `AllowedHosts` of the settings, the host filter, or a middleware that compares Host or Origin.
pub(super) fn host_check(scan: &Scan<'_, '_>, build: Option<&Build>, files: &BTreeSet<usize>) -> Protection {
    let allowed = build.and_then(|build| build.setting("allowedhosts"));
    if let Some(setting) = allowed.filter(|setting| !setting.value.contains('*') && !setting.value.is_empty()) {
        return Protection::Present(setting.place.clone());
    }
    let names = ["AddHostFiltering", "UseHostFiltering", "RequireHost"];
    let found = called(scan, files, &names).or_else(|| filter(scan, files, &|body| body.origin && body.refuses));
    found.map_or(Protection::Absent, Protection::Present)
}

pub(super) fn rate_limit(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> Protection {
    for site in within(scan, files) {
        let name = site.call.written().to_ascii_lowercase();
        if name.contains("ratelimit") {
            return Protection::Present(scan.place(site.at, site.call.function.span));
        }
    }
    Protection::Absent
}

/// `AllowAnyOrigin()`, `WithOrigins("*")`, `SetIsOriginAllowed(_ => true)`
pub(super) fn cors(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for site in &scan.calls {
        let first = site.call.positional(0);
        let any_origin = match site.call.written() {
            "AllowAnyOrigin" => true,
            "WithOrigins" => first.is_some_and(|value| scan.program.text(site.at, value).as_deref() == Some("*")),
            "SetIsOriginAllowed" => first.is_some_and(|value| always(scan, site.at, value)),
            _ => continue,
        };
        let mut credentials = false;
        scan.program.function_at(site.at).expressions(&mut |expression| {
            credentials |= expression.call().is_some_and(|call| call.written() == "AllowCredentials");
        });
        let place = match &site.call.function.kind {
            Kind::Member(_, name) => scan.place(site.at, name.span),
            _ => scan.place(site.at, site.span),
        };
        facts.cors.push(Cors { place, any_origin, credentials, metadata_only: false });
    }
}

/// `_ => true`
fn always(scan: &Scan<'_, '_>, at: At, value: &Expression) -> bool {
    let Kind::Function(function) = &value.kind else { return false };
    let body = &scan.program.function_at(At { file: at.file, function: *function }).body;
    matches!(body.as_slice(), [Statement::Return(Some(Expression { kind: Kind::Boolean(true), .. }), _)])
}
