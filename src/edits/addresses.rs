//! Loopback instead of every interface.

use super::Source;
use crate::{
    finding::{Edit, Place},
    project::{
        Language, Project,
        syntax::{Kind, Span},
    },
};

/// Narrows the address that is written at a place; or, where the place is a call that has none, gives it one.
pub(crate) fn narrow(project: &Project, place: &Place) -> Option<Vec<Edit>> {
    literal(project, place).map(|edit| vec![edit]).or_else(|| listen(project, place))
}

/// The address itself, where it is written as such, with its port or without.
fn literal(project: &Project, place: &Place) -> Option<Edit> {
    let text = project.file(&place.path)?.text.get(place.start..place.end)?;
    let inner = text.trim_matches(['"', '\'', '`']);
    let quotes = text.len() - inner.len();
    let is_port = |rest: &str| {
        rest.is_empty()
            || rest.strip_prefix(':').is_some_and(|port| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()))
    };
    let scheme = ["http://", "https://"].into_iter().find(|scheme| inner.starts_with(scheme)).unwrap_or_default();
    let host = &inner[scheme.len()..];
    let wide =
        ["0.0.0.0", "[::]", "::", "*", "+"].into_iter().find(|wide| host.strip_prefix(wide).is_some_and(is_port));
    let new = match wide {
        Some(wide) => inner.replacen(wide, "127.0.0.1", 1),
        // Go's way to write every interface.
        None if quotes == 2 && host.len() > 1 && is_port(host) && Language::of(&place.path) == Some(Language::Go) => {
            format!("127.0.0.1{inner}")
        }
        None => return None,
    };
    let start = place.start + text.find(inner)?;
    Some(Edit { place: Place::new(&place.path, start, start + inner.len()), replacement: new })
}

/// `app.listen(3000)`, with a callback or without: the address comes second.
fn listen(project: &Project, place: &Place) -> Option<Vec<Edit>> {
    let source = Source::of(project, place).filter(|it| Language::of(it.path) == Some(Language::TypeScript))?;
    let (whole, call) = source.call(place).filter(|(_, call)| call.written() == "listen")?;
    let port = &call.arguments.first()?.value;
    if matches!(port.kind, Kind::Record(_) | Kind::Text(_) | Kind::Spread(_) | Kind::Function(_)) {
        return None;
    }
    let quote = source.quote();
    let address = format!("{quote}127.0.0.1{quote}");
    match call.arguments.get(1) {
        None => source.argument(whole, call, &address),
        Some(callback) if matches!(callback.value.kind, Kind::Function(_)) && call.arguments.len() == 2 => {
            let end = source.significant(port.span.end, source.text[..callback.value.span.start].rfind(',')?)?;
            Some(vec![source.replace(Span::new(end, end), format!(", {address}"))])
        }
        Some(_) => None,
    }
}
