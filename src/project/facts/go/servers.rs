//! Server objects, what they announce and what is registered on them.

use std::collections::BTreeSet;

use super::{
    super::{Capability, Declared, Facts, Mismatch, Registered, Server, Tool, strength::older},
    GO_SDK, Known, MCP_GO, Scan, written,
};
use crate::project::{
    Language,
    program::{At, Site},
    syntax::{Expression, Kind, Record, Span},
};

struct Made {
    at: At,
    span: Span,
    server: Server,
}

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let mut made: Vec<Made> = scan.calls.iter().filter_map(|known| server(scan, known)).collect();
    for known in &scan.calls {
        if let Some((receiver, capability, tool)) = registration(scan, known) {
            attach(scan, &mut made, known.site, receiver, capability, tool);
        }
        for (receiver, capability) in handed(scan, known.site) {
            attach(scan, &mut made, known.site, receiver, capability, None);
        }
        facts.stdio.extend(stdio(scan, known));
        if known.symbol.contains("/client.New") && known.symbol.starts_with(MCP_GO)
            || known.symbol == format!("{GO_SDK}/mcp.NewClient")
        {
            facts.clients.push(scan.program.place(known.site.at.file, known.site.span));
        }
    }
    transports(scan, facts);
    for made in &mut made {
        // The SDKs answer `logging/setLevel` themselves; mcp-go does so since this version.
        let early = made.server.sdk == MCP_GO && older(made.server.sdk_version.as_deref(), [0, 28, 0]) == Some(true);
        let logging = made.server.declared.iter().find(|declared| declared.capability == Capability::Logging);
        if let Some(place) = logging.filter(|_| !early).map(|declared| declared.place.clone()) {
            made.server.registered.push(Registered { capability: Capability::Logging, method: None, place });
        }
        made.server.incomplete.sort();
        made.server.incomplete.dedup();
    }
    facts.servers.extend(made.into_iter().map(|made| made.server));
}

fn server<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<Made> {
    let Site { at, call, span } = known.site;
    let official = known.symbol == format!("{GO_SDK}/mcp.NewServer");
    if !official && known.symbol != format!("{MCP_GO}/server.NewMCPServer") {
        return None;
    }
    let sdk = if official { GO_SDK } else { MCP_GO };
    let mut server = Server {
        place: scan.program.place(at.file, span),
        language: Language::Go,
        sdk: sdk.to_owned(),
        sdk_version: scan.program.version(scan.program.units()[at.file].path, sdk).map(str::to_owned),
        kind: written(call).to_owned(),
        name: None,
        declared: Vec::new(),
        registered: Vec::new(),
        tools: Vec::new(),
        // Lists of what is announced without a registration are empty; registrations announce themselves.
        unregistered: Mismatch::EmptyList,
        undeclared: Mismatch::Impossible,
        incomplete: Vec::new(),
    };
    let first = call.positional(0);
    if official {
        server.name = first.and_then(|info| {
            let (owner, info) = scan.program.value(at, info);
            scan.program.text(owner, info.record()?.get("Name")?)
        });
        if let Some(options) = call.positional(1) {
            official_options(scan, at, options, &mut server);
        }
    } else {
        server.name = first.and_then(|name| scan.program.text(at, name));
        for argument in call.arguments.iter().skip(2) {
            option(scan, at, &argument.value, &mut server);
        }
    }
    Some(Made { at, span, server })
}

/// `server.WithToolCapabilities(true)` and its like, also in a slice that is spread.
fn option<'a>(scan: &Scan<'_, 'a>, at: At, value: &'a Expression, server: &mut Server) {
    let inner = if let Kind::Spread(inner) = &value.kind { inner } else { value };
    let mut known = false;
    for (owner, origin) in scan.program.origins(at, inner) {
        match &origin.kind {
            Kind::Call(call) => {
                known = true;
                let capability = match written(call) {
                    "WithToolCapabilities" => Some(Capability::Tools),
                    "WithResourceCapabilities" => Some(Capability::Resources),
                    "WithPromptCapabilities" => Some(Capability::Prompts),
                    "WithLogging" => Some(Capability::Logging),
                    "WithCompletions" => Some(Capability::Completions),
                    _ => None,
                };
                let place = scan.place(owner, origin);
                if written(call).ends_with("CompletionProvider") {
                    let capability = Capability::Completions;
                    server.registered.push(Registered { capability, method: None, place: place.clone() });
                }
                server.declared.extend(capability.map(|capability| Declared { capability, place }));
            }
            Kind::List(items) => {
                known = true;
                items.iter().for_each(|item| option(scan, owner, item, server));
            }
            _ => {}
        }
    }
    if !known {
        server.incomplete.push("the server's options are computed".to_owned());
    }
}

/// `&mcp.ServerOptions{ HasTools: true, Capabilities: &mcp.ServerCapabilities{..} }`
fn official_options<'a>(scan: &Scan<'_, 'a>, at: At, options: &'a Expression, server: &mut Server) {
    let mut known = false;
    for (owner, origin) in scan.program.origins(at, options) {
        let Some(record) = origin.record() else {
            known |= matches!(origin.kind, Kind::Null);
            continue;
        };
        known = true;
        for (key, capability) in [
            ("HasTools", Capability::Tools),
            ("HasResources", Capability::Resources),
            ("HasPrompts", Capability::Prompts),
        ] {
            if let Some(value) = record.get(key)
                && matches!(value.kind, Kind::Boolean(true))
            {
                server.declared.push(Declared { capability, place: scan.place(owner, value) });
            }
        }
        if let Some(handler) = record.get("CompletionHandler") {
            let place = scan.place(owner, handler);
            server.registered.push(Registered { capability: Capability::Completions, method: None, place });
        }
        if let Some(capabilities) = record.get("Capabilities") {
            let (owner, value) = scan.program.value(owner, capabilities);
            match value.record() {
                Some(record) => capability_fields(scan, owner, record, server),
                None => server.incomplete.push("capabilities are not written down".to_owned()),
            }
        }
    }
    if !known {
        server.incomplete.push("the server's options are computed".to_owned());
    }
}

fn capability_fields<'a>(scan: &Scan<'_, 'a>, at: At, record: &'a Record, server: &mut Server) {
    use Capability::{Completions, Logging, Prompts, Resources, Tools};
    let keys = [
        ("Tools", Tools),
        ("Resources", Resources),
        ("Prompts", Prompts),
        ("Logging", Logging),
        ("Completions", Completions),
    ];
    for (key, capability) in keys {
        if let Some(value) = record.get(key).filter(|value| !matches!(value.kind, Kind::Null)) {
            server.declared.push(Declared { capability, place: scan.place(at, value) });
        }
    }
}

/// A registration: the server, what is registered, and the tool.
fn registration<'a>(
    scan: &Scan<'_, 'a>,
    known: &Known<'a>,
) -> Option<(&'a Expression, Capability, Option<&'a Expression>)> {
    let call = known.site.call;
    let capability = registers(written(call))?;
    if known.symbol == format!("{GO_SDK}/mcp.AddTool") {
        return Some((call.positional(0)?, capability, call.positional(1)));
    }
    let Kind::Member(receiver, _) = &call.function.kind else { return None };
    // What is for one session is named after it.
    let named = usize::from(written(call).starts_with("AddSession"));
    is_server(scan, known.site.at, receiver).then(|| (&**receiver, capability, call.positional(named)))
}

/// What a method of a server registers.
fn registers(method: &str) -> Option<Capability> {
    Some(match method {
        "AddTool" | "AddTools" | "SetTools" | "AddSessionTool" | "AddSessionTools" => Capability::Tools,
        "AddResource"
        | "AddResources"
        | "SetResources"
        | "AddResourceTemplate"
        | "AddResourceTemplates"
        | "AddSessionResource"
        | "AddSessionResources"
        | "AddSessionResourceTemplate"
        | "AddSessionResourceTemplates" => Capability::Resources,
        "AddPrompt" | "AddPrompts" | "SetPrompts" => Capability::Prompts,
        _ => return None,
    })
}

/// `apply(items, server.AddTool)`: a method handed over registers where it is called.
fn handed<'a>(scan: &Scan<'_, 'a>, site: Site<'a>) -> Vec<(&'a Expression, Capability)> {
    let arguments = site.call.arguments.iter().filter_map(|argument| {
        let Kind::Member(receiver, method) = &argument.value.kind else { return None };
        let capability = registers(&method.value)?;
        is_server(scan, site.at, receiver).then_some((&**receiver, capability))
    });
    arguments.collect()
}

fn is_server<'a>(scan: &Scan<'_, 'a>, at: At, receiver: &'a Expression) -> bool {
    let Some(symbol) = scan.program.symbol(at, receiver) else { return false };
    let sdk = symbol.starts_with(MCP_GO) || symbol.starts_with(GO_SDK);
    sdk && ["NewMCPServer()", "MCPServer()", "NewServer()", "mcp.Server()"].iter().any(|end| symbol.ends_with(end))
}

fn attach<'a>(
    scan: &Scan<'_, 'a>,
    made: &mut [Made],
    site: Site<'a>,
    receiver: &'a Expression,
    capability: Capability,
    tool: Option<&'a Expression>,
) {
    let at = site.at;
    let origins = scan.program.origins(at, receiver);
    let is = |made: &Made| origins.iter().any(|(owner, origin)| owner.file == made.at.file && origin.span == made.span);
    let certain: BTreeSet<usize> = (0..made.len()).filter(|&index| is(&made[index])).collect();
    let doubtful = certain.is_empty();
    let candidates: Vec<usize> = if doubtful {
        // One server: whatever is registered is registered there. Several: those of the files around.
        let only = made.len() == 1;
        (0..made.len()).filter(|&index| only || scan.related(made[index].at.file, at.file)).collect()
    } else {
        certain.into_iter().collect()
    };
    let doubtful = doubtful && candidates.len() > 1;
    let place = scan.program.place(at.file, site.span);
    for index in candidates {
        let server = &mut made[index].server;
        server.registered.push(Registered { capability, method: None, place: place.clone() });
        if capability == Capability::Tools {
            server.tools.push(described(scan, at, tool, place.clone()));
        }
        if doubtful {
            server.incomplete.push("a registration may belong to another server".to_owned());
        }
    }
}

/// `mcp.NewTool("name", mcp.WithDescription(".."))`, `&mcp.Tool{ Name: .., Description: .. }`
fn described<'a>(scan: &Scan<'_, 'a>, at: At, tool: Option<&'a Expression>, place: crate::finding::Place) -> Tool {
    let mut found = Tool { name: None, description: None, place };
    let Some(tool) = tool else { return found };
    for (owner, origin) in scan.program.origins(at, tool) {
        let text = |value: &'a Expression| Some((scan.program.text(owner, value)?, scan.place(owner, value)));
        match &origin.kind {
            Kind::Call(call) if written(call) == "NewTool" => {
                found.name = call.positional(0).and_then(|name| scan.program.text(owner, name));
                let options = call.arguments.iter().skip(1).filter_map(|argument| argument.value.call());
                let mut options = options.filter(|option| written(option) == "WithDescription");
                found.description = options.find_map(|option| text(option.positional(0)?));
            }
            Kind::Record(record) => {
                found.name = record.get("Name").and_then(|name| scan.program.text(owner, name));
                found.description = record.get("Description").and_then(text);
            }
            _ => {}
        }
    }
    found
}

/// `server.ServeStdio(s)`, `server.NewStdioServer(s)`, `mcp.NewStdioTransport()`
fn stdio(scan: &Scan<'_, '_>, known: &Known<'_>) -> Option<crate::finding::Place> {
    let served = known.symbol == format!("{MCP_GO}/server.ServeStdio")
        || known.symbol == format!("{MCP_GO}/server.NewStdioServer")
        || known.symbol == format!("{GO_SDK}/mcp.NewStdioTransport");
    served.then(|| scan.program.place(known.site.at.file, known.site.span))
}

/// `&mcp.StdioTransport{}`, `&mcp.IOTransport{..}`
fn transports(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for &file in &scan.files {
        scan.program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            let Kind::Record(Record { name: Some(name), .. }) = &expression.kind else { return };
            let symbol = scan.program.symbol(at, name).unwrap_or_default();
            if symbol == format!("{GO_SDK}/mcp.StdioTransport") || symbol == format!("{GO_SDK}/mcp.IOTransport") {
                facts.stdio.push(scan.place(at, expression));
            }
        });
    }
}
