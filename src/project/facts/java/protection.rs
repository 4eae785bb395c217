//! What stands before a server of Java: Spring Security, Quarkus' policies, filters of one's own, limiters, CORS.
//!
//! Filters and beans take effect by being there. What is found anywhere in a build counts, so that what is reported as
//! absent is absent.

use std::collections::BTreeSet;

use super::{
    super::{Bind, Cors, Facts, Protection, builds::Build},
    Known, Scan, annotation,
    endpoints::present,
};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Kind},
    },
};

/// Libraries whose presence means that something asks who calls.
const SECURITY: &[&str] = &[
    "spring-boot-starter-security",
    "spring-boot-starter-oauth2-resource-server",
    "spring-boot-starter-oauth2-authorization-server",
    "spring-security-",
    "mcp-server-security",
    "quarkus-oidc",
    "quarkus-security",
    "quarkus-smallrye-jwt",
    "quarkus-elytron-security",
    "shiro",
    "sa-token",
    "keycloak",
    "pac4j",
];

/// Methods that let callers in who prove who they are.
const ASKS: &[&str] = &["authenticated", "hasRole", "hasAnyRole", "hasAuthority", "hasAnyAuthority", "hasScope"];

/// Annotations that do.
const GUARDS: &[&str] = &["Authenticated", "RolesAllowed", "PermissionsAllowed", "PreAuthorize", "Secured"];

/// Libraries that limit calls.
const LIMITERS: &[&str] = &["bucket4j", "resilience4j-ratelimiter", "resilience4j-spring", "ratelimiter", "rate-limit"];

pub(super) fn authentication(scan: &Scan<'_, '_>, build: Option<&Build>, files: &BTreeSet<usize>) -> Protection {
    let mut open = None;
    for known in within(scan, files) {
        let place = || scan.place(known.site.at, known.site.span);
        match known.site.call.written() {
            written if ASKS.contains(&written) => return Protection::Present(place()),
            "permitAll" => open = Some(place()),
            _ => {}
        }
    }
    if let Some(place) = guarded(scan, files).or_else(|| filter(scan, files, &asks_credential)) {
        return Protection::Present(place);
    }
    let Some(build) = build else { return Protection::Absent };
    let policy = build.settings.iter().find(|setting| {
        let key = setting.key.strip_prefix("quarkus.http.auth.permission.");
        key.is_some_and(|key| key.ends_with(".policy")) && !matches!(setting.value.as_str(), "permit" | "")
    });
    if let Some(setting) = policy {
        return Protection::Present(setting.place.clone());
    }
    match (build.needs(SECURITY), open) {
        (Some(_), Some(place)) if !speaks(scan, files, "SecurityFilterChain") => Protection::Disabled(place),
        // Spring Security protects everything as soon as it is there.
        (Some(_), None) if build.needs(&["spring-boot-starter-security"]).is_some() && !configures(scan, files) => {
            present(build.needs(SECURITY).cloned())
        }
        (Some(_), _) => Protection::Unknown("a library for security is there".to_owned()),
        (None, _) if speaks(scan, files, "SecurityFilterChain") || speaks(scan, files, "SecurityWebFilterChain") => {
            Protection::Unknown("security is configured".to_owned())
        }
        (None, _) => Protection::Absent,
    }
}

fn configures(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> bool {
    ["SecurityFilterChain", "SecurityWebFilterChain", "HttpSecurity"].iter().any(|word| speaks(scan, files, word))
}

fn speaks(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, word: &str) -> bool {
    files.iter().any(|&file| scan.program.units()[file].text.contains(word))
}

fn within<'s, 'a>(scan: &'s Scan<'_, 'a>, files: &'s BTreeSet<usize>) -> impl Iterator<Item = &'s Known<'a>> {
    scan.calls.iter().filter(|known| files.contains(&known.site.at.file))
}

/// A class or method with an annotation that asks.
fn guarded(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> Option<Place> {
    for &file in files {
        let module = scan.program.units()[file].module;
        let functions = module.functions.iter().flat_map(|function| &function.attributes);
        let mut all = module.classes.iter().flat_map(|class| &class.attributes).chain(functions);
        if let Some(found) = all.find(|attribute| GUARDS.contains(&annotation(attribute))) {
            return Some(scan.program.place(file, found.span));
        }
    }
    None
}

/// What a function reads and answers.
#[derive(Default)]
struct Body {
    credential: bool,
    origin: bool,
    refuses: bool,
}

fn asks_credential(body: &Body) -> bool {
    body.credential && body.refuses
}

/// A function of a filter, interceptor or handler that satisfies a judgement.
fn filter(scan: &Scan<'_, '_>, files: &BTreeSet<usize>, judge: &dyn Fn(&Body) -> bool) -> Option<Place> {
    for &file in files {
        let module = scan.program.units()[file].module;
        for (class, definition) in module.classes.iter().enumerate() {
            let mut body = Body::default();
            for (function, _) in module.functions.iter().enumerate().filter(|(_, one)| one.class == Some(class)) {
                read(scan, At { file, function }, &mut body);
            }
            if judge(&body) {
                return Some(scan.program.place(file, definition.span));
            }
        }
    }
    None
}

fn read(scan: &Scan<'_, '_>, at: At, body: &mut Body) {
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        scan.program.function_at(at).expressions(&mut |expression| match &expression.kind {
            Kind::Function(function) => open.push(At { file: at.file, function: *function }),
            Kind::Call(call) => {
                let named = call.arguments.iter().filter_map(|argument| header(scan, at, &argument.value));
                let asks = matches!(
                    call.written(),
                    "getHeader" | "getFirst" | "header" | "get" | "getHeaders" | "firstHeader"
                );
                for name in named.filter(|_| asks) {
                    let key = name.starts_with("x-") && ["key", "token", "auth"].iter().any(|word| name.contains(word));
                    body.credential |= name == "authorization" || name == "api-key" || key;
                    body.origin |= name == "origin" || name == "host";
                }
                let refuses = matches!(
                    call.written(),
                    "sendError"
                        | "setStatus"
                        | "status"
                        | "setStatusCode"
                        | "setRawStatusCode"
                        | "error"
                        | "fail"
                        | "abortWith"
                );
                let denied = |argument: &crate::project::syntax::Argument| {
                    let source = scan.program.source(at.file, argument.value.span);
                    ["401", "403", "UNAUTHORIZED", "FORBIDDEN", "MISDIRECTED"].iter().any(|code| source.contains(code))
                };
                body.refuses |= refuses && call.arguments.iter().any(denied);
            }
            Kind::Name(name) | Kind::Member(_, crate::project::syntax::Text { value: name, .. }) => {
                body.refuses |=
                    matches!(name.as_str(), "UNAUTHORIZED" | "SC_UNAUTHORIZED" | "FORBIDDEN" | "SC_FORBIDDEN");
            }
            _ => {}
        });
    }
}

/// `"Authorization"`, `HttpHeaders.AUTHORIZATION`
fn header<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression) -> Option<String> {
    if let Some(text) = scan.program.text(at, value) {
        return Some(text.to_ascii_lowercase());
    }
    match &value.kind {
        Kind::Member(_, name) => Some(name.value.to_ascii_lowercase().replace('_', "-")),
        _ => None,
    }
}

/// A validator of the SDK, or a filter that compares Host or Origin.
pub(super) fn host_check(scan: &Scan<'_, '_>, files: &BTreeSet<usize>) -> Protection {
    let validator = within(scan, files).find(|known| {
        known.site.call.written() == "securityValidator" || known.symbol.contains("ServerTransportSecurityValidator")
    });
    if let Some(known) = validator {
        let place = scan.place(known.site.at, known.site.span);
        let given = known.site.call.positional(0).map(|value| scan.program.source(known.site.at.file, value.span));
        return match given {
            Some(source) if source.ends_with("NOOP") => Protection::Disabled(place),
            _ => Protection::Present(place),
        };
    }
    present(filter(scan, files, &|body| body.origin && body.refuses))
}

/// Quarkus checks the origin as long as it listens on this machine only.
pub(super) fn host_check_of_quarkus(scan: &Scan<'_, '_>, build: &Build, bind: &Bind) -> Protection {
    let switch = build.setting("quarkus.mcp.server.http.dnsrebindingcheck.enabled");
    if let Some(setting) = switch.filter(|setting| setting.is_off() && setting.usual) {
        return Protection::Disabled(setting.place.clone());
    }
    match bind {
        Bind::Loopback | Bind::ConfiguredLoopback => Protection::Unknown("it depends on the version".to_owned()),
        Bind::Unknown => Protection::Unknown("it depends on the address".to_owned()),
        _ => host_check(scan, &build.files),
    }
}

pub(super) fn rate_limit(scan: &Scan<'_, '_>, build: Option<&Build>, files: &BTreeSet<usize>) -> Protection {
    if let Some(place) = build.and_then(|build| build.needs(LIMITERS)) {
        return Protection::Present(place.clone());
    }
    for known in within(scan, files) {
        let name = known.symbol.to_ascii_lowercase();
        if name.contains("ratelimit") || name.contains("bucket4j") {
            return Protection::Present(scan.place(known.site.at, known.site.span));
        }
    }
    for &file in files {
        let unit = &scan.program.units()[file];
        let functions = unit.module.functions.iter().flat_map(|function| &function.attributes);
        let mut limited = functions.filter(|attribute| matches!(annotation(attribute), "RateLimit" | "RateLimiter"));
        if let Some(attribute) = limited.next() {
            return Protection::Present(scan.program.place(file, attribute.span));
        }
        if unit.module.classes.iter().any(|class| class.name.to_ascii_lowercase().contains("ratelimit")) {
            return Protection::Unknown("a limiter of one's own is there".to_owned());
        }
    }
    Protection::Absent
}

/// `@CrossOrigin`, `allowedOrigins("*")`, `setAllowedOriginPatterns(List.of("*"))`, `quarkus.http.cors.origins=*`
pub(super) fn cors(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for known in &scan.calls {
        let at = known.site.at;
        let written = known.site.call.written().to_ascii_lowercase();
        if !written.contains("allowedorigin") {
            continue;
        }
        let any = |value: &Expression| {
            let mut found = false;
            value.walk(&mut |part| found |= part.text() == Some("*"));
            found
        };
        let any_origin = known.site.call.arguments.iter().any(|argument| any(&argument.value));
        let mut credentials = false;
        scan.program.function_at(at).expressions(&mut |expression| {
            let Some(call) = expression.call() else { return };
            let allows = matches!(call.written(), "allowCredentials" | "setAllowCredentials");
            credentials |= allows && call.positional(0).is_some_and(|value| matches!(value.kind, Kind::Boolean(true)));
        });
        let place = scan.place(at, known.site.span);
        facts.cors.push(Cors { place, any_origin, credentials, metadata_only: false });
    }
    for build in scan.builds.iter() {
        let origins =
            build.settings.iter().filter(|setting| setting.key == "quarkus.http.cors.origins" && setting.usual);
        for setting in origins {
            let any_origin = matches!(setting.value.as_str(), "*" | "/.*/");
            facts.cors.push(Cors {
                place: setting.place.clone(),
                any_origin,
                credentials: false,
                metadata_only: false,
            });
        }
    }
}
