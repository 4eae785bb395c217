//! Where a program starts to listen on a network.

use super::{
    super::{Bind, Network},
    Known, Scan, sdk,
};
use crate::{
    finding::Place,
    project::{
        program::{At, Site},
        syntax::{Expression, Kind, Record, Span},
    },
};

/// A listening call.
#[derive(Debug)]
pub(super) struct Listener<'a> {
    pub(super) site: Site<'a>,
    /// What listens, where it is an object.
    pub(super) app: Option<&'a Expression>,
    pub(super) bind: Bind,
    pub(super) bind_place: Place,
    /// An SDK's own listener: transport and options in one.
    pub(super) framework: Option<Framework<'a>>,
}

/// What an SDK's listener is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framework<'a> {
    pub(super) network: Network,
    pub(super) at: At,
    pub(super) options: &'a Record,
}

/// Packages whose `listen` binds every interface where no host is given.
const NODE_LIKE: &[&str] =
    &["express", "http", "https", "http2", "koa", "polka", "connect", "restify", "@tinyhttp/app", "@koa/router"];

impl<'a> Scan<'_, 'a> {
    pub(super) fn listeners(&self) -> Vec<Listener<'a>> {
        self.calls.iter().filter_map(|known| self.listener(known)).collect()
    }

    fn listener(&self, known: &Known<'a>) -> Option<Listener<'a>> {
        let Site { at, call, span } = known.site;
        let symbol = known.symbol();
        if let Kind::Member(app, method) = &call.function.kind
            && method.value == "listen"
        {
            return self.listening(known, app);
        }
        let all = matches!(symbol, "Bun.serve" | "Deno.serve");
        let node = symbol.starts_with("@hono/node-server") && matches!(known.last(), "serve" | "createAdaptorServer");
        if all || node {
            let (owner, options) = self.record_among(at, call.arguments.iter().map(|a| &a.value))?;
            let host = options.get("hostname").or(options.get("host"));
            let (bind, bind_place) = self.host(owner, host, &Bind::All, at, span);
            return Some(Listener { site: known.site, app: None, bind, bind_place, framework: None });
        }
        self.framework(known)
    }

    fn record_among(&self, at: At, values: impl Iterator<Item = &'a Expression>) -> Option<(At, &'a Record)> {
        values.into_iter().find_map(|value| {
            let (owner, value) = self.program.value(at, value);
            Some((owner, value.record()?))
        })
    }

    fn host(&self, owner: At, host: Option<&'a Expression>, missing: &Bind, at: At, call: Span) -> (Bind, Place) {
        match host {
            Some(host) => {
                let (at, written) = self.program.origin(owner, host);
                (self.bind(owner, host, missing), self.place(at, written))
            }
            None => (missing.clone(), self.program.place(at.file, call)),
        }
    }

    /// `app.listen(port, host, callback)`, `server.listen({ port, host })`
    fn listening(&self, known: &Known<'a>, app: &'a Expression) -> Option<Listener<'a>> {
        let Site { at, call, span } = known.site;
        let symbol = self.program.symbol(at, app);
        let package = symbol.as_deref().map(sdk::package).unwrap_or_default();
        let fastify = package.contains("fastify") && !package.starts_with('@');
        let official =
            symbol.as_deref().is_some_and(|s| s.contains("createMcpExpressApp") || s.contains("createMcpFastifyApp"));
        let node = NODE_LIKE.contains(&package) || official;
        if !fastify && !node && !self.sounds_like_server(at, app, symbol.as_deref()) {
            return None;
        }
        let missing = if fastify || symbol.as_deref().is_some_and(|s| s.contains("createMcpFastifyApp")) {
            Bind::Loopback
        } else {
            Bind::All
        };
        let here = self.program.place(at.file, span);
        let is_callback = |value: &'a Expression| super::handed_over(self.program, at, value).is_some();
        let spread = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
        let first = call.positional(0);
        let options = first.and_then(|first| self.record_among(at, std::iter::once(first)));
        let (bind, bind_place) = match (options, call.positional(1)) {
            _ if spread => (Bind::Unknown, here),
            (Some((_, options)), _) if options.get("path").is_some() && options.get("port").is_none() => {
                (Bind::Loopback, here)
            }
            (Some((owner, options)), _) => {
                self.host(owner, options.get("host").or(options.get("hostname")), &missing, at, span)
            }
            (None, _)
                if first
                    .and_then(|first| self.program.text(at, first))
                    .is_some_and(|text| text.contains(['/', '\\'])) =>
            {
                (Bind::Loopback, here)
            }
            // A socket or options that are computed.
            (None, None) if first.is_some_and(|first| matches!(first.kind, Kind::Name(_)) && computed(first)) => {
                (Bind::Unknown, here)
            }
            (None, Some(host)) if !is_callback(host) => self.host(at, Some(host), &missing, at, span),
            _ => (missing, here),
        };
        Some(Listener { site: known.site, app: Some(app), bind, bind_place, framework: None })
    }

    /// An unresolved object that is called like a server. What is resolved to something else is none.
    fn sounds_like_server(&self, at: At, app: &'a Expression, symbol: Option<&str>) -> bool {
        let known = symbol.is_some_and(|symbol| symbol.contains(['/', '.', '(']));
        if known
            || self.program.thing(at, app).is_some_and(|t| matches!(t, crate::project::program::Thing::Instance(..)))
        {
            return false;
        }
        let name = match &app.kind {
            Kind::Name(name) => name.as_str(),
            Kind::Member(_, name) => name.value.as_str(),
            _ => "",
        };
        let lower = name.to_ascii_lowercase();
        ["app", "server", "fastify"].iter().any(|word| lower.ends_with(word))
    }

    /// `new FastMCP(..).start({ transportType: "httpStream" })`, `new MCPServer({ transport: { type: "http-stream" } })`,
    /// `new HttpTransport({ host, port })` of other SDKs.
    fn framework(&self, known: &Known<'a>) -> Option<Listener<'a>> {
        let Site { at, call, span } = known.site;
        if known.written() != "start" && !call.construction {
            return None;
        }
        let (owner, options) = self.record_among(at, call.arguments.iter().map(|a| &a.value))?;
        let nested = |owner: At, record: &'a Record, key: &str| {
            let (owner, value) = self.program.value(owner, record.get(key)?);
            Some((owner, value.record()?))
        };
        let text = |owner: At, record: &'a Record, key: &str| self.program.text(owner, record.get(key)?);
        let network = |word: &str| match word {
            "httpStream" | "http-stream" | "http" | "streamable-http" | "streamableHttp" => Some(Network::Http),
            "sse" => Some(Network::Sse),
            "websocket" | "ws" => Some(Network::WebSocket),
            _ => None,
        };
        let (network, owner, settings, options) = if known.written() == "start" {
            let Kind::Member(receiver, _) = &call.function.kind else { return None };
            self.server_kind(at, receiver).filter(|kind| !kind.is_official())?;
            let network = network(&text(owner, options, "transportType")?)?;
            let inner = nested(owner, options, "httpStream").or(nested(owner, options, "sse"));
            let (inner_owner, settings) = inner.unwrap_or((owner, options));
            (network, inner_owner, settings, options)
        } else if call.construction && sdk::Kind::of(known.symbol()).is_some_and(|kind| !kind.is_official()) {
            let (owner, transport) = nested(owner, options, "transport")?;
            let network = network(&text(owner, transport, "type")?)?;
            let (owner, settings) = nested(owner, transport, "options").unwrap_or((owner, transport));
            (network, owner, settings, settings)
        } else {
            let last = known.last().to_ascii_lowercase();
            let other = call.construction
                && sdk::is_sdk(known.symbol())
                && !known.symbol().starts_with("@modelcontextprotocol/");
            let is_http = last.ends_with("httptransport")
                || last.ends_with("sseservertransport")
                || last.ends_with("httpservertransport");
            if !other
                || !is_http
                || (options.get("host").is_none() && options.get("port").is_none())
                || last.contains("client")
            {
                return None;
            }
            (if last.contains("sse") { Network::Sse } else { Network::Http }, owner, options, options)
        };
        let host = settings.get("host").or(settings.get("hostname"));
        let (bind, bind_place) = self.host(owner, host, &Bind::Unknown, at, span);
        let framework = Some(Framework { network, at: owner, options });
        Some(Listener { site: known.site, app: None, bind, bind_place, framework })
    }
}

/// A name that sounds like options rather than like a port.
fn computed(first: &Expression) -> bool {
    first.name().is_some_and(|name| {
        ["options", "opts", "config", "socket", "path"].iter().any(|word| name.to_ascii_lowercase().ends_with(word))
    })
}
