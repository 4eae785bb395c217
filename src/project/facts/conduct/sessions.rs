//! Sessions of network transports: where they are kept, whether they end, and whether they have an owner.

use super::{
    super::last,
    Conduct, Protection,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Expression, Kind, Span},
    },
};

/// What is wrong with how sessions are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keeping {
    /// They are put into a collection, and nothing takes them out.
    Forever,
    /// The SDK keeps idle ones for ever unless it is told otherwise.
    IdleForever,
    /// Whoever knows the id goes on with one, whoever that is.
    Unowned,
    /// Every client shares one server object, and a new one takes its answers.
    SharedServer,
    /// Every request shares one transport.
    SharedTransport,
}

/// A place where sessions are kept.
#[derive(Clone, Debug)]
pub struct Session {
    /// What is wrong.
    pub keeping: Keeping,
    /// Where.
    pub place: Place,
    /// The collection or object.
    pub written: String,
}

const TRANSPORTS: &[&str] = &[
    "StreamableHTTPServerTransport",
    "NodeStreamableHTTPServerTransport",
    "WebStandardStreamableHTTPServerTransport",
    "StreamableHTTPTransport",
    "SSEServerTransport",
];

/// Words of code that knows whose a session is.
const OWNERS: &[&str] = &[
    "req.auth",
    "request.auth",
    "authinfo",
    ".sub",
    "userid",
    "user_id",
    "clientid",
    "client_id",
    "owner",
    "subject",
    "principal",
];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    for known in &survey.calls {
        match survey.language(known) {
            Language::TypeScript => {
                if known.word == "set" && known.site.call.arguments.len() == 2 {
                    kept(
                        survey,
                        known.site.at,
                        &known.site.call.function,
                        &known.site.call.arguments[1].value,
                        known.site.span,
                        conduct,
                    );
                }
                shared_server(survey, known, conduct);
                shared_transport(survey, known, conduct);
            }
            Language::Go => idle(survey, known, conduct),
            _ => {}
        }
    }
    for &file in &survey.files {
        let unit = &survey.program.units()[file];
        if !matches!(unit.language, Language::TypeScript | Language::Python) {
            continue;
        }
        unit.expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Kind::Assign(target, value) = &expression.kind
                && let Kind::Index(map, _) = &target.kind
            {
                kept(survey, at, map, value, expression.span, conduct);
            }
        });
    }
    conduct.sessions.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
}

/// Whether an expression is a transport of the SDK, and where it is made.
fn transport<'a>(survey: &Survey<'_, 'a>, at: At, value: &'a Expression) -> Option<(At, &'a Expression)> {
    survey.program.origins(at, value).into_iter().find(|(owner, origin)| {
        let symbol = origin.call().and_then(|call| survey.program.symbol(*owner, &call.function)).unwrap_or_default();
        TRANSPORTS.contains(&last(&symbol)) && !symbol.starts_with("@/")
    })
}

/// `transports[id] = transport`, `transports.set(id, transport)`
fn kept<'a>(
    survey: &Survey<'_, 'a>,
    at: At,
    map: &'a Expression,
    value: &'a Expression,
    span: Span,
    conduct: &mut Conduct,
) {
    let map = match &map.kind {
        Kind::Member(object, name) if name.value == "set" => object,
        _ => map,
    };
    let by_record = || {
        let fields = value.record()?.entries.iter();
        fields
            .filter_map(|entry| match entry {
                crate::project::syntax::Entry::Field(_, value) => Some(value),
                _ => None,
            })
            .find_map(|value| transport(survey, at, value))
    };
    if transport(survey, at, value).or_else(by_record).is_none() {
        return;
    }
    let written = survey.written(at.file, map.span);
    let name = last(&written).to_owned();
    let text = survey.program.units()[at.file].text;
    let taken = [
        format!("delete {written}"),
        format!("{name}.delete("),
        format!("{name}.pop("),
        format!("del {written}["),
        format!("{name}.clear("),
    ];
    let place = survey.place(at, span);
    if !taken.iter().any(|words| text.contains(words.as_str())) && !grows_stale(text) {
        conduct.sessions.push(Session { keeping: Keeping::Forever, place: place.clone(), written: written.clone() });
    }
    let lower = text.to_lowercase();
    let knows = OWNERS.iter().any(|word| lower.contains(word));
    let guarded =
        survey.facts.endpoints.iter().any(|endpoint| {
            matches!(endpoint.authentication, Protection::Present(_)) && endpoint.route.path == place.path
        });
    if guarded && !knows && lower.contains("mcp-session-id") {
        conduct.sessions.push(Session { keeping: Keeping::Unowned, place, written });
    }
}

/// The collection forgets by itself.
fn grows_stale(text: &str) -> bool {
    ["LRU", "TTL", "ttl:", "WeakMap", "node-cache", "maxAge"].iter().any(|word| text.contains(word))
}

/// The official Go SDK closes idle sessions only where it is told after how long.
fn idle<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>, conduct: &mut Conduct) {
    let official = known.symbol.starts_with("github.com/modelcontextprotocol/go-sdk");
    if !official || known.word != "NewStreamableHTTPHandler" {
        return;
    }
    let Some(options) = known.site.call.positional(1) else { return };
    let origins = survey.program.origins(known.site.at, options);
    let says = |record: &crate::project::syntax::Record| {
        ["SessionTimeout", "Stateless"].iter().any(|key| record.get(key).is_some())
    };
    let silent = origins.iter().all(|(_, origin)| match &origin.kind {
        Kind::Null => true,
        Kind::Record(record) => !says(record),
        _ => false,
    });
    let later = survey.program.units()[known.site.at.file].text.contains(".SessionTimeout");
    if silent && !later {
        let written = survey.written(known.site.at.file, known.site.call.function.span);
        conduct.sessions.push(Session { keeping: Keeping::IdleForever, place: survey.site(known), written });
    }
}

/// Whether a function runs once per request: it takes one, or stands inside one that does.
fn per_request(survey: &Survey<'_, '_>, at: At) -> Option<At> {
    let mut at = at;
    loop {
        let function = survey.program.function_at(at);
        let takes = function.parameters.iter().any(|parameter| match &parameter.pattern {
            crate::project::syntax::Pattern::Name(name, _) => {
                matches!(name.as_str(), "req" | "request" | "c" | "ctx" | "_req" | "res" | "response" | "reply")
            }
            _ => false,
        });
        if takes && at.function != 0 {
            return Some(at);
        }
        at.function = function.parent?;
    }
}

/// `server.connect(transport)` in a handler, where the transport is made there and the server is not.
fn shared_server<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>, conduct: &mut Conduct) {
    let Kind::Member(object, name) = &known.site.call.function.kind else { return };
    let at = known.site.at;
    if name.value != "connect" {
        return;
    }
    let Some(handler) = per_request(survey, at) else { return };
    let span = survey.program.function_at(handler).span;
    let inside = |(owner, origin): &(At, &Expression)| owner.file == handler.file && span.contains(origin.span);
    let Some(made) = known.site.call.positional(0).and_then(|value| transport(survey, at, value)) else { return };
    // Followed by name alone: a function that makes a server makes one for each call.
    let (owner, server) = survey.program.origin(at, object);
    let symbol = server.call().and_then(|call| survey.program.symbol(owner, &call.function)).unwrap_or_default();
    let is_server = matches!(last(&symbol), "McpServer" | "Server") && symbol.starts_with("@modelcontextprotocol/");
    let alone = owner.function == 0 || survey.program.function_at(owner).span.contains(span) && owner != handler;
    if is_server && alone && inside(&made) && !inside(&(owner, server)) {
        let written = survey.written(at.file, object.span);
        conduct.sessions.push(Session { keeping: Keeping::SharedServer, place: survey.site(known), written });
    }
}

/// `transport.handleRequest(..)` in a handler, where the transport is stateless and made once.
fn shared_transport<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>, conduct: &mut Conduct) {
    let Kind::Member(object, name) = &known.site.call.function.kind else { return };
    if name.value != "handleRequest" {
        return;
    }
    let Some(handler) = per_request(survey, known.site.at) else { return };
    let (owner, made) = survey.program.origin(known.site.at, object);
    let Some(call) = made.call() else { return };
    let symbol = survey.program.symbol(owner, &call.function).unwrap_or_default();
    let is_transport = TRANSPORTS.contains(&last(&symbol)) && symbol.starts_with("@modelcontextprotocol/");
    let outside = owner.file != handler.file || !survey.program.function_at(handler).span.contains(made.span);
    let stateless = match call.positional(0).map(|options| survey.record(owner, options)) {
        None => true,
        Some(Some((_, record))) => {
            record.get("sessionIdGenerator").is_some_and(|value| matches!(value.kind, Kind::Null))
                && !super::survey::has_spread(record)
        }
        Some(None) => false,
    };
    if is_transport && outside && stateless && owner.function == 0 {
        let written = survey.written(known.site.at.file, object.span);
        let place = survey.program.place(owner.file, made.span);
        if !conduct.sessions.iter().any(|known| known.place == place) {
            conduct.sessions.push(Session { keeping: Keeping::SharedTransport, place, written });
        }
    }
}
