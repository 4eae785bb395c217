//! Bodies of requests that are read whole, whatever their size, and web servers that wait for them without end.

use super::{
    Conduct,
    strength::older,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Expression, Kind, Pattern, Span, Statement},
    },
};

/// Why a body has no limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unbounded {
    /// The program reads it piece by piece, or at once, and never counts.
    Read,
    /// The SDK, in the version that is installed, reads it whole.
    Sdk,
}

/// A body that is read whole.
#[derive(Clone, Debug)]
pub struct Body {
    /// The reading, or where the transport is made.
    pub place: Place,
    /// Why it has no limit.
    pub why: Unbounded,
}

/// Words of code that counts.
const COUNTS: &[&str] = &["413", "too large", "max", "limit", "content-length", "bytelength"];

const MCP_GO: &str = "github.com/mark3labs/mcp-go";

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let go_limited = survey.calls.iter().any(|known| {
        matches!(known.word, "MaxBytesHandler" | "MaxBytesReader" | "BodyLimit" | "BodyLimitMiddleware" | "RequestSize")
    });
    for known in &survey.calls {
        let counted = || counts(&survey.around(known.site.at));
        let why = match survey.language(known) {
            Language::TypeScript if collects(known) && !counted() => Unbounded::Read,
            Language::TypeScript if unparsed(survey, known) => Unbounded::Sdk,
            Language::Go if reads_request(survey, known) && !go_limited => Unbounded::Read,
            Language::Go if of_mcp_go(known) && !go_limited => Unbounded::Sdk,
            _ => continue,
        };
        conduct.bodies.push(Body { place: survey.site(known), why });
    }
    for &file in &survey.files {
        let unit = &survey.program.units()[file];
        for (function, definition) in unit.module.functions.iter().enumerate() {
            if unit.language == Language::TypeScript && !definition.is_test {
                let at = At { file, function };
                let mut spans = Vec::new();
                pieces(&definition.body, &mut spans);
                let spans = spans.into_iter().filter(|_| !counts(&survey.around(at)));
                conduct.bodies.extend(spans.map(|span| Body { place: survey.place(at, span), why: Unbounded::Read }));
            }
        }
    }
    python(survey, conduct);
    for known in &survey.calls {
        slow_server(survey, known, conduct);
    }
}

/// `transport.handleRequest(request, response)`: the SDK reads the body itself, in some versions whatever its size.
fn unparsed(survey: &Survey<'_, '_>, known: &Known<'_>) -> bool {
    let between = |package: &str, from: [u32; 3], to: [u32; 3]| {
        let version = survey.program.version(survey.program.units()[known.site.at.file].path, package);
        older(version, from) == Some(false) && older(version, to) == Some(true)
    };
    let of_sdk = match &known.site.call.function.kind {
        Kind::Member(object, _) if !known.symbol.starts_with("@/") => {
            survey.program.source(known.site.at.file, object.span).to_lowercase().contains("transport")
        }
        _ => false,
    };
    of_sdk
        && known.word == "handleRequest"
        && known.site.call.arguments.len() == 2
        && (between("@modelcontextprotocol/sdk", [1, 25, 0], [1, 31, 0])
            || between("@modelcontextprotocol/server", [2, 0, 0], [2, 1, 0]))
}

/// Python's SDK reads whole bodies before 1.29.1, and between 2.0 and 2.1.
fn python(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let unbounded = |place: &&Place| {
        let version = survey.program.version(&place.path, "mcp");
        let second = older(version, [2, 0, 0]) == Some(false) && older(version, [2, 1, 0]) == Some(true);
        second || older(version, [1, 29, 1]) == Some(true)
    };
    let python = |place: &Place| Language::of(&place.path) == Some(Language::Python);
    let mut routes = survey.facts.endpoints.iter().map(|endpoint| &endpoint.route).filter(|route| python(route));
    if let Some(route) = routes.find(unbounded) {
        conduct.bodies.push(Body { place: route.clone(), why: Unbounded::Sdk });
    }
}

fn counts(text: &str) -> bool {
    COUNTS.iter().any(|word| text.contains(word))
}

/// `request.on("data", (chunk) => ..)`
fn collects(known: &Known<'_>) -> bool {
    let Kind::Member(object, _) = &known.site.call.function.kind else { return false };
    known.word == "on" && is_request(object) && known.site.call.positional(0).and_then(Expression::text) == Some("data")
}

fn is_request(expression: &Expression) -> bool {
    matches!(expression.name(), Some("req" | "request" | "incomingMessage"))
}

/// `for await (const chunk of request)`
fn pieces(body: &[Statement], spans: &mut Vec<Span>) {
    Statement::each(body, &mut |statement| match statement {
        Statement::Loop { binding: Some((Pattern::Name(..), from)), .. } if is_request(from) => spans.push(from.span),
        _ => {}
    });
}

/// `io.ReadAll(r.Body)` of a request that came in.
fn reads_request<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    if !matches!(known.symbol.as_str(), "io.ReadAll" | "io/ioutil.ReadAll") {
        return false;
    }
    let Some(Kind::Member(object, name)) = known.site.call.positional(0).map(|body| &body.kind) else { return false };
    let parameter = survey.program.parameter_of(known.site.at, object);
    let typed = parameter.and_then(|(_, _, parameter)| parameter.annotation.as_ref());
    // What goes out has a body, too: only who also answers reads what came in.
    let answers = survey.around(known.site.at).contains("http.responsewriter");
    name.value == "Body" && answers && typed.is_some_and(|annotation| annotation.text.contains("http.Request"))
}

fn of_mcp_go(known: &Known<'_>) -> bool {
    known.symbol.starts_with(MCP_GO) && matches!(known.word, "NewStreamableHTTPServer" | "NewSSEServer")
}

/// `http.ListenAndServe(addr, h)`, and `http.Server{..}` without a limit on headers.
fn slow_server<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>, conduct: &mut Conduct) {
    if survey.language(known) != Language::Go {
        return;
    }
    let site = known.site;
    if matches!(known.symbol.as_str(), "net/http.ListenAndServe" | "net/http.ListenAndServeTLS" | "net/http.Serve") {
        conduct.slow_servers.push(survey.site(known));
    }
    if matches!(known.word, "ListenAndServe" | "ListenAndServeTLS" | "Serve")
        && let Kind::Member(server, _) = &site.call.function.kind
    {
        for (owner, origin) in survey.program.origins(site.at, server) {
            let Some(record) = origin.record() else { continue };
            let name = record.name.as_deref().and_then(|name| survey.program.symbol(owner, name));
            let limited = ["ReadHeaderTimeout", "ReadTimeout"].iter().any(|key| record.get(key).is_some());
            let text = survey.file_text(owner.file);
            let later = text.contains(".readheadertimeout =") || text.contains(".readtimeout =");
            if name.as_deref() == Some("net/http.Server") && !limited && !later {
                conduct.slow_servers.push(survey.place(owner, origin.span));
            }
        }
    }
    conduct.slow_servers.dedup();
}
