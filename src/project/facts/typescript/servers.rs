//! Server objects: what is constructed, announced and registered, and what belongs together.

use std::collections::BTreeSet;

use super::{
    super::{Capability, Facts, Mismatch, Registered, Server, Tool, json_rpc},
    Known, Scan,
    capabilities::Read,
    registrations::Registration,
    sdk,
};
use crate::project::{
    Language,
    program::{At, Site, Thing},
    syntax::{Expression, Kind},
};

/// A server and the expression that makes it.
struct Made<'a> {
    at: At,
    /// The construction: registrations are matched by it.
    span: crate::project::syntax::Span,
    /// A project's class that extends the SDK's: `this` is the server.
    class: Option<(usize, usize)>,
    server: Server,
    low_level: bool,
    call: Option<Site<'a>>,
}

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let mut made = constructed(scan);
    let registrations: Vec<_> = scan.calls.iter().flat_map(|known| scan.registrations(known)).collect();
    for registration in registrations {
        attach(scan, &mut made, registration);
    }
    for made in &mut made {
        beyond(scan, made);
    }
    made.sort_by_key(|made| (made.at.file, made.span.start));
    for mut made in made {
        complete(scan, &mut made);
        facts.servers.push(made.server);
    }
    by_hand(scan, facts);
    stdio(scan, facts);
}

fn constructed<'a>(scan: &Scan<'_, 'a>) -> Vec<Made<'a>> {
    let mut made = Vec::new();
    for known in &scan.calls {
        let call = known.site.call;
        if let Some(kind) = known.symbol.as_deref().filter(|_| call.construction).and_then(sdk::Kind::of) {
            made.push(server(scan, known, &kind, None));
        } else if call.function.name() == Some("super")
            && let Some(class) = scan.program.function_at(known.site.at).class
            && let Some(kind) = base_kind(scan, known.site.at.file, class)
        {
            made.push(server(scan, known, &kind, Some((known.site.at.file, class))));
        }
    }
    made
}

/// The SDK's server that a class of the project extends.
fn base_kind(scan: &Scan<'_, '_>, file: usize, class: usize) -> Option<sdk::Kind> {
    let module = scan.program.units()[file].module;
    let base = module.classes[class].bases.first()?;
    let import = module.imports.iter().find(|import| import.local == base.name)?;
    sdk::Kind::of(&format!("{}.{}", import.module, import.name.as_deref().unwrap_or_default()))
}

fn server<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>, kind: &sdk::Kind, class: Option<(usize, usize)>) -> Made<'a> {
    let Site { at, call, span } = known.site;
    let version = scan.program.version(scan.program.units()[at.file].path, &kind.sdk).map(str::to_owned);
    let (unregistered, undeclared) = kind.mismatches(version.as_deref());
    let mut read = Read::default();
    if let Some(options) = call.positional(1).filter(|_| kind.is_official()) {
        scan.options(at, options, &mut read);
    } else if call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_))) {
        read.incomplete.push("the server's arguments are computed".to_owned());
    }
    let name = call.positional(0).and_then(|info| named(scan, at, info));
    let server = Server {
        place: scan.program.place(at.file, span),
        language: Language::TypeScript,
        sdk: kind.sdk.clone(),
        sdk_version: version,
        kind: kind.name.clone(),
        name,
        declared: read.declared,
        registered: Vec::new(),
        tools: Vec::new(),
        unregistered,
        undeclared,
        incomplete: read.incomplete,
    };
    Made { at, span, class, server, low_level: kind.low_level, call: Some(known.site) }
}

fn named<'a>(scan: &Scan<'_, 'a>, at: At, info: &'a Expression) -> Option<String> {
    let (owner, value) = scan.program.value(at, info);
    match value.record() {
        Some(record) => scan.program.text(owner, record.get("name")?),
        None => scan.program.text(owner, value),
    }
}

/// Gives a registration to the server that it is made on; to all that it may be made on where that is not certain.
fn attach<'a>(scan: &Scan<'_, 'a>, made: &mut [Made<'a>], registration: Registration<'a>) {
    let certain: BTreeSet<usize> =
        registration.receiver.map(|receiver| receivers(scan, made, registration.at, receiver)).unwrap_or_default();
    let candidates: Vec<usize> = if certain.is_empty() {
        (0..made.len()).filter(|&index| scan.related(made[index].at.file, registration.at.file)).collect()
    } else {
        certain.iter().copied().collect()
    };
    let doubtful = certain.is_empty() && candidates.len() > 1;
    for index in candidates {
        let server = &mut made[index].server;
        server.registered.extend(registration.registered.clone());
        server.tools.extend(registration.tool.clone());
        server.incomplete.extend(registration.incomplete.clone());
        if doubtful {
            server.incomplete.push("a registration may belong to another server".to_owned());
        }
    }
}

/// The servers that an expression may be.
fn receivers<'a>(scan: &Scan<'_, 'a>, made: &[Made<'a>], at: At, receiver: &'a Expression) -> BTreeSet<usize> {
    let origins = scan.program.origins(at, receiver);
    let of = |owner: At, origin: &'a Expression| {
        made.iter().position(|made| match made.class {
            Some((file, class)) => {
                let is_this = matches!(origin.name(), Some("this" | "super"));
                let inside = scan.around(owner).any(|f| scan.program.function_at(f).class == Some(class));
                let instance = matches!(scan.program.thing(owner, origin),
                    Some(Thing::Instance(f, c)) if (f, c) == (file, class));
                (is_this && inside && owner.file == file) || instance
            }
            None => made.at.file == owner.file && made.span == origin.span,
        })
    };
    origins.into_iter().filter_map(|(owner, origin)| of(owner, origin)).collect()
}

/// What else tells that registrations cannot be listed: a fallback handler, a library that receives the server.
fn beyond<'a>(scan: &Scan<'_, 'a>, made: &mut Made<'a>) {
    let related: Vec<usize> = scan.files.iter().copied().filter(|&file| scan.related(made.at.file, file)).collect();
    for &file in &related {
        scan.program.units()[file].expressions(&mut |_, expression| {
            if let Kind::Assign(target, _) = &expression.kind
                && let Kind::Member(_, name) = &target.kind
                && name.value == "fallbackRequestHandler"
            {
                made.server.incomplete.push("a fallback handler answers every other method".to_owned());
            }
        });
    }
    for known in scan.calls.iter().filter(|known| related.contains(&known.site.at.file)) {
        receives(scan, known, made);
        declares(scan, known, made);
    }
}

/// A library's function that takes the server may register anything.
fn receives<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>, made: &mut Made<'a>) {
    let symbol = known.symbol();
    let package = sdk::package(symbol);
    let quiet = symbol.is_empty()
        || package.starts_with("@modelcontextprotocol")
        || symbol.contains("()")
        || matches!(package.split('.').next(), Some("console" | "process" | "Promise" | "Object" | "JSON" | "Array"))
        || matches!(symbol, "setTimeout" | "setInterval" | "String" | "Boolean" | "super");
    if quiet
        || !symbol.contains(['/', '.']) && scan.program.function(known.site.at, &known.site.call.function).is_some()
    {
        return;
    }
    let takes_server = known.site.call.arguments.iter().any(|argument| {
        matches!(argument.value.kind, Kind::Name(_) | Kind::Member(..))
            && scan.server_kind(known.site.at, &argument.value).is_some()
    });
    // A name that nothing binds is a global of the platform, not a library.
    if takes_server && symbol.contains(['/', '.']) {
        made.server.incomplete.push(format!("`{}` of `{package}` receives the server", known.written()));
    }
}

/// `server.registerCapabilities({..})`
fn declares<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>, made: &mut Made<'a>) {
    if known.written() != "registerCapabilities" {
        return;
    }
    let Kind::Member(receiver, _) = &known.site.call.function.kind else { return };
    let Some(value) = known.site.call.positional(0) else { return };
    if scan.server_kind(known.site.at, receiver).is_some() {
        let mut read = Read::default();
        scan.capabilities(known.site.at, value, &mut read, 4);
        made.server.declared.extend(read.declared);
        made.server.incomplete.extend(read.incomplete);
    }
}

/// What SDKs add on their own, and tools of low-level servers.
fn complete<'a>(scan: &Scan<'_, 'a>, made: &mut Made<'a>) {
    let needs = scan.program.needs(made.at.file);
    let server = &mut made.server;
    // The SDK answers `logging/setLevel` where logging is declared.
    let logging = server.declared.iter().find(|declared| declared.capability == Capability::Logging);
    if let (Some(logging), Some(_)) = (logging, made.call) {
        let place = logging.place.clone();
        server.registered.push(Registered { capability: Capability::Logging, method: None, place });
    }
    // Completion follows from templates and arguments that complete.
    let completes = scan.calls.iter().find(|known| {
        let last = known.last();
        (last == "completable" || last == "ResourceTemplate") && scan.related(made.at.file, known.site.at.file)
    });
    if let (Some(known), false) = (completes, made.low_level) {
        let place = scan.program.place(known.site.at.file, known.site.span);
        server.registered.push(Registered { capability: Capability::Completions, method: None, place });
    }
    if made.low_level || made.call.is_none() {
        for &file in needs.iter().filter(|file| scan.files.contains(file)) {
            server.tools.extend(listed_tools(scan, file));
        }
    }
    server.incomplete.sort();
    server.incomplete.dedup();
    let mut seen = BTreeSet::new();
    server.declared.retain(|declared| {
        seen.insert((declared.capability.name(), (declared.place.path.clone(), declared.place.start)))
    });
    server.declared.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    server.registered.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
}

/// Records that look like entries of a `tools/list` answer.
fn listed_tools(scan: &Scan<'_, '_>, file: usize) -> Vec<Tool> {
    let mut tools = Vec::new();
    scan.program.units()[file].expressions(&mut |function, expression| {
        let Kind::Record(record) = &expression.kind else { return };
        if record.get("inputSchema").is_none() {
            return;
        }
        let at = At { file, function };
        let Some(name) = record.get("name") else { return };
        let description = record.get("description").and_then(|d| Some((scan.program.text(at, d)?, scan.place(at, d))));
        tools.push(Tool { name: scan.program.text(at, name), description, place: scan.place(at, expression) });
    });
    tools
}

/// Servers on JSON-RPC without an SDK, where no server of an SDK answers in the same file.
fn by_hand(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let known: BTreeSet<String> = facts.servers.iter().map(|server| server.place.path.clone()).collect();
    let before = facts.servers.len();
    json_rpc::add(scan.program, Language::TypeScript, facts);
    let mut found = facts.servers.split_off(before);
    found.retain(|server| !known.contains(&server.place.path));
    for server in &mut found {
        // Proxies compare names of methods that they do not answer themselves.
        server.undeclared = Mismatch::Impossible;
        server.incomplete.push("the server is written by hand on JSON-RPC".to_owned());
    }
    facts.servers.append(&mut found);
}

/// Where a server is put on standard input and output.
fn stdio(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for known in &scan.calls {
        let (symbol, last) = (known.symbol(), known.last());
        let construction = known.site.call.construction
            && matches!(last, "StdioServerTransport" | "StdioTransport" | "StdIoServerTransport")
            && sdk::is_sdk(symbol);
        let extended = known.site.call.construction
            && matches!(scan.program.thing(known.site.at, &known.site.call.function),
                Some(Thing::Class(file, class)) if extends_stdio(scan, file, class));
        let served = symbol.starts_with("@modelcontextprotocol/server") && last == "serveStdio";
        if construction || extended || served || starts_on_stdio(scan, known) {
            facts.stdio.push(scan.program.place(known.site.at.file, known.site.span));
        }
    }
}

/// Whether a class of the project extends the SDK's transport for stdio.
fn extends_stdio(scan: &Scan<'_, '_>, file: usize, class: usize) -> bool {
    let module = scan.program.units()[file].module;
    let Some(base) = module.classes[class].bases.first() else { return false };
    base.name == "StdioServerTransport"
        && module.imports.iter().any(|import| import.local == base.name && sdk::is_sdk(&import.module))
}

/// `new FastMCP(..).start()` and the like: stdio unless told otherwise.
fn starts_on_stdio<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> bool {
    let Kind::Member(receiver, method) = &known.site.call.function.kind else { return false };
    if method.value != "start" {
        return false;
    }
    let Some(kind) = scan.server_kind(known.site.at, receiver).filter(|kind| !kind.is_official()) else { return false };
    if !matches!(kind.sdk.as_str(), "fastmcp" | "mcp-framework" | "litemcp") {
        return false;
    }
    let Some(options) = known.site.call.positional(0) else {
        // Without options here, the construction may name a transport.
        return !scan.program.origins(known.site.at, receiver).iter().any(|(owner, origin)| {
            let first = origin.call().and_then(|call| call.positional(0));
            let options = first.map(|first| scan.program.value(*owner, first).1);
            options.and_then(Expression::record).is_some_and(|options| options.get("transport").is_some())
        });
    };
    let (owner, value) = scan.program.value(known.site.at, options);
    let transport = value.record().and_then(|record| record.get("transportType"));
    transport.is_none_or(|transport| scan.program.text(owner, transport).is_none_or(|text| text == "stdio"))
}
