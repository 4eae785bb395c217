//! The policy as typed sections, one file each: its keys, their defaults, how they are read and how they are shown.
//!
//! A new section is a file here, a field of [`Policy`] and a line in each of its two lists.

mod access;
mod audit;
mod auth;
mod capabilities;
mod doctor;
mod ignored;
mod jwt;
mod limits;
mod log;
mod paths;
mod rate;
mod redact;
mod replay;
mod resilience;
mod secret;
mod server;
mod tls;
mod tools;
mod unix;
mod websocket;

use std::collections::BTreeMap;

use crate::{
    read::{Reader, Section},
    show::Settings,
};

pub use access::{Access, AccessRule};
pub use audit::{Audit, AuditSink, Keep, OnFull, Rotate};
pub use auth::{Auth, Require};
pub use capabilities::Capabilities;
pub use doctor::Doctor;
pub use ignored::Ignored;
pub use jwt::{JwksSource, Jwt, JwtAlgorithm};
pub use limits::Limits;
pub use log::{Log, LogLevel};
pub use paths::Paths;
pub use rate::{Per, RATED_METHODS, RateRule, Rates, Store, StoreUrl, Window};
pub use redact::Redact;
pub use replay::Replay;
pub use resilience::Resilience;
pub use secret::Secret;
pub(crate) use secret::check as check_secret;
pub use server::{ForwardedBy, Listen, Server, Sessions, Transport};
pub use tls::{ClientName, Tls, TlsVersion};
pub use tools::Tool;
pub use unix::Unix;
pub use websocket::WebSocket;

/// The whole policy. Holding one means that every value is possible and enforced by this build.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Policy {
    /// `[server]`: how the server is reached.
    pub server: Server,
    /// `[tls]`: certificates of the server, and of its clients.
    pub tls: Tls,
    /// `[unix]`: UNIX sockets, and whom they let in.
    pub unix: Unix,
    /// `[websocket]`: one message per WebSocket message.
    pub websocket: WebSocket,
    /// `[capabilities]`: what may be announced; the doctor holds the code against it.
    pub capabilities: Capabilities,
    /// `[auth]`: how a network caller proves who it is.
    pub auth: Auth,
    /// `[limits]`: what one call may cost.
    pub limits: Limits,
    /// `[rate]`: how often a client may call.
    pub rate: Rates,
    /// `[resilience]`: what happens when a tool, or what it depends on, fails.
    pub resilience: Resilience,
    /// `[access]`: who may do what; without a rule nothing but handshake, discovery and ping is allowed.
    pub access: Access,
    /// `[paths]`: folders that file tools and resources may read, by name.
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, String>"))]
    pub paths: Paths,
    /// `[redact]`: what must not leave.
    pub redact: Redact,
    /// `[log]`: structured lines on standard error.
    pub log: Log,
    /// `[audit]`: one JSON line per decision.
    pub audit: Audit,
    /// `[doctor]`: what `mcpsec doctor` reads.
    pub doctor: Doctor,
    /// `[tools.NAME]`: limits of one tool.
    pub tools: BTreeMap<String, Tool>,
}

/// One section of the file.
pub(crate) trait Part {
    /// As it is written in brackets.
    fn name(&self) -> &'static str;
    /// Takes over what `section` says, and notes what is wrong with it.
    fn read(&mut self, reader: &mut Reader<'_>, section: Section<'_>);
    /// Says every key with its value.
    fn show(&self, settings: &mut Settings);
}

impl Policy {
    /// Every section, in the order of the documentation.
    pub(crate) fn parts(&self) -> [&dyn Part; 16] {
        [
            &self.server,
            &self.tls,
            &self.unix,
            &self.websocket,
            &self.capabilities,
            &self.auth,
            &self.limits,
            &self.rate,
            &self.resilience,
            &self.access,
            &self.paths,
            &self.redact,
            &self.log,
            &self.audit,
            &self.tools,
            &self.doctor,
        ]
    }

    /// The same, to be read into.
    pub(crate) fn parts_mut(&mut self) -> [&mut dyn Part; 16] {
        [
            &mut self.server,
            &mut self.tls,
            &mut self.unix,
            &mut self.websocket,
            &mut self.capabilities,
            &mut self.auth,
            &mut self.limits,
            &mut self.rate,
            &mut self.resilience,
            &mut self.access,
            &mut self.paths,
            &mut self.redact,
            &mut self.log,
            &mut self.audit,
            &mut self.tools,
            &mut self.doctor,
        ]
    }
}
