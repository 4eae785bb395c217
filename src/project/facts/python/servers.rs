//! Server objects of the official SDK and of `fastmcp`, with what is registered on them.

use super::{calls, files, last, path};
use crate::{
    finding::Place,
    project::{
        facts::{Capability, Declared, Facts, Mismatch, Registered, Server, Tool},
        language::Language,
        program::{At, Program, Site, Thing},
        syntax::{Call, Expression, Function, Kind},
    },
};

/// What a constructor makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Level {
    /// Registers by decorator, and announces everything.
    High,
    /// Handlers per protocol method; announces what has a handler.
    Low,
}

/// The SDK, the class and the level of a constructor's path, or of an object's.
fn constructor(path: &str) -> Option<(&'static str, &'static str, Level)> {
    let path = path.trim_end_matches("()");
    let official =
        path.starts_with("mcp.server") || path.starts_with("mcp.FastMCP") || path.starts_with("mcp.MCPServer");
    match last(path) {
        "FastMCP" if path.starts_with("fastmcp.") => Some(("fastmcp", "FastMCP", Level::High)),
        "FastMCP" if official => Some(("mcp", "FastMCP", Level::High)),
        "MCPServer" if official => Some(("mcp", "MCPServer", Level::High)),
        "Server" if official => Some(("mcp", "Server", Level::Low)),
        "FastApiMCP" if path.starts_with("fastapi_mcp") => Some(("fastapi_mcp", "FastApiMCP", Level::High)),
        _ => None,
    }
}

/// The SDK, the class and the level of an object: of an SDK's class, or of one of the project's made from it.
pub(super) fn kind_of<'a>(
    program: &Program<'a>,
    at: At,
    object: &'a Expression,
) -> Option<(&'static str, &'static str, Level)> {
    match program.thing(at, object)? {
        Thing::External(path) => constructor(&path),
        Thing::Instance(file, class) => of_class(program, file, class, 4),
        _ => None,
    }
}

/// What a call of a constructor makes.
pub(super) fn made_by<'a>(
    program: &Program<'a>,
    at: At,
    function: &'a Expression,
) -> Option<(&'static str, &'static str, Level)> {
    match program.thing(at, function)? {
        Thing::External(path) if !path.ends_with("()") => constructor(&path),
        Thing::Class(file, class) => of_class(program, file, class, 4),
        _ => None,
    }
}

/// A class of the project that inherits from an SDK's.
fn of_class(
    program: &Program<'_>,
    file: usize,
    class: usize,
    steps: usize,
) -> Option<(&'static str, &'static str, Level)> {
    let steps = steps.checked_sub(1)?;
    let module = program.units()[file].module;
    module.classes.get(class)?.bases.iter().find_map(|base| {
        if let Some((file, class)) = program.class_of(At { file, function: 0 }, base) {
            return of_class(program, file, class, steps);
        }
        let local = base.name.split(['.', '[']).next().unwrap_or_default();
        let import = module.imports.iter().find(|import| import.local == local)?;
        // `FastMCP[State]`
        let plain = base.name.split('[').next().unwrap_or_default();
        constructor(&format!("{}.{}", import.module, last(plain)))
    })
}

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    imports(program, facts);
    let first = facts.servers.len();
    for site in calls(program) {
        let function = path(program, site.at, &site.call.function);
        if let Some((sdk, kind, level)) = made_by(program, site.at, &site.call.function) {
            facts.servers.push(made(program, site, (sdk, kind, level)));
        }
        let client = (function.starts_with("mcp.") && last(&function) == "ClientSession")
            || function == "fastmcp.Client"
            || function.starts_with("fastmcp.client.");
        if client {
            facts.clients.push(program.place(site.at.file, site.span));
        }
    }
    if facts.servers.len() == first {
        subclasses(program, facts);
    }
    let (_, servers) = facts.servers.split_at_mut(first);
    for file in files(program, false) {
        decorators(program, file, servers);
    }
    for site in calls(program) {
        called(program, site, servers);
    }
    declarations(program, servers);
}

fn imports(program: &Program<'_>, facts: &mut Facts) {
    for file in files(program, true) {
        for import in &program.units()[file].module.imports {
            let package = import.module.split('.').next().unwrap_or_default();
            if matches!(package, "mcp" | "fastmcp" | "fastapi_mcp") {
                facts.sdk_imports.push(program.place(file, import.span));
            }
        }
    }
}

fn made<'a>(program: &Program<'a>, site: Site<'a>, (sdk, kind, level): (&str, &str, Level)) -> Server {
    let name = site.call.keyword("name").or_else(|| site.call.positional(0));
    let place = program.place(site.at.file, site.span);
    let mut server = Server {
        language: Language::Python,
        sdk: sdk.to_owned(),
        sdk_version: program.version(&place.path, sdk).map(str::to_owned),
        kind: kind.to_owned(),
        name: name.and_then(|name| program.text(site.at, name)),
        declared: Vec::new(),
        registered: Vec::new(),
        tools: Vec::new(),
        unregistered: Mismatch::Impossible,
        undeclared: Mismatch::Impossible,
        incomplete: Vec::new(),
        place,
    };
    if level == Level::Low {
        handed_over(program, site, &mut server);
    }
    if level == Level::High
        && let Some(Kind::List(items)) = site.call.keyword("tools").map(|tools| &program.origin(site.at, tools).1.kind)
    {
        let place = program.place(site.at.file, site.span);
        server.tools.extend(items.iter().map(|item| {
            let function = program.function(site.at, item).map(|at| program.function_at(at));
            let name = function.and_then(|function| function.name.clone());
            let text = function.and_then(|function| function.documentation.as_ref());
            Tool { name, description: text.map(|text| (text.value.clone(), place.clone())), place: place.clone() }
        }));
        server.registered.push(Registered { capability: Capability::Tools, method: None, place });
    }
    server
}

/// `class S(FastMCP)` that nobody makes an object of here.
fn subclasses(program: &Program<'_>, facts: &mut Facts) {
    for file in files(program, false) {
        for (id, class) in program.units()[file].module.classes.iter().enumerate() {
            let base = of_class(program, file, id, 4);
            if let Some((sdk, kind, _)) = base {
                facts.servers.push(Server {
                    place: program.place(file, class.span),
                    language: Language::Python,
                    sdk: sdk.to_owned(),
                    sdk_version: program.version(program.units()[file].path, sdk).map(str::to_owned),
                    kind: kind.to_owned(),
                    name: None,
                    declared: Vec::new(),
                    registered: Vec::new(),
                    tools: Vec::new(),
                    unregistered: Mismatch::Impossible,
                    undeclared: Mismatch::Impossible,
                    incomplete: vec![format!("`{}` is a class of its own", class.name)],
                });
            }
        }
    }
}

/// The protocol method that a low-level decorator, keyword or request type serves.
fn low_level(word: &str) -> Option<(Capability, &'static str)> {
    Some(match word {
        "list_tools" | "ListToolsRequest" | "tools/list" => (Capability::Tools, "tools/list"),
        "call_tool" | "CallToolRequest" | "tools/call" => (Capability::Tools, "tools/call"),
        "list_resources" | "ListResourcesRequest" | "resources/list" => (Capability::Resources, "resources/list"),
        "list_resource_templates" | "ListResourceTemplatesRequest" | "resources/templates/list" => {
            (Capability::Resources, "resources/templates/list")
        }
        "read_resource" | "ReadResourceRequest" | "resources/read" => (Capability::Resources, "resources/read"),
        "list_prompts" | "ListPromptsRequest" | "prompts/list" => (Capability::Prompts, "prompts/list"),
        "get_prompt" | "GetPromptRequest" | "prompts/get" => (Capability::Prompts, "prompts/get"),
        "completion" | "CompleteRequest" | "completion/complete" => (Capability::Completions, "completion/complete"),
        "set_logging_level" | "SetLevelRequest" | "logging/setLevel" => (Capability::Logging, "logging/setLevel"),
        _ => return None,
    })
}

/// Version 2: handlers are keywords of the constructor.
fn handed_over<'a>(program: &Program<'a>, site: Site<'a>, server: &mut Server) {
    for argument in &site.call.arguments {
        let Some(name) = &argument.name else { continue };
        if let Some((capability, method)) = name.strip_prefix("on_").and_then(low_level)
            && !matches!(argument.value.kind, Kind::Null)
        {
            let place = program.place(site.at.file, argument.value.span);
            server.registered.push(Registered { capability, method: Some(method), place });
        } else if name == "on_request" {
            server.incomplete.push("one handler takes every request".to_owned());
        }
    }
    if site.call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_))) {
        server.incomplete.push("handlers may come from unpacked arguments".to_owned());
    }
}

fn decorators(program: &Program<'_>, file: usize, servers: &mut [Server]) {
    for function in &program.units()[file].module.functions {
        if function.is_test {
            continue;
        }
        let at = At { file, function: function.parent.unwrap_or(0) };
        for attribute in &function.attributes {
            let call = attribute.call();
            let target = call.map_or(attribute, |call| &call.function);
            let Kind::Member(object, word) = &target.kind else { continue };
            let Some((_, _, level)) = kind_of(program, at, object) else { continue };
            let Some(server) = owner(program, at, object, servers) else { continue };
            let place = program.place(file, attribute.span);
            match level {
                Level::Low => {
                    if let Some((capability, method)) = low_level(&word.value) {
                        server.registered.push(Registered { capability, method: Some(method), place });
                    }
                }
                Level::High => {
                    let Some(capability) = high_level(&word.value) else { continue };
                    server.registered.push(Registered { capability, method: None, place });
                    if capability == Capability::Tools {
                        server.tools.push(tool(program, file, call, function));
                    }
                }
            }
        }
    }
}

fn high_level(word: &str) -> Option<Capability> {
    Some(match word {
        "tool" | "add_tool" => Capability::Tools,
        "resource" | "add_resource" | "add_resource_template" | "add_template" => Capability::Resources,
        "prompt" | "add_prompt" => Capability::Prompts,
        "completion" => Capability::Completions,
        _ => return None,
    })
}

fn tool(program: &Program<'_>, file: usize, call: Option<&Call>, function: &Function) -> Tool {
    let given = |keyword: &str| call.and_then(|call| call.keyword(keyword)).filter(|value| value.text().is_some());
    let first = call.and_then(|call| call.positional(0));
    let name = given("name").or(first).and_then(Expression::text).map(str::to_owned);
    let written = given("description").and_then(|e| Some((e.text()?.to_owned(), program.place(file, e.span))));
    let documented =
        || function.documentation.as_ref().map(|text| (text.value.clone(), program.place(file, text.span)));
    Tool {
        name: name.or_else(|| function.name.clone()),
        description: written.or_else(documented),
        place: program.place(file, function.name_span),
    }
}

/// Registrations by a call: `mcp.add_tool(f)`, `mcp.tool(..)(f)`, `server.add_request_handler(..)`.
fn called<'a>(program: &Program<'a>, site: Site<'a>, servers: &mut [Server]) {
    let call = site.call;
    let Kind::Member(object, word) = &call.function.kind else {
        if let Some(inner) = call.function.call() {
            let applied = Call { arguments: call.arguments.clone(), ..inner.clone() };
            if let Kind::Member(object, word) = &inner.function.kind
                && word.value == "tool"
                && kind_of(program, site.at, object).is_some()
            {
                registered(program, site, object, &applied, "tool", servers);
            }
        } else if last(&path(program, site.at, &call.function)) == "Tool" {
            listed(program, site, servers);
        }
        return;
    };
    if last(&word.value) == "Tool" && path(program, site.at, &call.function).starts_with("mcp.") {
        listed(program, site, servers);
    }
    if kind_of(program, site.at, object).is_none() {
        return;
    }
    match word.value.as_str() {
        "add_tool" | "add_resource" | "add_resource_template" | "add_template" | "add_prompt" => {
            registered(program, site, object, call, &word.value, servers);
        }
        "tool" if call.positional(0).is_some_and(|first| !matches!(first.kind, Kind::Text(_) | Kind::Null)) => {
            registered(program, site, object, call, "tool", servers);
        }
        "add_request_handler" => {
            let name = call.positional(0).and_then(|name| program.text(site.at, name));
            let place = program.place(site.at.file, site.span);
            let Some(server) = owner(program, site.at, object, servers) else { return };
            match name.as_deref().and_then(low_level) {
                Some((capability, method)) => {
                    server.registered.push(Registered { capability, method: Some(method), place });
                }
                None => server.incomplete.push("a handler's method is computed".to_owned()),
            }
        }
        "mount" | "import_server" | "add_provider" | "from_openapi" | "from_fastapi" | "as_proxy" => {
            if let Some(server) = owner(program, site.at, object, servers) {
                server.incomplete.push(format!("`{}` adds what is defined elsewhere", word.value));
            }
        }
        _ => {}
    }
}

fn registered<'a>(
    program: &Program<'a>,
    site: Site<'a>,
    object: &'a Expression,
    call: &Call,
    word: &str,
    servers: &mut [Server],
) {
    let Some(server) = owner(program, site.at, object, servers) else { return };
    let Some(capability) = high_level(word) else { return };
    let place = program.place(site.at.file, site.span);
    server.registered.push(Registered { capability, method: None, place: place.clone() });
    if capability != Capability::Tools {
        return;
    }
    // The function is an argument of the call itself, wherever it stands.
    let handler = site.call.positional(0).or_else(|| site.call.keyword("fn"));
    let function = handler.and_then(|handler| program.function(site.at, handler));
    server.tools.push(match function {
        Some(at) => {
            let given = Call {
                arguments: call.arguments.iter().filter(|a| a.name.is_some()).cloned().collect(),
                ..Call::default()
            };
            tool(program, at.file, Some(&given), program.function_at(at))
        }
        None => Tool { name: None, description: None, place },
    });
}

/// `types.Tool(name=..)` in what a low-level server lists.
fn listed<'a>(program: &Program<'a>, site: Site<'a>, servers: &mut [Server]) {
    let Some(name) = site.call.keyword("name") else { return };
    let path_of_file = program.units()[site.at.file].path;
    let mut own = servers.iter_mut().filter(|server| server.kind == "Server" && server.place.path == path_of_file);
    let (Some(server), None) = (own.next(), own.next()) else { return };
    let text = site
        .call
        .keyword("description")
        .and_then(|e| Some((program.text(site.at, e)?, program.place(site.at.file, e.span))));
    let name = program.text(site.at, name);
    server.tools.push(Tool { name, description: text, place: program.place(site.at.file, site.span) });
}

/// The server that an object is: by where it was made, else the only one that it can be.
fn owner<'s, 'a>(
    program: &Program<'a>,
    at: At,
    object: &'a Expression,
    servers: &'s mut [Server],
) -> Option<&'s mut Server> {
    let (made_at, made) = program.origin(at, object);
    let place: Place = program.place(made_at.file, made.span);
    if let Some(exact) = servers.iter().position(|server| server.place == place) {
        return servers.get_mut(exact);
    }
    let (_, kind, _) = kind_of(program, at, object)?;
    let own = program.units()[at.file].path;
    let candidates: Vec<usize> = (0..servers.len()).filter(|&index| servers[index].kind == kind).collect();
    let here: Vec<usize> = candidates.iter().copied().filter(|&index| servers[index].place.path == own).collect();
    match (here.as_slice(), candidates.as_slice()) {
        ([only], _) | ([], [only]) => servers.get_mut(*only),
        _ => None,
    }
}

/// A literal `ServerCapabilities(..)` replaces what a low-level server would derive from its handlers.
fn declarations(program: &Program<'_>, servers: &mut [Server]) {
    for site in calls(program) {
        let function = path(program, site.at, &site.call.function);
        if last(&function) != "ServerCapabilities" || !function.starts_with("mcp") {
            continue;
        }
        let own = program.units()[site.at.file].path;
        let mut low = servers.iter_mut().filter(|server| server.kind == "Server" && server.place.path == own);
        let (Some(server), None) = (low.next(), low.next()) else { continue };
        (server.unregistered, server.undeclared) = (Mismatch::MethodNotFound, Mismatch::Hidden);
        for argument in &site.call.arguments {
            let Some(name) = &argument.name else {
                server.incomplete.push("capabilities come from unpacked arguments".to_owned());
                continue;
            };
            let capability = match name.as_str() {
                "tools" => Capability::Tools,
                "resources" => Capability::Resources,
                "prompts" => Capability::Prompts,
                "completions" => Capability::Completions,
                "logging" => Capability::Logging,
                _ => continue,
            };
            if !matches!(argument.value.kind, Kind::Null) {
                let place = program.place(site.at.file, argument.value.span);
                server.declared.push(Declared { capability, place });
            }
        }
    }
}
