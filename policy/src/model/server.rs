//! `[server]`: how the server is reached.

use std::{fmt, net::SocketAddr, path::PathBuf};

use super::Part;
use crate::{
    checks,
    read::{Field, Reader, Section},
    show::Settings,
    values::{self, Word, boolean, count, word},
};

/// How the server is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Transport {
    /// Standard input and output of a child process.
    Stdio,
    /// Streamable HTTP.
    Http,
    /// One message per line over a UNIX socket, see `[unix]`.
    Unix,
    /// One message per WebSocket message, on the listener of HTTP, see `[websocket]`.
    Websocket,
}

impl Transport {
    /// Whether it is served by the listener of HTTP.
    pub fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Websocket)
    }
}

/// Where HTTP listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Listen {
    /// A network address.
    Address(SocketAddr),
    /// A UNIX socket, relative to the policy file's folder; absolute after loading.
    Socket(PathBuf),
}

impl Listen {
    /// Whether only this machine can reach it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Address(address) => address.ip().is_loopback(),
            Self::Socket(_) => true,
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl<T: Into<SocketAddr>> From<T> for Listen {
    fn from(address: T) -> Self {
        Self::Address(address.into())
    }
}

/// Whether older clients get a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Sessions {
    /// No session is kept: each request stands alone.
    Stateless,
    /// Sessions for clients of 2025-11-25 and earlier, capped in number and bound to their owner.
    Bounded,
}

/// Headers in which a proxy says for whom it speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "kebab-case"))]
pub enum ForwardedBy {
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Word for ForwardedBy {
    const WORDS: &'static [(&'static str, Self)] = &[("x-forwarded", Self::XForwarded), ("forwarded", Self::Forwarded)];
}

/// `[server]`: name, transports and what HTTP accepts.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Server {
    /// Name of the server, for logs and audit.
    pub name: String,
    /// Transports that may be served; at least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("uniqueItems" = true)))]
    pub transports: Vec<Transport>,
    /// Where HTTP and WebSocket listen: an address, or `unix:PATH`. Default `127.0.0.1:8080`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub listen: Listen,
    /// Default stateless.
    pub sessions: Sessions,
    /// Most sessions alive at once with `sessions = "bounded"`. Default 1000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub max_sessions: usize,
    /// Origins accepted beside the server's own. Default none.
    pub allowed_origins: Vec<String>,
    /// Host names accepted beside the listener's own address and loopback names. Default none.
    pub allowed_hosts: Vec<String>,
    /// Addresses or networks (CIDR) of proxies that are believed when they say for whom they speak. Default none.
    pub trusted_proxies: Vec<String>,
    /// Which headers these proxies write; the others come from strangers and are not read. Default x-forwarded.
    pub forwarded: ForwardedBy,
    /// Whether a trusted proxy has to say that its client speaks https. Default true.
    pub require_https: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            name: "mcp-server".to_owned(),
            transports: vec![Transport::Stdio],
            listen: Listen::Address(([127, 0, 0, 1], 8080).into()),
            sessions: Sessions::Stateless,
            max_sessions: 1_000,
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            forwarded: ForwardedBy::XForwarded,
            require_https: true,
        }
    }
}

impl Word for Transport {
    const WORDS: &'static [(&'static str, Self)] =
        &[("stdio", Self::Stdio), ("http", Self::Http), ("unix", Self::Unix), ("websocket", Self::Websocket)];
}

impl Word for Sessions {
    const WORDS: &'static [(&'static str, Self)] = &[("stateless", Self::Stateless), ("bounded", Self::Bounded)];
}

impl Part for Server {
    fn name(&self) -> &'static str {
        "server"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "name", &mut self.name, |reader, field| values::checked(reader, field, checks::name));
        section.set(reader, "transports", &mut self.transports, transports);
        section.set(reader, "listen", &mut self.listen, |reader, field| {
            let text = values::text(reader, field)?;
            if let Some(path) = text.strip_prefix("unix:") {
                let path = checks::path(path).map(|()| Listen::Socket(reader.base.join(path)));
                return path.map_err(|why| field.impossible(reader, why)).ok();
            }
            checks::listen(&text).map(Listen::Address).map_err(|why| field.impossible(reader, why)).ok()
        });
        section.set(reader, "sessions", &mut self.sessions, word);
        section.set(reader, "max_sessions", &mut self.max_sessions, count(1..=1_000_000));
        section.set(reader, "allowed_origins", &mut self.allowed_origins, |reader, field| {
            values::checked_texts(reader, field, checks::origin)
        });
        section.set(reader, "allowed_hosts", &mut self.allowed_hosts, |reader, field| {
            values::checked_texts(reader, field, checks::host)
        });
        section.set(reader, "trusted_proxies", &mut self.trusted_proxies, |reader, field| {
            values::checked_texts(reader, field, checks::network)
        });
        section.set(reader, "forwarded", &mut self.forwarded, word);
        section.set(reader, "require_https", &mut self.require_https, boolean);
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("name", self.name.as_str());
        let transports: Vec<_> = self.transports.iter().map(|transport| transport.as_word().to_owned()).collect();
        settings.add("transports", &transports);
        settings.add("listen", self.listen.to_string().as_str());
        settings.add("sessions", self.sessions.as_word());
        settings.add("max_sessions", self.max_sessions);
        settings.add("allowed_origins", &self.allowed_origins);
        settings.add("allowed_hosts", &self.allowed_hosts);
        settings.add("trusted_proxies", &self.trusted_proxies);
        settings.add("forwarded", self.forwarded.as_word());
        settings.add("require_https", self.require_https);
    }
}

fn transports(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<Transport>> {
    let mut transports = Vec::new();
    let mut whole = true;
    for item in values::items(reader, field, "a list of transports")? {
        match word(reader, &item) {
            Some(transport) if transports.contains(&transport) => {
                item.impossible(reader, "this transport is in the list already");
                whole = false;
            }
            Some(transport) => transports.push(transport),
            None => whole = false,
        }
    }
    if whole && transports.is_empty() {
        field.impossible(reader, "a server without a transport serves nobody; use [\"stdio\"] or [\"http\"]");
    }
    (whole && !transports.is_empty()).then_some(transports)
}
