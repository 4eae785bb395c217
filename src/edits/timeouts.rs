//! An end for a call that has none.

use super::Source;
use crate::{
    finding::{Edit, Place},
    project::{
        Language, Project,
        facts::Outbound,
        syntax::{Call, Expression, Kind, Span},
    },
};

/// Edits that give each of some calls an end; nothing where one of them has to be thought about.
pub(crate) fn all(project: &Project, calls: &[Outbound]) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for call in calls {
        for edit in limit(project, call)? {
            // Two calls in one file share an import.
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    Some(edits)
}

fn limit(project: &Project, outbound: &Outbound) -> Option<Vec<Edit>> {
    let source = Source::of(project, &outbound.place)?;
    let expression = source.expression(&outbound.place)?;
    match Language::of(source.path)? {
        Language::TypeScript => typescript(source, expression.span, expression.call()?, outbound),
        Language::Python => python(source, expression.span, expression.call()?),
        Language::Rust => rust(source, expression.span),
        Language::Go => go(source, expression),
        Language::Java | Language::CSharp => None,
    }
}

fn typescript(source: Source<'_>, whole: Span, call: &Call, outbound: &Outbound) -> Option<Vec<Edit>> {
    let (entry, position) = match outbound.symbol.as_str() {
        "fetch" | "globalThis.fetch" => ("signal: AbortSignal.timeout(30_000)", 1),
        "axios.get" | "axios.delete" | "axios.head" | "axios.options" => ("timeout: 30_000", 1),
        "axios.post" | "axios.put" | "axios.patch" => ("timeout: 30_000", 2),
        "child_process.exec" | "child_process.execSync" => ("timeout: 30_000", 1),
        "child_process.execFile" | "child_process.execFileSync" | "child_process.spawnSync" => ("timeout: 30_000", 2),
        _ => return None,
    };
    let last = &call.arguments.last()?.value;
    // The options stand before a callback.
    if matches!(last.kind, Kind::Function(_)) && outbound.options.is_none() && call.arguments.len() == position + 1 {
        return outbound
            .symbol
            .starts_with("child_process.")
            .then(|| vec![source.insert(last.span.start, format!("{{ {entry} }}, "))]);
    }
    match call.arguments.get(outbound.options.unwrap_or(position)).map(|argument| &argument.value) {
        Some(options) => source.entry_of(options, entry),
        None if outbound.options.is_some() => None,
        None if call.arguments.len() == position => {
            let plain = !matches!(last.kind, Kind::Function(_) | Kind::Spread(_) | Kind::Record(_));
            // The second of two may be the options already, unless it is a list.
            let listed = position == 1 || matches!(last.kind, Kind::List(_)) || outbound.symbol.starts_with("axios.");
            if plain && listed { source.argument(whole, call, &format!("{{ {entry} }}")) } else { None }
        }
        None => None,
    }
}

fn python(source: Source<'_>, whole: Span, call: &Call) -> Option<Vec<Edit>> {
    if call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_))) {
        return None;
    }
    match call.keyword("timeout") {
        Some(value) if matches!(value.kind, Kind::Null) => Some(vec![source.replace(value.span, "30")]),
        Some(_) => None,
        None => source.argument(whole, call, "timeout=30"),
    }
}

fn rust(source: Source<'_>, whole: Span) -> Option<Vec<Edit>> {
    let text = source.source(whole);
    let client = text.strip_suffix("::new()").or_else(|| text.strip_suffix("::default()"))?;
    if !matches!(client, "reqwest::Client" | "Client") {
        return None;
    }
    let limit = ".timeout(std::time::Duration::from_secs(30))";
    // The constructor panics where there is no TLS backend, too.
    let made = format!("{client}::builder(){limit}.build().expect(\"the TLS backend can be initialized\")");
    Some(vec![source.replace(whole, made)])
}

fn go(source: Source<'_>, expression: &Expression) -> Option<Vec<Edit>> {
    let (time, mut edits) = source.go_import("time")?;
    let limit = format!("Timeout: 30 * {time}.Second");
    if let Some(record) = expression.record() {
        edits.extend(source.entry(expression.span, record, &limit)?);
        if record.entries.is_empty() {
            let entry = edits.last_mut()?;
            entry.replacement = entry.replacement.trim().to_owned();
        }
        return Some(edits);
    }
    let function = expression.call()?.function.span;
    let client = ["http.DefaultClient", "http"].into_iter().find(|client| {
        source
            .source(function)
            .strip_prefix(client)
            .is_some_and(|rest| rest.matches('.').count() == 1 && rest.starts_with('.'))
    })?;
    // The connections are those of the default transport, which all clients share.
    let span = Span::new(function.start, function.start + client.len());
    edits.push(source.replace(span, format!("(&http.Client{{{limit}}})")));
    Some(edits)
}

/// Gives a web server of Go a limit for the headers of a request: where it is made, or where it is started without being made.
pub(crate) fn headers(project: &Project, place: &Place) -> Option<Vec<Edit>> {
    let source = Source::of(project, place)?;
    let expression = source.expression(place)?;
    let (time, mut edits) = source.go_import("time")?;
    let limit = format!("ReadHeaderTimeout: 10 * {time}.Second");
    if let Some(record) = expression.record() {
        edits.extend(source.entry(expression.span, record, &limit)?);
        return Some(edits);
    }
    let call = expression.call().filter(|call| source.source(call.function.span) == "http.ListenAndServe")?;
    let [address, handler] = call.arguments.as_slice() else { return None };
    let (address, handler) = (source.source(address.value.span), source.source(handler.value.span));
    let handler = if handler == "nil" { String::new() } else { format!("Handler: {handler}, ") };
    let server = format!("(&http.Server{{Addr: {address}, {handler}{limit}}}).ListenAndServe()");
    edits.push(source.replace(expression.span, server));
    Some(edits)
}
