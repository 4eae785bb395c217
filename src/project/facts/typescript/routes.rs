//! From a transport to the routes that lead to it, and to what stands before it.

use std::collections::BTreeSet;

use super::{
    super::{Facts, Network, Protection, json_rpc},
    Scan,
    judge::Verdict,
    sdk,
};
use crate::project::{
    program::{At, Site},
    syntax::{Expression, Kind, Pattern, Span, Statement, Type},
};

/// Functions visited on the way up from a transport.
const MAX_FUNCTIONS: usize = 64;

/// Where MCP meets HTTP.
#[derive(Debug)]
pub(super) struct Transport<'a> {
    pub(super) at: At,
    pub(super) span: Span,
    pub(super) network: Network,
    /// What the SDK's transport is told of Host and Origin.
    pub(super) options: Option<&'a Expression>,
    /// The SDK checks nothing there and takes no options for it.
    pub(super) official: bool,
}

/// What stands before a transport.
#[derive(Debug, Default)]
pub(super) struct Way<'a> {
    /// Routes that lead to it.
    pub(super) routes: Vec<Site<'a>>,
    /// Handlers, and what they call on the way.
    pub(super) handlers: BTreeSet<At>,
    /// Further arguments of routes, and what is mounted before them; the last says that a condition decides.
    pub(super) before: Vec<(At, &'a Expression, bool)>,
}

impl<'a> Scan<'_, 'a> {
    pub(super) fn transports(&self, facts: &Facts) -> Vec<Transport<'a>> {
        let mut transports = Vec::new();
        for known in &self.calls {
            let Site { at, call, span } = known.site;
            let agents = known.symbol().starts_with("agents/mcp");
            if !(sdk::is_sdk(known.symbol()) || agents) || known.symbol().contains("client") {
                continue;
            }
            let (network, options) = match known.last() {
                "StreamableHTTPServerTransport"
                | "NodeStreamableHTTPServerTransport"
                | "WebStandardStreamableHTTPServerTransport"
                | "StreamableHTTPTransport" => (Network::Http, call.positional(0)),
                "SSEServerTransport" => (Network::Sse, call.positional(2)),
                "WebSocketServerTransport" => (Network::WebSocket, None),
                "createMcpHandler" => (Network::Http, None),
                // Cloudflare's agents: a class of the project that extends `McpAgent`.
                "serve" if agents => (Network::Http, None),
                "serveSSE" | "mount" if agents => (Network::Sse, None),
                _ => continue,
            };
            let official = known.symbol().starts_with("@modelcontextprotocol/");
            transports.push(Transport { at, span, network, options, official });
        }
        for server in facts.servers.iter().filter(|server| server.kind == json_rpc::KIND) {
            let span = Span::new(server.place.start, server.place.end);
            let file = self.files.iter().copied().find(|&file| self.program.units()[file].path == server.place.path);
            let at = file.and_then(|file| self.innermost(file, span));
            transports.extend(at.map(|at| Transport {
                at,
                span,
                network: Network::Http,
                options: None,
                official: false,
            }));
        }
        transports
    }

    /// The innermost function around a span.
    fn innermost(&self, file: usize, span: Span) -> Option<At> {
        let functions = self.program.units()[file].module.functions.iter().enumerate();
        let around = functions.filter(|(id, function)| *id == 0 || function.span.contains(span));
        around
            .min_by_key(|(_, function)| function.span.end - function.span.start)
            .map(|(function, _)| At { file, function })
    }

    /// The routes that lead to a transport and what stands before it, among the files of its listener.
    pub(super) fn way(&self, transport: &Transport<'a>, listener: Site<'a>) -> Way<'a> {
        let mut way = Way::default();
        let (users, direct) = self.users(transport);
        way.routes.extend(direct);
        self.up(transport.at, users, &mut way);
        let mut after = BTreeSet::new();
        for route in way.routes.clone() {
            for argument in &route.call.arguments {
                let function = super::handed_over(self.program, route.at, &argument.value);
                let is_handler = function.is_some_and(|function| way.handlers.contains(&function));
                if !is_handler && self.program.text(route.at, &argument.value).is_none() {
                    way.before.push((route.at, &argument.value, false));
                }
            }
            after.insert((route.at, route.span.start));
        }
        let paths: Vec<Option<String>> = way.routes.iter().map(|&route| self.path(route)).collect();
        let mut files = self.program.closure(listener.at.file);
        files.extend(self.program.closure(transport.at.file));
        for known in self.calls.iter().filter(|known| files.contains(&known.site.at.file)) {
            let site = known.site;
            if !is_mount(known.written())
                || way.routes.iter().any(|route| route.span == site.span && route.at == site.at)
            {
                continue;
            }
            let mounted = self.path(site);
            let covers = paths.is_empty() || paths.iter().any(|path| covers(mounted.as_deref(), path.as_deref()));
            let late = after.iter().any(|&(at, start)| at == site.at && start < site.span.start);
            if covers && !late {
                let anchors: Vec<Span> =
                    way.routes.iter().filter(|route| route.at == site.at).map(|route| route.span).collect();
                let optional = self.is_conditional(site, &anchors, listener);
                let arguments = site.call.arguments.iter().map(|argument| &argument.value);
                way.before.extend(arguments.map(|argument| (site.at, argument, optional)));
            }
        }
        way
    }

    /// Where a transport that is kept in a variable is used: in closures, and as a handler itself.
    fn users(&self, transport: &Transport<'a>) -> (Vec<At>, Vec<Site<'a>>) {
        let module = self.program.units()[transport.at.file].module;
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for statement in &module.functions[transport.at.function].body {
            kept(statement, transport.span, &mut names);
        }
        if names.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let mut users = Vec::new();
        for (function, definition) in module.functions.iter().enumerate().skip(1) {
            let at = At { file: transport.at.file, function };
            let mut mentioned = false;
            definition.expressions(&mut |e| mentioned |= e.name().is_some_and(|name| names.contains(name)));
            if mentioned && self.around(at).skip(1).any(|around| around == transport.at) {
                users.push(at);
            }
        }
        let handled = |site: &Site<'a>| {
            is_route(site) && site.call.arguments.iter().any(|a| a.value.name().is_some_and(|n| names.contains(n)))
        };
        let direct = self.calls.iter().map(|known| known.site).filter(|site| site.at.file == transport.at.file);
        (users, direct.filter(handled).collect())
    }

    /// Goes up from a transport to the handlers of routes, through closures and callers.
    fn up(&self, start: At, users: Vec<At>, way: &mut Way<'a>) {
        let mut open = users;
        open.insert(0, start);
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if !seen.insert(at) || seen.len() > MAX_FUNCTIONS {
                continue;
            }
            let routes: Vec<Site<'a>> =
                self.taken.get(&at).into_iter().flatten().copied().filter(|site| is_route(site)).collect();
            if at.function != 0 {
                way.handlers.insert(at);
            }
            if !routes.is_empty() {
                way.routes.extend(routes);
                continue;
            }
            open.extend(self.program.callers(at).iter().map(|site| site.at));
            let parent = self.program.function_at(at).parent;
            open.extend(parent.map(|function| At { file: at.file, function }));
        }
        // Without a route the way up ends in what sets everything up: that is no handler.
        if way.routes.is_empty() {
            way.handlers.retain(|at| self.taken.contains_key(at) || self.takes_request(*at));
        } else {
            let reached: BTreeSet<At> = way.handlers.iter().copied().filter(|&at| self.below(at, way)).collect();
            way.handlers = reached;
        }
    }

    /// Whether a function answers requests of the web's kind: `export async function POST(request: Request)`.
    pub(super) fn takes_request(&self, at: At) -> bool {
        let first = self.program.function_at(at).parameters.first();
        let named = |pattern: &Pattern| matches!(pattern, Pattern::Name(name, _) if name == "request" || name == "req");
        let typed = |annotation: &Type| annotation.name.ends_with("Request");
        first.is_some_and(|it| it.annotation.as_ref().map_or_else(|| named(&it.pattern), typed))
    }

    /// Whether a function is a route's handler or stands below one.
    fn below(&self, at: At, way: &Way<'a>) -> bool {
        let is_handler = |at: At| {
            self.taken
                .get(&at)
                .into_iter()
                .flatten()
                .any(|site| way.routes.iter().any(|r| r.at == site.at && r.span == site.span))
        };
        self.around(at).any(is_handler)
            || self.program.callers(at).iter().any(|site| self.around(site.at).any(is_handler))
    }

    /// The path of a route or mount.
    pub(super) fn path(&self, site: Site<'a>) -> Option<String> {
        let first = site.call.positional(0)?;
        self.program.text(site.at, first).filter(|text| text.starts_with('/') || text.starts_with('*'))
    }

    /// Whether an `if` decides on a statement that does not decide on its anchors or on the listener.
    pub(super) fn is_conditional(&self, site: Site<'a>, anchors: &[Span], listener: Site<'a>) -> bool {
        let mut anchors = anchors.to_vec();
        if listener.at == site.at {
            anchors.push(listener.span);
        }
        let mut found = false;
        conditions(&self.program.function_at(site.at).body, &mut |condition, [then, otherwise], span| {
            if !span.contains(site.span) || anchors.iter().any(|&anchor| span.contains(anchor)) {
                return;
            }
            let in_then = then.iter().any(|statement| holds(statement, site.span));
            let other = if in_then { otherwise } else { then };
            let source = self.program.source(site.at.file, condition.span);
            found |= !super::refusal::is_opt_out(source, in_then) && !self.authenticates(site.at, other);
        });
        found && !anchors.is_empty()
    }

    /// Whether statements mount something that authenticates: `else { app.use(jwtAuth) }`.
    fn authenticates(&self, at: At, body: &'a [Statement]) -> bool {
        let mut verdict = Verdict::default();
        for statement in body {
            statement.parts(&mut |part| {
                part.walk(&mut |inner| {
                    let Some(call) = inner.call().filter(|call| is_mount(super::written(call))) else { return };
                    for argument in &call.arguments {
                        self.judge(at, &argument.value, false, &mut verdict);
                    }
                });
            });
        }
        !matches!(verdict.authentication, Protection::Absent | Protection::Disabled(_))
    }
}

/// The names that keep what `span` makes, also wrapped: `const handler = toNode(make())`.
fn kept<'a>(statement: &'a Statement, span: Span, names: &mut BTreeSet<&'a str>) {
    match statement {
        Statement::Let { pattern: Pattern::Name(name, _), value: Some(value), .. } => {
            let mut keeps = false;
            value.walk(&mut |part| keeps |= part.span == span || part.name().is_some_and(|name| names.contains(name)));
            if keeps && !matches!(value.kind, Kind::Function(_)) {
                names.insert(name);
            }
        }
        Statement::If { then, otherwise, .. } => {
            then.iter().chain(otherwise).for_each(|statement| kept(statement, span, names));
        }
        Statement::Block(body) | Statement::Try { body, .. } => {
            body.iter().for_each(|statement| kept(statement, span, names));
        }
        _ => {}
    }
}

/// Whether an expression of a statement contains a place.
fn holds(statement: &Statement, span: Span) -> bool {
    let mut found = false;
    statement.parts(&mut |part| found |= part.span.contains(span));
    found
}

/// All `if` statements: the condition, both branches, the span.
fn conditions<'a>(body: &'a [Statement], visit: &mut dyn FnMut(&'a Expression, [&'a [Statement]; 2], Span)) {
    Statement::each(body, &mut |statement| {
        if let Statement::If { condition, then, otherwise, span } = statement {
            visit(condition, [then, otherwise], *span);
        }
    });
}

/// Calls that bind a path to a handler.
fn is_route(site: &Site<'_>) -> bool {
    let Kind::Member(..) = &site.call.function.kind else {
        return matches!(
            super::written(site.call),
            "createServer" | "serve" | "toNodeHandler" | "getRequestListener" | "toReqRes"
        );
    };
    let word = super::written(site.call);
    matches!(
        word,
        "get"
            | "post"
            | "put"
            | "delete"
            | "all"
            | "route"
            | "options"
            | "patch"
            | "use"
            | "createServer"
            | "serve"
            | "handle"
            | "any"
    )
}

/// Calls that put something before routes.
fn is_mount(word: &str) -> bool {
    matches!(word, "use" | "register" | "addHook" | "registerMiddleware" | "addMiddleware")
}

/// Whether what is mounted at one path stands before a route of another.
fn covers(mounted: Option<&str>, route: Option<&str>) -> bool {
    match (mounted, route) {
        (None, _) | (_, None) => true,
        (Some(mounted), Some(route)) => {
            let mounted = mounted.trim_end_matches('*').trim_end_matches('/');
            route == mounted
                || route.strip_prefix(mounted).is_some_and(|rest| rest.starts_with('/'))
                || mounted.is_empty()
        }
    }
}
