//! `[websocket]`: one JSON-RPC message per WebSocket message.

use std::time::Duration;

use super::Part;
use crate::{
    checks,
    read::{Reader, Section},
    show::Settings,
    values::{self, HOUR, duration},
};

/// `[websocket]`: where the transport `websocket` is served, and how long silence may last.
///
/// Messages are bounded by `limits.body`; compression is never agreed upon, so that a small message stays small.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct WebSocket {
    /// Path on the listener of HTTP. Default `/ws`.
    pub path: String,
    /// A client that is silent for so long is pinged, and cut off when it stays silent as long again; its credential
    /// is looked at again then, too. Default 30 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub ping: Duration,
}

impl Default for WebSocket {
    fn default() -> Self {
        Self { path: "/ws".to_owned(), ping: Duration::from_secs(30) }
    }
}

impl Part for WebSocket {
    fn name(&self) -> &'static str {
        "websocket"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "path", &mut self.path, |reader, field| values::checked(reader, field, checks::url_path));
        section.set(reader, "ping", &mut self.ping, duration(Duration::from_millis(100)..=HOUR));
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("path", self.path.as_str());
        settings.add("ping", self.ping);
    }
}
