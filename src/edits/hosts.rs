//! The names that a server answers to.

use super::Source;
use crate::{
    finding::{Edit, Place},
    project::{
        Language, Project,
        facts::{Bind, Endpoint, Protection, Server},
        syntax::{Kind, Span},
    },
};

/// Makes the SDK check Host and Origin of an endpoint that only this machine can reach: its names are known then.
pub(crate) fn check(project: &Project, endpoint: &Endpoint) -> Option<Vec<Edit>> {
    if !matches!(endpoint.bind, Bind::Loopback | Bind::ConfiguredLoopback) {
        return None;
    }
    match Language::of(&endpoint.route.path)? {
        Language::TypeScript => typescript(project, endpoint).or_else(|| factory(project, endpoint)),
        Language::Python => python(project, endpoint),
        _ => None,
    }
}

/// The transport of version 1 compares the whole header with a list: the port has to be known.
fn typescript(project: &Project, endpoint: &Endpoint) -> Option<Vec<Edit>> {
    let source = Source::of(project, &endpoint.route)?;
    let (whole, call) = source.call(&endpoint.route)?;
    let name = source.source(call.function.span);
    let import = source.module.imports.iter().find(|import| import.local == name)?;
    if !call.construction
        || name != "StreamableHTTPServerTransport"
        || !import.module.starts_with("@modelcontextprotocol/sdk/")
    {
        return None;
    }
    let (_, listen) = Source::of(project, &endpoint.place)?.call(&endpoint.place)?;
    let Kind::Number(port) = &listen.arguments.first().filter(|_| listen.written() == "listen")?.value.kind else {
        return None;
    };
    let quote = source.quote();
    let hosts = format!("allowedHosts: [{quote}127.0.0.1:{port}{quote}, {quote}localhost:{port}{quote}]");
    let entries = ["enableDnsRebindingProtection: true", hosts.as_str()];
    match call.arguments.as_slice() {
        [] => source.argument(whole, call, &format!("{{ {} }}", entries.join(", "))),
        [options] => {
            let record = options.value.record()?;
            if record.get("enableDnsRebindingProtection").or_else(|| record.get("allowedHosts")).is_some() {
                return None;
            }
            source.entries(options.value.span, record, &entries)
        }
        _ => None,
    }
}

/// `express()` becomes the SDK's own factory, which checks both for loopback and reads JSON; where the port is not written down.
fn factory(project: &Project, endpoint: &Endpoint) -> Option<Vec<Edit>> {
    const PATH: &str = "@modelcontextprotocol/sdk/server/express.js";
    let own = |server: &&Server| server.place.path == endpoint.route.path && server.sdk == "@modelcontextprotocol/sdk";
    let server = project.facts.servers.iter().find(own)?;
    let source = Source::of(project, &endpoint.route)?;
    if !between(server.sdk_version.as_deref()?, (1, 24)) || source.text.contains("createMcpExpressApp") {
        return None;
    }
    let import = source.module.imports.iter().find(|import| import.module == "express" && !import.local.is_empty())?;
    let local = import.local.as_str();
    let mut calls = Vec::new();
    source.module.expressions(&mut |_, expression| {
        calls.extend(
            expression.call().filter(|call| call.function.name() == Some(local)).map(|call| (expression.span, call)),
        );
    });
    let [(whole, call)] = calls.as_slice() else { return None };
    let last = source.module.imports.iter().rfind(|import| source.source(import.span).starts_with("import"))?;
    if !call.arguments.is_empty() || source.line_start(last.span.start) != last.span.start {
        return None;
    }
    let quote = if source.source(last.span).contains('\'') { '\'' } else { '"' };
    let line = format!("import {{ createMcpExpressApp }} from {quote}{PATH}{quote};\n");
    let end = super::line_end(source.text, last.span.end);
    let mut edits = vec![source.insert(end, line), source.replace(*whole, "createMcpExpressApp()")];
    if source.is_last_use(import, *whole) {
        // An import that nobody uses is an error in many configurations.
        let statement = source.text.get(import.span.start..super::line_end(source.text, import.span.end))?;
        let alone = statement.split_once(" from ").is_some_and(|(names, _)| names == format!("import {local}"));
        alone.then_some(())?;
        edits.push(source.replace(Span::new(import.span.start, import.span.start + statement.len()), ""));
    }
    Some(edits)
}

/// Whether a version is at least this one, and of the first major.
fn between(version: &str, least: (u32, u32)) -> bool {
    let digits = version.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let mut numbers = digits.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let version = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    version.0 == 1 && version >= least
}

/// `FastMCP(.., transport_security=..)` of the official SDK, which knows patterns for ports.
fn python(project: &Project, endpoint: &Endpoint) -> Option<Vec<Edit>> {
    let fits =
        |server: &&Server| server.place.path == endpoint.route.path && server.kind == "FastMCP" && server.sdk == "mcp";
    let mut servers = project.facts.servers.iter().filter(fits);
    let (server, None) = (servers.next()?, servers.next()) else { return None };
    // The settings came with this version; with the next the checks are on for loopback.
    if !between(server.sdk_version.as_deref()?, (1, 10)) {
        return None;
    }
    let source = Source::of(project, &server.place)?;
    let (whole, call) = source.call(&server.place)?;
    let spread = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
    if spread || call.keyword("transport_security").is_some() {
        return None;
    }
    let import = source.module.imports.iter().find(|import| import.name.as_deref() == Some("FastMCP"))?;
    let start = source.line_start(import.span.start);
    let alone = source.text.get(import.span.end..)?.trim_start_matches([' ', '\r']).starts_with('\n');
    if start != import.span.start || !alone || source.text.contains("TransportSecuritySettings") {
        return None;
    }
    let end = super::line_end(source.text, import.span.end);
    let mut edits = vec![
        source.replace(Span::new(end, end), "from mcp.server.transport_security import TransportSecuritySettings\n"),
    ];
    let hosts = "allowed_hosts=[\"127.0.0.1:*\", \"localhost:*\", \"[::1]:*\"]";
    let origins = "allowed_origins=[\"http://127.0.0.1:*\", \"http://localhost:*\", \"http://[::1]:*\"]";
    let settings = format!(
        "transport_security=TransportSecuritySettings(\n    enable_dns_rebinding_protection=True,\n    {hosts},\n    {origins},\n)"
    );
    edits.extend(source.argument(whole, call, &settings)?);
    Some(edits)
}

/// Switches a check on again that is off in so many words, where the names that it needs stand beside it, or where it needs none.
pub(crate) fn enable(project: &Project, place: &Place) -> Option<Vec<Edit>> {
    let source = Source::of(project, place)?;
    if Language::of(source.path)? == Language::Go {
        return source.without(place);
    }
    if Language::of(source.path)? == Language::Rust {
        return rust(project, source, place);
    }
    let mut found = None;
    source.module.expressions(&mut |_, expression| {
        let off = expression.record().and_then(|record| {
            let off = record.get("enableDnsRebindingProtection")?;
            record.get("allowedHosts").and(Some(off.span))
        });
        let inside = off.filter(|off| place.start <= off.start && off.end <= place.end);
        found = found.or(inside);
    });
    found.filter(|off| source.source(*off) == "false").map(|off| vec![source.replace(off, "true")])
}

/// Takes `.disable_allowed_hosts()` away where only this machine can connect: the names that the SDK allows by itself are
/// right there.
fn rust(project: &Project, source: Source<'_>, place: &Place) -> Option<Vec<Edit>> {
    let disabled = |endpoint: &&Endpoint| match &endpoint.host_check {
        Protection::Disabled(off) => off.path == place.path && off.start < place.end && place.start < off.end,
        _ => false,
    };
    let mut endpoints = project.facts.endpoints.iter().filter(disabled).peekable();
    endpoints.peek()?;
    if !endpoints.all(|endpoint| matches!(endpoint.bind, Bind::Loopback | Bind::ConfiguredLoopback)) {
        return None;
    }
    let mut name = None;
    source.module.expressions(&mut |_, expression| {
        if let Some(Kind::Member(_, method)) = expression.call().map(|call| &call.function.kind)
            && method.value == "disable_allowed_hosts"
            && place.start <= method.span.start
            && method.span.end <= place.end
        {
            name = Some(method.span);
        }
    });
    // `config = config.disable_allowed_hosts()` would be left without a purpose.
    let chained = source.text.get(..name?.start - 1)?.trim_end().ends_with(')');
    if chained { source.without_call(name?) } else { None }
}
