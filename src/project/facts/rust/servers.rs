//! Implementations of `rmcp`'s `ServerHandler`: by hand, and by its macros.

use std::collections::BTreeSet;

use super::{attribute, calls, files, last, path, word};
use crate::project::{
    facts::{Capability, Declared, Facts, Mismatch, Registered, Server, Tool},
    language::Language,
    program::{At, Program},
    syntax::{Class, Entry, Expression, Function, Kind},
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    imports(program, facts);
    for file in files(program, false) {
        let module = program.units()[file].module;
        for class in &module.classes {
            let implements = class.bases.iter().find(|base| base.name.rsplit("::").next() == Some("ServerHandler"));
            let generated = server_handler(class);
            let in_test = class.methods.iter().any(|&method| module.functions[method].is_test);
            if in_test || (implements.is_none() && generated.is_none()) {
                continue;
            }
            if module.imports.iter().any(|import| import.module.starts_with("rust_mcp_sdk")) {
                facts.servers.extend(implements.map(|base| of_other(program, file, class, base.span)));
                continue;
            }
            let span = implements.map_or_else(|| generated.map_or(class.span, |a| a.span), |base| base.span);
            let mut server = empty(program, file, span);
            registrations(program, file, class, &mut server);
            tools(program, file, class, &mut server);
            announcement(program, file, class, &mut server);
            drop_stubs(&mut server, sets_level(program, file, class));
            facts.servers.push(server);
        }
    }
    clients(program, facts);
}

fn empty(program: &Program<'_>, file: usize, span: crate::project::syntax::Span) -> Server {
    Server {
        place: program.place(file, span),
        language: Language::Rust,
        sdk: "rmcp".to_owned(),
        sdk_version: program.version(program.units()[file].path, "rmcp").map(str::to_owned),
        kind: "ServerHandler".to_owned(),
        name: None,
        declared: Vec::new(),
        registered: Vec::new(),
        tools: Vec::new(),
        unregistered: Mismatch::EmptyList,
        undeclared: Mismatch::Hidden,
        incomplete: Vec::new(),
    }
}

/// `rust-mcp-sdk`: the announcement stands where the server is started, not with the handler.
fn of_other(program: &Program<'_>, file: usize, class: &Class, span: crate::project::syntax::Span) -> Server {
    let mut server = empty(program, file, span);
    server.sdk = "rust-mcp-sdk".to_owned();
    server.sdk_version = program.version(program.units()[file].path, "rust-mcp-sdk").map(str::to_owned);
    (server.unregistered, server.undeclared) = (Mismatch::Impossible, Mismatch::Impossible);
    server.incomplete.push("capabilities are announced where the server is started".to_owned());
    let functions = &program.units()[file].module.functions;
    for function in class.methods.iter().map(|&id| &functions[id]) {
        let name = function.name.as_deref().unwrap_or_default();
        let word = name.strip_prefix("handle_").and_then(|name| name.strip_suffix("_request"));
        if let Some((capability, method)) = word.and_then(served) {
            let place = program.place(file, function.name_span);
            server.registered.push(Registered { capability, method: Some(method), place });
        }
    }
    server
}

fn imports(program: &Program<'_>, facts: &mut Facts) {
    for file in files(program, true) {
        for import in &program.units()[file].module.imports {
            let root = import.module.split("::").next().unwrap_or_default();
            if matches!(root, "rmcp" | "rust_mcp_sdk" | "mcpsec_runtime") {
                facts.sdk_imports.push(program.place(file, import.span));
            }
        }
    }
}

fn clients(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        let path = path(program, site.at, &site.call.function);
        let transport = path.starts_with("rmcp.")
            && ["TokioChildProcess", "StreamableHttpClientTransport", "SseClientTransport"]
                .iter()
                .any(|name| path.contains(name))
            && matches!(last(&path), "new" | "builder" | "from_uri" | "start" | "with_client" | "from_config");
        if transport {
            facts.clients.push(program.place(site.at.file, site.span));
        }
    }
}

/// `#[tool_router(server_handler)]`: the whole implementation is generated.
fn server_handler(class: &Class) -> Option<&Expression> {
    let router = attribute(&class.attributes, "tool_router")?;
    let asked = router
        .call()?
        .arguments
        .iter()
        .any(|a| a.value.name() == Some("server_handler") || a.name.as_deref() == Some("server_handler"));
    asked.then_some(router)
}

/// The protocol method that an overridden method serves.
fn served(name: &str) -> Option<(Capability, &'static str)> {
    Some(match name {
        "list_tools" => (Capability::Tools, "tools/list"),
        "call_tool" => (Capability::Tools, "tools/call"),
        "list_resources" => (Capability::Resources, "resources/list"),
        "list_resource_templates" => (Capability::Resources, "resources/templates/list"),
        "read_resource" => (Capability::Resources, "resources/read"),
        "list_prompts" => (Capability::Prompts, "prompts/list"),
        "get_prompt" => (Capability::Prompts, "prompts/get"),
        "complete" => (Capability::Completions, "completion/complete"),
        "set_level" => (Capability::Logging, "logging/setLevel"),
        _ => return None,
    })
}

fn registrations(program: &Program<'_>, file: usize, class: &Class, server: &mut Server) {
    let module = program.units()[file].module;
    let mut seen = BTreeSet::new();
    for &id in &class.methods {
        let function = &module.functions[id];
        let Some((capability, method)) = function.name.as_deref().and_then(served) else { continue };
        // A tool may be called like a method of the trait.
        if attribute(&function.attributes, "tool").is_none() && takes_request(function) && seen.insert(method) {
            let place = program.place(file, function.name_span);
            server.registered.push(Registered { capability, method: Some(method), place });
        }
    }
    let generated = [
        ("tool_handler", Capability::Tools, ["tools/list", "tools/call"]),
        ("prompt_handler", Capability::Prompts, ["prompts/list", "prompts/get"]),
    ];
    for (name, capability, methods) in generated {
        let by = attribute(&class.attributes, name);
        let by = by.or_else(|| server_handler(class).filter(|_| capability == Capability::Tools));
        // Before there were handlers, `#[tool(tool_box)]` stood on both blocks.
        let by = by.or_else(|| attribute(&class.attributes, "tool").filter(|_| capability == Capability::Tools));
        if let Some(by) = by {
            for method in methods.into_iter().filter(|method| seen.insert(method)) {
                let place = program.place(file, by.span);
                server.registered.push(Registered { capability, method: Some(method), place });
            }
        }
    }
}

/// Methods of the trait have a request or a context beside `self`.
fn takes_request(function: &Function) -> bool {
    function.parameters.len() >= 2
}

/// Methods with `#[tool]`, in whatever `impl` block of the type.
fn tools(program: &Program<'_>, file: usize, class: &Class, server: &mut Server) {
    let module = program.units()[file].module;
    let mut add = |file: usize, function: &Function| {
        let Some(attribute) = attribute(&function.attributes, "tool") else { return };
        let call = attribute.call();
        let given = |keyword: &str| call.and_then(|call| call.keyword(keyword)).and_then(|e| Some((e.text()?, e.span)));
        let described = given("description").map(|(text, span)| (text.to_owned(), program.place(file, span)));
        let documented = function.documentation.as_ref();
        let documented = documented.map(|text| (text.value.clone(), program.place(file, text.span)));
        server.tools.push(Tool {
            name: given("name").map(|(name, _)| name.to_owned()).or_else(|| function.name.clone()),
            description: described.or(documented),
            place: program.place(file, function.name_span),
        });
    };
    class.methods.iter().for_each(|&id| add(file, &module.functions[id]));
    // Tools of the same type may stand in other files.
    for other in files(program, false).into_iter().filter(|&other| other != file) {
        let module = program.units()[other].module;
        for same in module.classes.iter().filter(|same| same.name == class.name && is_router(same)) {
            same.methods.iter().for_each(|&id| add(other, &module.functions[id]));
        }
    }
}

fn is_router(class: &Class) -> bool {
    attribute(&class.attributes, "tool_router").is_some() && class.fields.is_empty()
}

/// What `get_info` says; where there is none, what the macros generate.
fn announcement(program: &Program<'_>, file: usize, class: &Class, server: &mut Server) {
    let generated = attribute(&class.attributes, "tool_handler").is_some()
        || attribute(&class.attributes, "prompt_handler").is_some()
        || server_handler(class).is_some();
    match information(program, file, class) {
        Some(at) => said(program, at, server, 3),
        None if generated => (server.unregistered, server.undeclared) = (Mismatch::Impossible, Mismatch::Impossible),
        None => {}
    }
}

/// Without an announcement, a list of which nothing can be had and a log level that changes nothing serve nobody:
/// they answer clients that ask without looking.
fn drop_stubs(server: &mut Server, sets_level: bool) {
    let answers = |server: &Server, method| server.registered.iter().any(|it| it.method == Some(method));
    for (capability, used) in [
        (Capability::Resources, answers(server, "resources/read")),
        (Capability::Prompts, answers(server, "prompts/get")),
        (Capability::Logging, sets_level),
    ] {
        let announced = server.declared.iter().any(|declared| declared.capability == capability);
        if !announced && !used {
            server.registered.retain(|registered| registered.capability != capability);
        }
    }
}

/// Whether `set_level` keeps the level: it writes to a place, or stores into one.
fn sets_level(program: &Program<'_>, file: usize, class: &Class) -> bool {
    let functions = &program.units()[file].module.functions;
    let mut keeps = false;
    for function in class.methods.iter().map(|&id| &functions[id]) {
        if function.name.as_deref() == Some("set_level") {
            function.expressions(&mut |expression| {
                keeps |= match &expression.kind {
                    Kind::Assign(..) => true,
                    Kind::Call(call) => matches!(
                        &call.function.kind,
                        Kind::Member(_, method) if matches!(method.value.as_str(), "store" | "replace" | "reload" | "send")
                    ),
                    _ => false,
                };
            });
        }
    }
    keeps
}

/// The trait's `get_info`; a tool may have that name, too.
fn information(program: &Program<'_>, file: usize, class: &Class) -> Option<At> {
    let functions = &program.units()[file].module.functions;
    let own = class.methods.iter().copied().find(|&id| {
        let function = &functions[id];
        function.name.as_deref() == Some("get_info")
            && function.parameters.len() == 1
            && attribute(&function.attributes, "tool").is_none()
    });
    own.map(|function| At { file, function })
}

fn enabled(word: &str) -> Option<Capability> {
    Some(match word {
        "enable_tools" | "enable_tools_with" | "tools" => Capability::Tools,
        "enable_resources" | "enable_resources_with" | "resources" => Capability::Resources,
        "enable_prompts" | "enable_prompts_with" | "prompts" => Capability::Prompts,
        "enable_completions" | "enable_completions_with" | "completions" => Capability::Completions,
        "enable_logging" | "enable_logging_with" | "logging" => Capability::Logging,
        _ => return None,
    })
}

/// The capabilities that a function's body names, and those of the project's functions that it calls.
fn said(program: &Program<'_>, at: At, server: &mut Server, steps: usize) {
    let function = program.function_at(at);
    let mut further = Vec::new();
    let mut known = false;
    function.expressions(&mut |expression| match &expression.kind {
        Kind::Call(call) => {
            let word = word(call);
            if let Some(capability) = enabled(word).filter(|_| word.starts_with("enable_")) {
                let span = match &call.function.kind {
                    Kind::Member(_, name) => name.span,
                    _ => expression.span,
                };
                server.declared.push(Declared { capability, place: program.place(at.file, span) });
            }
            let function = path(program, at, &call.function);
            known |= word == "builder" || (word == "default" && function.contains("ServerCapabilities"));
            if function.ends_with("Implementation.new") {
                server.name = call.positional(0).and_then(|name| program.text(at, name));
            }
            match program.function(at, &call.function) {
                Some(target) if target != at => further.push(target),
                Some(_) => server.incomplete.push("another server's announcement is passed on".to_owned()),
                None if word == "get_info" => {
                    server.incomplete.push("another server's announcement is passed on".to_owned());
                }
                None => {}
            }
        }
        Kind::Assign(..) | Kind::Record(_) => known |= written(program, at, expression, server),
        _ => {}
    });
    further.sort_unstable();
    further.dedup();
    further.into_iter().filter(|_| steps > 0).for_each(|target| said(program, target, server, steps - 1));
    if !known && server.declared.is_empty() && steps == 3 && !defaults(function) {
        server.incomplete.push("what `get_info` announces is computed".to_owned());
    }
}

/// `capabilities.tools = Some(..)` and `ServerCapabilities { tools: Some(..), .. }`; whether it is one of them.
fn written<'a>(program: &Program<'a>, at: At, expression: &'a Expression, server: &mut Server) -> bool {
    match &expression.kind {
        Kind::Assign(target, value) => {
            let Kind::Member(object, name) = &target.kind else { return false };
            let named = object.name().is_some_and(|name| name.contains("capabilit"));
            let capability = enabled(&name.value).filter(|_| named && !matches!(value.kind, Kind::Null));
            let Some(capability) = capability else { return false };
            server.declared.push(Declared { capability, place: program.place(at.file, expression.span) });
            true
        }
        Kind::Record(record) => {
            let name = record.name.as_deref().map(|name| path(program, at, name)).unwrap_or_default();
            if last(&name) != "ServerCapabilities" {
                return false;
            }
            for entry in &record.entries {
                if let Entry::Field(key, value) = entry
                    && let Some(capability) = enabled(&key.value)
                    && !matches!(value.kind, Kind::Null)
                {
                    server.declared.push(Declared { capability, place: program.place(at.file, key.span) });
                }
            }
            true
        }
        _ => false,
    }
}

/// A body that speaks of no capability at all announces none.
fn defaults(function: &Function) -> bool {
    let mut speaks = false;
    function.expressions(&mut |expression| {
        let text = match &expression.kind {
            Kind::Name(name) => name.as_str(),
            Kind::Member(_, name) => name.value.as_str(),
            Kind::Record(record) => {
                speaks |= record.get("capabilities").is_some();
                return;
            }
            _ => return,
        };
        speaks |= text.to_lowercase().contains("capabilit") || text == "info";
    });
    !speaks
}
