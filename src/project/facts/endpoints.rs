//! Where a server listens on a network, who can connect, and what protects it.

use crate::finding::Place;

/// What protects something, as far as it could be seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Protection {
    /// In force, from here.
    Present(Place),
    /// There, and off unless somebody turns it on: an optional token, a flag with an unsafe default.
    Optional(Place),
    /// Switched off in so many words.
    Disabled(Place),
    /// Nothing was found.
    Absent,
    /// Something is there that could not be judged.
    Unknown(String),
}

/// Who can connect to an endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bind {
    /// This machine only.
    Loopback,
    /// Every interface, in so many words or by default.
    All,
    /// Loopback unless configuration says otherwise.
    ConfiguredLoopback,
    /// Every interface unless configuration says otherwise.
    ConfiguredAll,
    /// Some other fixed address.
    Address(String),
    /// Not decided here.
    Unknown,
}

/// Which network transport.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Network {
    /// Streamable HTTP.
    Http,
    /// The older HTTP with server-sent events.
    Sse,
    /// WebSocket.
    WebSocket,
}

/// A place where a server starts to listen.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where it starts to listen.
    pub place: Place,
    /// How it is reached.
    pub network: Network,
    /// Who can connect.
    pub bind: Bind,
    /// Where the address is written; the listen call where it is not.
    pub bind_place: Place,
    /// Callers prove who they are.
    pub authentication: Protection,
    /// Host and Origin are checked.
    pub host_check: Protection,
    /// Where the transport or route is made: what is missing there is reported there.
    pub route: Place,
    /// Calls are limited.
    pub rate_limit: Protection,
}

/// A cross-origin permission.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Where.
    pub place: Place,
    /// Any origin is allowed, or the caller's is echoed.
    pub any_origin: bool,
    /// Cookies and authorization are allowed with it.
    pub credentials: bool,
    /// It covers only metadata documents.
    pub metadata_only: bool,
}

/// A limiter.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// Where it is made.
    pub place: Place,
    /// Why it does not limit, where that is so.
    pub weakness: Option<String>,
}
