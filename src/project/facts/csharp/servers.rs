//! Servers, what they announce and what is registered on them.

use super::{
    super::{Capability, Declared, Facts, Mismatch, Registered, Server, Tool},
    SDK, Scan, attribute,
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Site},
        syntax::{Entry, Expression, Kind, Record, Span, Text},
    },
};

/// Servers that are looked at: nobody writes more by hand.
const MOST: usize = 64;

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let mut servers: Vec<Server> = scan.calls.iter().filter_map(|site| made(scan, site)).take(MOST).collect();
    if servers.is_empty() {
        return;
    }
    for site in &scan.calls {
        if let Some(capability) = registers(site.call.written()) {
            register(scan, site.at, site.call.function.span, capability, &mut servers);
        }
    }
    for file in scan.program.files_of(Language::CSharp, false) {
        let unit = &scan.program.units()[file];
        if servers.iter().any(|server| scan.together(&server.place.path, unit.path)) {
            options(scan, file, &mut servers);
            annotated(scan, file, &mut servers);
        }
    }
    for server in &mut servers {
        // The SDK answers these by itself.
        for capability in [Capability::Logging, Capability::Completions] {
            let place = server.declared.iter().find(|one| one.capability == capability).map(|one| one.place.clone());
            server.registered.extend(place.map(|place| Registered { capability, method: None, place }));
        }
        server.incomplete.sort();
        server.incomplete.dedup();
    }
    facts.servers.append(&mut servers);
}

/// `services.AddMcpServer(..)`, `McpServer.Create(transport, options)`
fn made<'a>(scan: &Scan<'_, 'a>, site: &Site<'a>) -> Option<Server> {
    let kind = site.call.written();
    let on = |name: &str| matches!(&site.call.function.kind, Kind::Member(object, _) if last(object) == name);
    let created = kind == "Create" && (on("McpServer") || on("McpServerFactory"));
    if !(kind == "AddMcpServer" || created) || !scan.is_foreign(site) {
        return None;
    }
    let versions = [SDK, "ModelContextProtocol.AspNetCore", "ModelContextProtocol.Core"];
    let path = scan.program.units()[site.at.file].path;
    let version = versions.into_iter().find_map(|package| scan.program.version(path, package));
    // A chain of methods begins where its builder does: the name of this one is the place.
    let place = match &site.call.function.kind {
        Kind::Member(_, name) => scan.place(site.at, name.span),
        _ => scan.place(site.at, site.span),
    };
    Some(Server {
        place,
        language: Language::CSharp,
        sdk: SDK.to_owned(),
        sdk_version: version.map(str::to_owned),
        kind: kind.to_owned(),
        name: None,
        declared: Vec::new(),
        registered: Vec::new(),
        tools: Vec::new(),
        // What is registered is announced, and lists of what is announced besides are empty.
        unregistered: Mismatch::EmptyList,
        undeclared: Mismatch::Impossible,
        incomplete: Vec::new(),
    })
}

fn last(expression: &Expression) -> &str {
    match &expression.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => "",
    }
}

/// What a method of the builder registers.
fn registers(method: &str) -> Option<Capability> {
    Some(match method {
        "WithTools" | "WithToolsFromAssembly" | "WithListToolsHandler" | "WithCallToolHandler" => Capability::Tools,
        "WithPrompts" | "WithPromptsFromAssembly" | "WithListPromptsHandler" | "WithGetPromptHandler" => {
            Capability::Prompts
        }
        "WithResources"
        | "WithResourcesFromAssembly"
        | "WithListResourcesHandler"
        | "WithListResourceTemplatesHandler"
        | "WithReadResourceHandler" => Capability::Resources,
        "WithCompleteHandler" => Capability::Completions,
        "WithSetLoggingLevelHandler" => Capability::Logging,
        _ => return None,
    })
}

/// What a field of the options registers.
fn holds(field: &str) -> Option<Capability> {
    Some(match field {
        "ToolCollection" | "ListToolsHandler" | "CallToolHandler" => Capability::Tools,
        "PromptCollection" | "ListPromptsHandler" | "GetPromptHandler" => Capability::Prompts,
        "ResourceCollection" | "ListResourcesHandler" | "ReadResourceHandler" | "ListResourceTemplatesHandler" => {
            Capability::Resources
        }
        "CompleteHandler" => Capability::Completions,
        "SetLoggingLevelHandler" => Capability::Logging,
        _ => return None,
    })
}

/// What a field of the capabilities announces.
fn announces(field: &str) -> Option<Capability> {
    Some(match field {
        "Tools" => Capability::Tools,
        "Prompts" => Capability::Prompts,
        "Resources" => Capability::Resources,
        "Completions" => Capability::Completions,
        "Logging" => Capability::Logging,
        _ => return None,
    })
}

/// The servers that are built together with a file; all of them where the file belongs to none.
fn of_file(scan: &Scan<'_, '_>, path: &str, servers: &[Server]) -> Vec<usize> {
    let own = (0..servers.len()).filter(|&index| scan.together(&servers[index].place.path, path));
    let own: Vec<usize> = own.collect();
    if own.is_empty() { (0..servers.len()).collect() } else { own }
}

fn register(scan: &Scan<'_, '_>, at: At, span: Span, capability: Capability, servers: &mut [Server]) {
    let found = of_file(scan, scan.path(at), servers);
    let doubtful = found.len() > 1;
    for index in found {
        let server = &mut servers[index];
        server.registered.push(Registered { capability, method: None, place: scan.place(at, span) });
        if doubtful {
            server.incomplete.push("a registration may belong to another server".to_owned());
        }
    }
}

/// `new McpServerOptions { Capabilities = .. }`, `options.ToolCollection = ..`
fn options(scan: &Scan<'_, '_>, file: usize, servers: &mut [Server]) {
    let mut registered = Vec::new();
    let mut declared: Vec<(At, Capability, Span)> = Vec::new();
    let mut named: Vec<(At, String)> = Vec::new();
    scan.program.units()[file].module.expressions(&mut |function, expression| {
        let at = At { file, function };
        let mut set = |name: &Text, value: &Expression| {
            registered.extend(holds(&name.value).map(|capability| (at, name.span, capability)));
            if name.value == "Capabilities" {
                let fields = record(value).map(|record| &record.entries[..]).unwrap_or_default();
                declared.extend(fields.iter().filter_map(|entry| match entry {
                    Entry::Field(name, value) if !matches!(value.kind, Kind::Null) => {
                        Some((at, announces(&name.value)?, name.span))
                    }
                    _ => None,
                }));
            }
            if name.value == "ServerInfo"
                && let Some(text) = record(value).and_then(|info| info.get("Name")).and_then(Expression::text)
            {
                named.push((at, text.to_owned()));
            }
        };
        match &expression.kind {
            Kind::Record(record) => {
                for entry in &record.entries {
                    if let Entry::Field(name, value) = entry {
                        set(name, value);
                    }
                }
            }
            Kind::Assign(target, value) => {
                if let Kind::Member(object, name) = &target.kind {
                    set(name, value);
                    if last(object) == "Capabilities" {
                        declared.extend(announces(&name.value).map(|capability| (at, capability, name.span)));
                    }
                }
            }
            _ => {}
        }
    });
    for (at, span, capability) in registered {
        register(scan, at, span, capability, servers);
    }
    for (at, capability, span) in declared {
        for index in of_file(scan, scan.path(at), servers) {
            let place: Place = scan.place(at, span);
            servers[index].declared.push(Declared { capability, place });
        }
    }
    for (at, name) in named {
        let found = of_file(scan, scan.path(at), servers);
        if let [only] = found.as_slice() {
            servers[*only].name = Some(name);
        }
    }
}

/// What an object is made with: `new X { .. }`.
fn record(value: &Expression) -> Option<&Record> {
    match &value.kind {
        Kind::Record(record) => Some(record),
        Kind::Call(call) if call.construction => call.arguments.last().and_then(|argument| argument.value.record()),
        _ => None,
    }
}

/// `[McpServerTool(Name = "x"), Description("..")]`
fn annotated(scan: &Scan<'_, '_>, file: usize, servers: &mut [Server]) {
    let unit = &scan.program.units()[file];
    for (function, definition) in unit.module.functions.iter().enumerate() {
        let Some(mark) = definition.attributes.iter().find(|one| attribute(one) == "McpServerTool") else { continue };
        let at = At { file, function };
        let name = mark.call().and_then(|call| call.keyword("Name")).and_then(|name| scan.program.text(at, name));
        let described = definition.attributes.iter().find(|one| attribute(one) == "Description");
        let description = described
            .and_then(|one| one.call()?.positional(0))
            .and_then(|value| Some((scan.program.text(at, value)?, scan.place(at, value.span))));
        let name = name.or_else(|| definition.name.clone());
        let place = scan.place(at, definition.name_span);
        for index in of_file(scan, unit.path, servers) {
            let tool = Tool { name: name.clone(), description: description.clone(), place: place.clone() };
            servers[index].tools.push(tool);
        }
    }
}
