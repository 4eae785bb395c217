//! WebSockets that any web page may open, and routes that decide by a header which the body may contradict.

use super::{
    Conduct,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Expression, Kind, Span, Statement},
    },
};

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let asks = |file: usize| {
        // Whoever compares the origin does it near the socket: in the same file, or in one that it imports.
        survey.program.needs(file).into_iter().any(|file| survey.file_text(file).contains("origin"))
    };
    for known in &survey.calls {
        let open = match survey.language(known) {
            Language::TypeScript => server_of_ws(survey, known) && !asks(known.site.at.file),
            Language::Python => {
                matches!(
                    known.symbol.as_str(),
                    "websockets.serve" | "websockets.asyncio.server.serve" | "websockets.server.serve"
                ) && survey.option(known, "origins").is_none()
                    && !asks(known.site.at.file)
            }
            Language::Rust => {
                matches!(
                    known.symbol.as_str(),
                    "tokio_tungstenite.accept_async" | "tungstenite.accept" | "tungstenite.server.accept"
                ) && !asks(known.site.at.file)
            }
            Language::Go | Language::Java | Language::CSharp => false,
        };
        if open {
            conduct.open_sockets.push(survey.site(known));
        }
        desync(survey, known.site.at, header(known), known.site.span, conduct);
    }
    for &file in &survey.files {
        let unit = &survey.program.units()[file];
        unit.expressions(&mut |function, expression| {
            let at = At { file, function };
            match &expression.kind {
                Kind::Record(_) if unit.language == Language::Go => upgrader(survey, at, expression, conduct),
                Kind::Index(headers, key) => {
                    let headers = matches!(&headers.kind, Kind::Member(_, name) if name.value == "headers");
                    let name = key.text().filter(|_| headers);
                    desync(survey, at, name, expression.span, conduct);
                }
                _ => {}
            }
        });
    }
    conduct.desyncs.dedup();
}

/// `new WebSocketServer({ port })`; one that leaves the handshake to others is theirs to check.
fn server_of_ws<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    matches!(known.symbol.as_str(), "ws.WebSocketServer" | "ws.Server" | "ws.WebSocket.Server")
        && known.site.call.construction
        && survey.option(known, "verifyClient").is_none()
        && !survey.is_open(known, 0)
}

/// `websocket.Upgrader{CheckOrigin: func(r) bool { return true }}` and `websocket.AcceptOptions{InsecureSkipVerify: true}`
fn upgrader<'a>(survey: &Survey<'_, 'a>, at: At, expression: &'a Expression, conduct: &mut Conduct) {
    let Some(record) = expression.record() else { return };
    let Some(name) = record.name.as_deref().and_then(|name| survey.program.symbol(at, name)) else { return };
    if name.ends_with("websocket.Upgrader")
        && let Some(check) = record.get("CheckOrigin")
        && let Some(function) = survey.program.function(at, check)
        && agrees(&survey.program.function_at(function).body)
    {
        conduct.open_sockets.push(survey.place(at, check.span));
    }
    if name.ends_with("websocket.AcceptOptions")
        && let Some(off) = record.get("InsecureSkipVerify")
        && matches!(off.kind, Kind::Boolean(true))
    {
        conduct.open_sockets.push(survey.place(at, off.span));
    }
}

/// A body that only says yes.
fn agrees(body: &[Statement]) -> bool {
    matches!(body, [Statement::Return(Some(Expression { kind: Kind::Boolean(true), .. }), _)])
}

/// The header that a call reads.
fn header<'a>(known: &Known<'a>) -> Option<&'a str> {
    let reads = matches!(known.word, "get" | "Get" | "header" | "Header" | "GetHeader" | "getHeader");
    known.site.call.positional(0).filter(|_| reads).and_then(Expression::text)
}

/// A header that names the method or the tool, in code that never looks at the body.
fn desync(survey: &Survey<'_, '_>, at: At, name: Option<&str>, span: Span, conduct: &mut Conduct) {
    let Some(name) = name.map(str::to_ascii_lowercase) else { return };
    if !matches!(name.as_str(), "mcp-method" | "mcp-name") || at.function == 0 {
        return;
    }
    let text = survey.around(at);
    let looks = ["body", "json", "payload", "params", "message"].iter().any(|word| text.contains(word));
    let decides = ["if", "switch", "match", "case"].iter().any(|word| text.contains(word));
    let place: Place = survey.place(at, span);
    if decides && !looks && !conduct.desyncs.iter().any(|known| known.path == place.path) {
        conduct.desyncs.push(place);
    }
}
