//! What an HTTP layer tells the pipeline, and what the pipeline tells the HTTP layer.
//!
//! Both travel in the extensions of the request's `http::request::Parts`, which rmcp hands through unchanged.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::HeaderValue;
use mcpsec_policy::Identity;

/// The verified caller of an HTTP request. A request that reaches the pipeline without one is refused.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<Identity>);

impl Caller {
    /// Wraps an identity that was proven.
    pub fn new(identity: Identity) -> Self {
        Self(Arc::new(identity))
    }
}

/// Whose calls come over a connection that is not HTTP, and what carries them.
///
/// The transport puts it into the extensions of each message. A call without one, and without HTTP parts, is nobody's
/// and is refused: a transport that forgets it lets nobody in.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Name of the transport in records: `stdio`, `unix` or `websocket`.
    pub transport: &'static str,
    /// Who is at the other end.
    pub caller: Caller,
}

impl Connection {
    /// The process that started this one, over its standard streams.
    pub fn local() -> Self {
        Self { transport: "stdio", caller: Caller::new(Identity::local()) }
    }
}

/// A refusal that HTTP can say better than JSON-RPC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpRefusal {
    /// 403 (not allowed), 429 (too often) or 503 (busy).
    pub status: u16,
    /// Scopes of which one would have sufficed; for the `insufficient_scope` challenge of a 403. May be empty.
    pub scopes: Vec<String>,
    /// When another try makes sense; for `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// Slot in the request's extensions through which a refusal made inside becomes an HTTP status outside.
///
/// The layer inserts an empty one before it calls rmcp and looks into it when the answer starts.
#[derive(Clone, Debug, Default)]
pub struct RefusalSlot(Arc<Slots>);

#[derive(Debug, Default)]
struct Slots {
    refusal: OnceLock<HttpRefusal>,
    quota: OnceLock<Quota>,
}

#[cfg_attr(not(feature = "http"), allow(dead_code))] // only HTTP has headers
/// What a caller may still do, as headers say it (draft-ietf-httpapi-ratelimit-headers).
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    /// `RateLimit-Policy`.
    pub(crate) policy: HeaderValue,
    /// `RateLimit`.
    pub(crate) state: HeaderValue,
}

impl RefusalSlot {
    /// The refusal, if the pipeline made one.
    pub fn get(&self) -> Option<&HttpRefusal> {
        self.0.refusal.get()
    }

    /// Leaves a refusal for the layer outside. The first one counts.
    pub(crate) fn set(&self, refusal: HttpRefusal) {
        let _ = self.0.refusal.set(refusal);
    }

    /// What the caller may still do, if the pipeline came to judge it.
    #[cfg(feature = "http")]
    pub(crate) fn quota(&self) -> Option<&Quota> {
        self.0.quota.get()
    }

    /// Leaves what the caller may still do.
    pub(crate) fn set_quota(&self, quota: Quota) {
        let _ = self.0.quota.set(quota);
    }
}
