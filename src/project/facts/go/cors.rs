//! Cross-origin permissions.

use super::{
    super::{Cors, Facts},
    Known, MCP_GO, Scan, written,
};
use crate::project::{
    program::At,
    syntax::{Expression, Kind},
};

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    facts.cors.extend(scan.calls.iter().filter_map(|known| cors(scan, known)));
}

fn cors<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<Cors> {
    let at = known.site.at;
    let call = known.site.call;
    let place = scan.program.place(at.file, known.site.span);
    let found = |any_origin, credentials| Cors { place, any_origin, credentials, metadata_only: is_metadata(scan, at) };
    let package =
        ["github.com/rs/cors", "github.com/gin-contrib/cors", "github.com/go-chi/cors", "github.com/gorilla/handlers"];
    let library =
        package.iter().any(|package| known.symbol.starts_with(package)) || known.symbol.contains("/middleware/cors");
    match written(call) {
        "Set" | "Add" | "Header" => {
            let name = call.positional(0).and_then(|name| scan.program.text(at, name))?;
            if !name.eq_ignore_ascii_case("access-control-allow-origin") {
                return None;
            }
            let value = call.positional(1)?;
            let any = scan.program.text(at, value).is_some_and(|text| text == "*") || echoes(scan, at, value);
            Some(found(any, sets_credentials(scan, at)))
        }
        "AllowAll" | "Default" if library => Some(found(true, false)),
        "AllowedOrigins" if library => {
            Some(found(call.positional(0).is_some_and(|list| has_star(scan, at, list)), false))
        }
        "WithCORSAllowedOrigins" if known.symbol.starts_with(MCP_GO) => {
            let any = call.arguments.iter().any(|a| scan.program.text(at, &a.value).as_deref() == Some("*"));
            Some(found(any, false))
        }
        "New" | "Handler" if library => {
            let (owner, value) = scan.program.value(at, call.positional(0)?);
            let record = value.record()?;
            let yes = |key: &str| record.get(key).is_some_and(|value| matches!(value.kind, Kind::Boolean(true)));
            let origins = record.get("AllowedOrigins").or(record.get("AllowOrigins"));
            let any = yes("AllowAllOrigins") || origins.is_some_and(|list| has_star(scan, owner, list));
            Some(found(any, yes("AllowCredentials")))
        }
        _ => None,
    }
}

/// Whether a file answers for `/.well-known/` documents, and makes no transport.
fn is_metadata(scan: &Scan<'_, '_>, at: At) -> bool {
    let mut documents = false;
    scan.program.units()[at.file].expressions(&mut |_, expression| {
        documents |= expression.text().is_some_and(|text| text.contains("/.well-known/"));
    });
    let transport = |known: &Known<'_>| {
        let name = known.symbol.rsplit('.').next().unwrap_or_default();
        known.site.at.file == at.file && name.starts_with("New") && name.contains("HTTP")
    };
    documents && !scan.calls.iter().any(transport)
}

fn has_star<'a>(scan: &Scan<'_, 'a>, at: At, list: &'a Expression) -> bool {
    scan.program.origins(at, list).into_iter().any(|(owner, value)| match &value.kind {
        Kind::List(items) => items.iter().any(|item| scan.program.text(owner, item).as_deref() == Some("*")),
        Kind::Text(text) => text == "*",
        _ => false,
    })
}

/// `r.Header.Get("Origin")` handed back where the function looks at nothing.
fn echoes<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression) -> bool {
    let is_origin = scan.program.origins(at, value).into_iter().any(|(_, value)| {
        value.call().is_some_and(|call| {
            written(call) == "Get"
                && call.positional(0).and_then(Expression::text).is_some_and(|name| name.eq_ignore_ascii_case("origin"))
        })
    });
    let mut looks = false;
    scan.program.function_at(at).expressions(&mut |expression| {
        looks |= match &expression.kind {
            Kind::Call(call) => {
                let name = written(call).to_ascii_lowercase();
                name.contains("allow")
                    || name.contains("contains")
                    || name.contains("match")
                    || name.contains("hasprefix")
            }
            Kind::Index(..) => true,
            _ => false,
        };
    });
    is_origin && !looks
}

fn sets_credentials(scan: &Scan<'_, '_>, at: At) -> bool {
    let mut found = false;
    scan.program.function_at(at).expressions(&mut |expression| {
        found |= expression.text().is_some_and(|text| text.eq_ignore_ascii_case("access-control-allow-credentials"));
    });
    found
}
