//! Server objects of the official SDK, and servers that Spring and Quarkus put together from annotations.

use super::{
    super::{Capability, Declared, Facts, Mismatch, Registered, Server, Tool, builds::Build},
    Known, QUARKUS, SDK, SPRING, Scan, annotation,
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Site},
        syntax::{Expression, Kind, Span},
    },
};

/// Most steps from a builder's method to where the builder begins.
const MAX_STEPS: usize = 64;

/// Servers that are looked at: nobody writes more by hand.
const MOST: usize = 64;

/// A server and where it comes from.
pub(super) struct Made {
    /// Where the builder begins; nothing for servers of a framework.
    start: Option<(usize, Span)>,
    /// Its build's path: any file of it.
    path: String,
    /// Capabilities are said in so many words.
    says: bool,
    /// What is registered after the server was built.
    late: Vec<Capability>,
    pub(super) server: Server,
}

/// A framework that makes a server of annotated methods.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framework {
    Spring,
    Quarkus,
}

impl Framework {
    /// The one that a build file names and that sources use: what a parent gives all of its modules, some leave alone.
    pub(super) fn of(scan: &Scan<'_, '_>, build: &Build) -> Option<Self> {
        let used = |package: &str| build.closure.iter().any(|&file| scan.program.units()[file].text.contains(package));
        if build.needs(SPRING).is_some() && used("org.springframework") {
            Some(Self::Spring)
        } else {
            build.needs(QUARKUS).filter(|_| used("io.quark")).map(|_| Self::Quarkus)
        }
    }
}

/// Finds servers; gives where each stands.
pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) -> Vec<Place> {
    let mut made: Vec<Made> = scan.calls.iter().filter_map(|known| built(scan, known)).take(MOST).collect();
    for known in &scan.calls {
        configure(scan, known, &mut made);
    }
    for made in &mut made {
        settle(made);
    }
    for build in scan.builds.iter() {
        let own = |made: &Made| scan.builds.around(&made.path).is_some_and(|other| std::ptr::eq(other, build));
        match Framework::of(scan, build) {
            Some(framework) if !made.iter().any(own) => made.extend(framed(scan, build, framework)),
            _ => {}
        }
    }
    let places = made.iter().map(|made| made.server.place.clone()).collect();
    facts.servers.extend(made.into_iter().map(|made| made.server));
    places
}

fn server(place: Place, sdk: &str, version: Option<&str>, kind: &str) -> Server {
    Server {
        place,
        language: Language::Java,
        sdk: sdk.to_owned(),
        sdk_version: version.map(str::to_owned),
        kind: kind.to_owned(),
        name: None,
        declared: Vec::new(),
        registered: Vec::new(),
        tools: Vec::new(),
        unregistered: Mismatch::EmptyList,
        undeclared: Mismatch::Impossible,
        incomplete: Vec::new(),
    }
}

fn is_start(known: &Known<'_>) -> bool {
    known.is("McpServer.sync") || known.is("McpServer.async")
}

/// `McpServer.sync(transport)`
fn built(scan: &Scan<'_, '_>, known: &Known<'_>) -> Option<Made> {
    if !is_start(known) {
        return None;
    }
    let Site { at, span, .. } = known.site;
    let version = [SDK, "io.modelcontextprotocol.sdk:mcp-core", "io.modelcontextprotocol.sdk:mcp-bom"];
    let version = version.into_iter().find_map(|package| scan.program.version(scan.path(at), package));
    Some(Made {
        start: Some((at.file, span)),
        path: scan.path(at).to_owned(),
        says: false,
        late: Vec::new(),
        server: server(scan.place(at, span), SDK, version, "McpServer"),
    })
}

/// What a builder's method, or a method of the finished server, does to a server.
fn configure<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>, made: &mut [Made]) {
    let built = ["McpSyncServer()", "McpAsyncServer()", "McpStatelessSyncServer()", "McpStatelessAsyncServer()"];
    let builder = ["McpServer.sync().", "McpServer.async().", "Specification()."];
    let of_sdk = built.iter().chain(&builder).any(|part| known.symbol.contains(part));
    let Kind::Member(receiver, method) = &known.site.call.function.kind else { return };
    // A chain of methods begins where its builder does: the method's name is the place.
    let place = scan.place(known.site.at, method.span);
    let method = method.value.as_str();
    let capability = match method {
        "tools" | "toolCall" | "addTool" => Some(Capability::Tools),
        "resources" | "resourceTemplates" | "addResource" | "addResourceTemplate" => Some(Capability::Resources),
        "prompts" | "addPrompt" => Some(Capability::Prompts),
        "completions" | "addCompletion" => Some(Capability::Completions),
        "serverInfo" | "capabilities" => None,
        _ => return,
    };
    if !of_sdk || known.symbol.contains("ServerCapabilities") {
        return;
    }
    let found = owners(scan, known.site.at, receiver, made);
    let doubtful = found.len() > 1;
    for index in found {
        let made = &mut made[index];
        if doubtful {
            made.server.incomplete.push("a registration may belong to another server".to_owned());
        }
        match (capability, method) {
            (Some(capability), _) => {
                made.server.registered.push(Registered { capability, method: None, place: place.clone() });
                if method.starts_with("add") {
                    made.late.push(capability);
                }
            }
            (None, "serverInfo") => {
                let name = known.site.call.positional(0);
                made.server.name = name.and_then(|name| scan.program.text(known.site.at, name));
            }
            _ => {
                made.says = true;
                declared(scan, known, &mut made.server);
            }
        }
    }
}

/// The servers that a receiver may be: the one whose builder it begins with, else those of its build.
fn owners<'a>(scan: &Scan<'_, 'a>, at: At, receiver: &'a Expression, made: &[Made]) -> Vec<usize> {
    if let Some(start) = start(scan, at, receiver) {
        let exact = made.iter().position(|made| made.start == Some(start));
        if let Some(index) = exact {
            return vec![index];
        }
    }
    let build = scan.builds.around(scan.path(at));
    let same = |made: &Made| match (scan.builds.around(&made.path), build) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        _ => true,
    };
    let own: Vec<usize> = (0..made.len()).filter(|&index| same(&made[index])).collect();
    if own.is_empty() && made.len() == 1 { vec![0] } else { own }
}

/// Where the builder begins that an expression is made of.
fn start<'a>(scan: &Scan<'_, 'a>, at: At, expression: &'a Expression) -> Option<(usize, Span)> {
    let (mut at, mut expression) = (at, expression);
    for _ in 0..MAX_STEPS {
        match &expression.kind {
            Kind::Call(call) => {
                let symbol = scan.program.symbol(at, &call.function).unwrap_or_default();
                let known = Known { site: Site { at, call, span: expression.span }, symbol };
                if is_start(&known) {
                    return Some((at.file, expression.span));
                }
                let Kind::Member(object, _) = &call.function.kind else { return None };
                expression = object;
            }
            Kind::Name(_) | Kind::Member(..) => {
                let (next_at, next) = scan.program.origin(at, expression);
                if std::ptr::eq(next, expression) {
                    return None;
                }
                (at, expression) = (next_at, next);
            }
            _ => return None,
        }
    }
    None
}

/// `.capabilities(ServerCapabilities.builder().tools(true).build())`
fn declared<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>, server: &mut Server) {
    let Some(value) = known.site.call.positional(0) else { return };
    let (at, mut expression) = scan.program.origin(known.site.at, value);
    let mut begins = false;
    for _ in 0..MAX_STEPS {
        let Kind::Call(call) = &expression.kind else { break };
        let Kind::Member(object, method) = &call.function.kind else { break };
        let capability = match method.value.as_str() {
            "tools" => Some(Capability::Tools),
            "resources" => Some(Capability::Resources),
            "prompts" => Some(Capability::Prompts),
            "logging" => Some(Capability::Logging),
            "completions" => Some(Capability::Completions),
            _ => None,
        };
        begins |= method.value == "builder";
        if let Some(capability) = capability {
            server.declared.push(Declared { capability, place: scan.place(at, method.span) });
        }
        expression = object;
    }
    if !begins {
        server.incomplete.push("capabilities are not written down".to_owned());
    }
}

/// What the SDK makes of what was said and registered.
fn settle(made: &mut Made) {
    let server = &mut made.server;
    let declares = |server: &Server, capability| server.declared.iter().any(|one| one.capability == capability);
    if !made.says {
        // What the builder was given is announced without a word; what comes later is refused.
        let early: Vec<Registered> =
            server.registered.iter().filter(|one| !made.late.contains(&one.capability)).cloned().collect();
        for one in early.into_iter().filter(|one| one.capability != Capability::Completions) {
            server.declared.push(Declared { capability: one.capability, place: one.place });
        }
    }
    let undeclared: Vec<Capability> =
        server.registered.iter().map(|one| one.capability).filter(|&one| !declares(server, one)).collect();
    let all_late = undeclared.iter().all(|capability| made.late.contains(capability));
    server.undeclared = match undeclared.is_empty() {
        true => Mismatch::Impossible,
        false if all_late => Mismatch::FailsAtStart,
        false => Mismatch::Hidden,
    };
    // The SDK answers these by itself.
    for capability in [Capability::Logging, Capability::Completions] {
        let place = server.declared.iter().find(|one| one.capability == capability).map(|one| one.place.clone());
        server.registered.extend(place.map(|place| Registered { capability, method: None, place }));
    }
    server.incomplete.sort();
    server.incomplete.dedup();
}

/// The server that a framework makes of a build's annotated methods.
fn framed(scan: &Scan<'_, '_>, build: &Build, framework: Framework) -> Option<Made> {
    let (dependency, sdk, kind) = match framework {
        Framework::Spring => (build.needs(SPRING)?, "org.springframework.ai:spring-ai-starter-mcp-server", "Spring AI"),
        Framework::Quarkus => (build.needs(QUARKUS)?, "io.quarkiverse.mcp:quarkus-mcp-server", "Quarkus"),
    };
    let of = |package| scan.program.version(&dependency.path, package);
    let version = of(sdk).or_else(|| of("org.springframework.ai:spring-ai-bom"));
    let mut server = server(dependency.clone(), sdk, version, kind);
    server.unregistered = Mismatch::Impossible;
    for (at, attribute, capability) in offered(scan, build) {
        let place = scan.place(at, scan.program.function_at(at).name_span);
        if capability == Capability::Tools {
            server.tools.push(tool(scan, at, attribute, place.clone()));
        }
        server.registered.push(Registered { capability, method: None, place });
    }
    let named = ["spring.ai.mcp.server.name", "quarkus.mcp.server.serverinfo.name"];
    let named = named.iter().find_map(|key| build.setting(key));
    server.name = named.map(|setting| setting.value.clone()).filter(|name| !name.contains('$'));
    let runs = scan.calls.iter().find(|known| {
        build.files.contains(&known.site.at.file)
            && (known.is("SpringApplication.run") || known.is("Quarkus.run") || known.is("SpringApplicationBuilder"))
    });
    if let Some(known) = runs {
        server.place = scan.place(known.site.at, known.site.span);
    } else if let Some(first) = server.registered.first() {
        server.place = first.place.clone();
    }
    // A library that others build servers with.
    if runs.is_none() && server.registered.is_empty() {
        return None;
    }
    Some(Made { start: None, path: server.place.path.clone(), says: false, late: Vec::new(), server })
}

/// Annotated methods that a framework offers to clients.
pub(super) fn offered<'a>(scan: &Scan<'_, 'a>, build: &Build) -> Vec<(At, &'a Expression, Capability)> {
    let mut found = Vec::new();
    for &file in &build.files {
        for (function, definition) in scan.program.units()[file].module.functions.iter().enumerate() {
            for attribute in &definition.attributes {
                let capability = match annotation(attribute) {
                    "Tool" | "McpTool" => Capability::Tools,
                    "Prompt" | "McpPrompt" => Capability::Prompts,
                    "Resource" | "ResourceTemplate" | "McpResource" => Capability::Resources,
                    "McpComplete" | "CompletePrompt" | "CompleteResourceTemplate" => Capability::Completions,
                    _ => continue,
                };
                found.push((At { file, function }, attribute, capability));
            }
        }
    }
    found
}

fn tool<'a>(scan: &Scan<'_, 'a>, at: At, attribute: &'a Expression, place: Place) -> Tool {
    let text = |key: &str| {
        let value = attribute.call()?.keyword(key)?;
        Some((scan.program.text(at, value)?, scan.place(at, value.span)))
    };
    let name = text("name").map(|(name, _)| name).or_else(|| scan.program.function_at(at).name.clone());
    Tool { name, description: text("description"), place }
}
